"""The catalogue of metrics: every one that a service exposes, with a sentence for who operates it.

Label values come from lists in the code, never from records: topics and partitions, reasons, lanes. So the number of
time series is bounded. The service itself is the scrape target, and no label.
"""

from prometheus_client import Counter, Gauge, Histogram

_TRANSACTION_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_READ_SECONDS = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
_LATE_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0)
_BATCH_RECORDS = (1, 10, 100, 500, 1_000, 5_000, 20_000)

RECORDS_IN = Counter(
    "staydown_records_in_total",
    "Records taken from a topic. Flat while the lag grows: the service is stuck.",
    ["topic"],
)
RECORDS_OUT = Counter(
    "staydown_records_out_total", "Records written and acknowledged, the changelog's among them.", ["topic"]
)
DEAD_LETTERS = Counter(
    "staydown_dead_letters_total",
    "Records that could not be read and went to `<topic>.<service>.dead`. A rising share of records in means that a "
    "producer sends something else than the contract says; `staydown dlq list` shows what.",
    ["topic"],
)
LAG_RECORDS = Gauge(
    "staydown_lag_records",
    "Records of a partition that wait to be taken; of a broadcast, all that wait for the unit of that number. Growing: "
    "add members, unless it is a broadcast, which each unit reads whole.",
    ["topic", "partition"],
)
RECORDS_EXPIRED = Counter(
    "staydown_records_expired_total",
    "Records that retention removed before they were taken. More than 0: the service was down for longer than the "
    "topic is kept; those who ask will ask again, so verdicts come late.",
    ["topic"],
)
IN_FLIGHT_RECORDS = Gauge("staydown_in_flight_records", "Records taken whose outcome is not yet written.")

BATCH_RECORDS = Histogram("staydown_batch_records", "Records decided in one batch.", buckets=_BATCH_RECORDS)
TRANSACTION_SECONDS = Histogram(
    "staydown_transaction_seconds",
    "From the begin of a transaction to its commit. Above 1 s the brokers are in trouble.",
    buckets=_TRANSACTION_SECONDS,
)
UNITS_ASSIGNED = Gauge("staydown_units_assigned", "Partition numbers that this process serves now.")
UNITS_STOPPED = Gauge(
    "staydown_units_stopped", "Units that stand still because a record could not be decided. Not 0: alarm, our bug."
)
RESTORES = Counter("staydown_restores_total", "Times that the state of a unit was read back from the changelog.")
RESTORED_RECORDS = Counter(
    "staydown_restored_records_total",
    "Records of the changelog read for that. As many as there are at every start: what is on disk does not serve, and "
    "the log says state_discarded, and why.",
)
RESTORE_SECONDS = Histogram(
    "staydown_restore_seconds", "How long it took to read the state of a unit back.", buckets=_LATE_SECONDS
)
STATE_ENTRIES = Gauge("staydown_state_entries", "Entries in the state of a unit.", ["partition"])
STATE_UNWRITTEN = Gauge(
    "staydown_state_unwritten",
    "Entries in the state of a unit that are not on disk yet; after a kill they are read from the changelog.",
    ["partition"],
)
TIMER_LATE_SECONDS = Histogram(
    "staydown_timer_late_seconds", "How much later than asked for a timer was served.", buckets=_LATE_SECONDS
)

ARCHIVE_LATE_SECONDS = Gauge(
    "staydown_archive_late_seconds",
    "How old the oldest record was of the last batch that was written into the readable record; 0 when nothing waits. "
    "Above 2 s while it does not fall: the database is slow, or there is more than one archivist writes.",
)
ARCHIVE_BATCH_SECONDS = Histogram(
    "staydown_archive_batch_seconds",
    "How long a batch took to be written. Above 1 s the database is in trouble.",
    buckets=_TRANSACTION_SECONDS,
)

READS = Counter(
    "staydown_reads_total",
    "Files asked for, by what came of it: CONTENT, CLAIMED (taken unread) or the reason of the failure. Many "
    "UNREACHABLE or TIMED_OUT: the storage is in trouble. Many NOT_ALLOWED: STAYDOWN_MEDIA_ROOTS, or an attack. Many "
    "BUSY: more waits than one hasher reads, so add members.",
    ["outcome"],
)
READ_BYTES = Counter("staydown_read_bytes_total", "Bytes read and hashed.")
READ_SECONDS = Histogram(
    "staydown_read_seconds", "From the open of a file to its digest.", ["lane"], buckets=_READ_SECONDS
)
READS_WAITING = Gauge(
    "staydown_reads_waiting", "Reads that wait for a thread. Growing: storage or cores do not suffice.", ["lane"]
)
THREADS_ABANDONED = Counter(
    "staydown_threads_abandoned_total",
    "Threads left behind in a read that did not return. More than a few: dead storage.",
    ["lane"],
)

SOURCE_READS = Counter(
    "staydown_source_reads_total",
    "Reads from elsewhere by scheme and by what came of it. Many NOT_ALLOWED: STAYDOWN_HTTP_HOSTS or "
    "STAYDOWN_STORE_BUCKETS lacks a name, or somebody tries what they should not.",
    ["scheme", "outcome"],
)
SOURCE_ERRORS = Counter(
    "staydown_source_errors_total",
    "Times that a source refused, reset, cut off or was overloaded, those that resuming got over among them.",
    ["scheme"],
)
SOURCE_RESUMES = Counter(
    "staydown_source_resumes_total",
    "Reads that went on after a dropped connection, or began again. Rising: a bad line or a bad source.",
    ["scheme"],
)
SOURCES_PAUSED = Gauge(
    "staydown_sources_paused",
    "Hosts and buckets that are left alone now because they failed again and again. Not 0: a source is down; its "
    "uploads are UNSCANNED, and no others.",
    ["scheme"],
)

PAGES = Counter(
    "staydown_pages_total",
    "Pages of the console by route and kind of answer. Many 4xx of /sign-in: somebody tries. 5xx: the log says why.",
    ["page", "answer"],
)
PAGE_SECONDS = Histogram(
    "staydown_page_seconds",
    "From a request to the begin of its answer. Above 0.2 s the archive is in trouble.",
    ["page"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0),
)
LIVE_READERS = Gauge("staydown_live_readers", "Pages of the console that are kept up to date at the moment.")
