"""The catalogue of metrics: every one that a service exposes, with a sentence for who operates it.

Label values come from lists in the code, never from records: topics and partitions, reasons, lanes. So the number of
time series is bounded. The service itself is the scrape target, and no label. `.github/METRICS.md` is drawn from here.
Histograms have a boundary at each objective.
"""

import os
import time
from collections.abc import Mapping
from importlib.metadata import version

from prometheus_client import Counter, Gauge, Histogram, Info

from services.contracts.measured import Measure

_VERDICT_SECONDS = (0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 600.0)
_ENFORCED_SECONDS = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
_RECORD_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 300.0)
_TRANSACTION_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_READ_SECONDS = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
_LATE_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0)
_BATCH_RECORDS = (1, 10, 100, 500, 1_000, 5_000, 20_000)

OUTCOMES = ("committed", "aborted", "fenced")
"""What can become of a transaction."""

SCHEMES = ("http", "https", "s3", "gs", "az")
"""Where else than in files what is read can lie."""

BUILD = Info("staydown_build", "The version that runs, and the revision of its source if STAYDOWN_REVISION says it.")
BUILD.info({"version": version("staydown"), "revision": os.environ.get("STAYDOWN_REVISION", "")})

CLOCK_SECONDS = Gauge(
    "staydown_clock_seconds",
    "The clock of the service, in seconds since 1970, when it was asked. More than 2 s away from that: its deadlines "
    "and latencies are wrong.",
)
CLOCK_SECONDS.set_function(time.time)

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
    "Records of a partition that are not yet served; of a broadcast, all that wait for the unit of that number. "
    "Growing: add members, unless it is a broadcast, which each unit reads whole.",
    ["topic", "partition"],
)
LAG_SECONDS = Gauge(
    "staydown_lag_seconds",
    "Age of the oldest record of a partition that is not yet served, by the time that the record bears; where none has "
    "been fetched yet, how long it has been seen to wait; of a unit that reads its state back, how long it has had to. "
    "Told every second, also of a unit that is stopped or is being assigned anew, and of what waits behind somebody's "
    "open transaction. Growing: the service stands still or is too slow, though it may look busy. Of the hasher a slow "
    "read counts until it is over.",
    ["topic", "partition"],
)
RECORD_SECONDS = Histogram(
    "staydown_record_seconds",
    "From the time that a record bears until all that it led to is committed, for the oldest of each batch and topic: "
    "what a service adds to the way of a record at the worst. Of the archivist: until it is in the readable record.",
    ["topic"],
    buckets=_RECORD_SECONDS,
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
TRANSACTIONS = Counter(
    "staydown_transactions_total",
    "Transactions by what became of them. One that does not commit ends the process, which says so after its next "
    "start, if STAYDOWN_STATE_DIR is set. fenced: another process took the unit over, as after a freeze; aborted: a "
    "broker or a client failed, and nothing of it is anywhere. More than one now and then: look at the brokers.",
    ["outcome"],
)
REBALANCE_SECONDS = Histogram(
    "staydown_rebalance_seconds",
    "From letting go of partitions, or the start, to the next assignment; reading state back comes on top. Often or "
    "long: members come and go, or one does not answer.",
    buckets=_LATE_SECONDS,
)
UNITS_ASSIGNED = Gauge("staydown_units_assigned", "Partition numbers that this process serves now.")
UNITS_STOPPED = Gauge(
    "staydown_units_stopped",
    "Units that stand still because more keys could not be decided than can be set aside, or a record's key could not "
    "be read. Not 0: alarm, our bug.",
)
DECIDE_ERRORS = Counter(
    "staydown_decide_errors_total",
    "Records, or timers, of which what was decided could not be said or written, by topic; the key of each was set "
    "aside. The log says "
    "key_quarantined, and why.",
    ["topic"],
)
QUARANTINED_KEYS = Gauge(
    "staydown_quarantined_keys",
    "Keys that are set aside because a record of theirs could not be decided; what comes for them waits in order. Not "
    "0: alarm, our bug; what waits is tried again at each start, so start the version that mends it.",
    ["partition"],
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
STATE_BYTES = Gauge(
    "staydown_state_bytes",
    "Size of the state of a unit: keys and entries in memory; on disk, what the database estimates, and what is not "
    "written yet. Disk and memory should have twice as much.",
    ["partition"],
)
STATE_UNWRITTEN = Gauge(
    "staydown_state_unwritten",
    "Entries in the state of a unit that are not on disk yet; after a kill they are read from the changelog.",
    ["partition"],
)
TIMER_LATE_SECONDS = Histogram(
    "staydown_timer_late_seconds", "How much later than asked for a timer was served.", buckets=_LATE_SECONDS
)

VERDICT_SECONDS = Histogram(
    "staydown_verdict_seconds",
    "From the time at which Kafka took a submission to the commit of its first verdict (enforcer). Half within 0.15 s, "
    "99 of 100 within 1 s. Slower: the lag of hasher, enforcer and matcher says where.",
    buckets=_VERDICT_SECONDS,
)
VERDICTS = Counter(
    "staydown_verdicts_total",
    "Verdicts said, revisions included (enforcer). Many UNSCANNED: storage or hasher; `staydown_reads_total` says why.",
    ["verdict"],
)
REFUSALS = Counter(
    "staydown_refusals_total",
    "Staydown: uploads blocked on arrival, before anybody saw them (enforcer). None for long while there are uploads: "
    "see whether the canary is refused.",
)
TAKEDOWNS = Counter(
    "staydown_takedowns_total",
    "Takedowns issued, one for each upload and work, by basis (enforcer). A sudden many of basis NOTICE: who "
    "registered what is popular?",
    ["basis"],
)
REINSTATEMENTS = Counter(
    "staydown_reinstatements_total",
    "Takedowns that ended: released, settled, licensed, or lost in a dispute (enforcer).",
)
ENFORCED_SECONDS = Histogram(
    "staydown_enforced_seconds",
    "From the time at which Kafka took a registration until every copy that was there has been told (registry), but "
    "for those that a person had to approve. 1.5 s for 1,000 copies. Slower: the lag of registry and matcher, or so "
    "many copies that their round takes long.",
    buckets=_ENFORCED_SECONDS,
)
UNSCANNED_OLDEST_SECONDS = Gauge(
    "staydown_unscanned_oldest_seconds",
    "How long the oldest upload of a unit has been UNSCANNED while it is tried again, to the minute; 0: there is none. "
    "Above 20 minutes: nobody answers its reads (hasher).",
    ["partition"],
)
HOLDS_WAITING = Gauge(
    "staydown_holds_waiting",
    "Uploads (enforcer) and registrations (registry) that wait for a person. Growing: too few reviewers, or a newcomer "
    "who registers much.",
    ["partition"],
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

FINGERPRINTS = Counter(
    "staydown_fingerprints_total",
    "Samples of chunks taken of what was read, by which likenesses are found (hasher).",
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
    "uploads are UNSCANNED, and no others; the log names it, source_paused.",
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

COUNTED: Mapping[Measure, Counter] = {
    Measure.DECIDED: VERDICTS,
    Measure.REFUSED: REFUSALS,
    Measure.TAKEN_DOWN: TAKEDOWNS,
    Measure.REINSTATED: REINSTATEMENTS,
}
"""What the measures of decisions are counted as."""
TIMED: Mapping[Measure, Histogram] = {Measure.ANSWERED: VERDICT_SECONDS, Measure.ENFORCED: ENFORCED_SECONDS}
"""And what those are that are timed."""
