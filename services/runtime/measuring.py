"""What is measured of one unit: what it takes and writes, how its state stands, and how old the oldest that waits is.

Counted only after a commit, so that what is decided again counts once. What is a state and no event is looked at when
somebody asks, or every second, whether the unit goes on or stands still.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import structlog
from prometheus_client import Gauge

from services.contracts.measured import Measure, Measured, Tally
from services.runtime.changelog import UnitRecord
from services.runtime.deciding import Turn
from services.runtime.inbox import Record
from services.runtime.metrics import (
    BATCH_RECORDS,
    COUNTED,
    DEAD_LETTERS,
    DECIDE_ERRORS,
    HOLDS_WAITING,
    LAG_RECORDS,
    LAG_SECONDS,
    QUARANTINED_KEYS,
    RECORD_SECONDS,
    RECORDS_IN,
    RESTORE_SECONDS,
    RESTORES,
    STATE_BYTES,
    STATE_ENTRIES,
    STATE_UNWRITTEN,
    TIMED,
    UNSCANNED_OLDEST_SECONDS,
)
from services.runtime.quarantine import keys_aside
from services.runtime.spans import Span
from services.runtime.store import Store
from services.runtime.tallying import count, oldest_ms


class Standing(NamedTuple):
    """How a unit stands; `now`: seconds since the epoch by the clock by which deadlines are met."""

    store: Store
    own: UnitRecord
    now: float


BY_PARTITION = (QUARANTINED_KEYS, STATE_BYTES, STATE_ENTRIES, STATE_UNWRITTEN, UNSCANNED_OLDEST_SECONDS, HOLDS_WAITING)

log = structlog.get_logger()


class Measuring:
    """The measures of one unit."""

    def __init__(self, partition: int) -> None:
        self._partition = partition

    def restored(self, begun: float) -> None:
        """Count that the state has been read back since `begun`, by the performance counter."""
        RESTORES.inc()
        RESTORE_SECONDS.observe(time.perf_counter() - begun)

    def committed(self, turn: Turn, records: Sequence[Record]) -> None:
        """Count what a transaction was about."""
        now = time.time()
        BATCH_RECORDS.observe(len(records))
        for topic, (first, number) in _by_topic(records).items():
            RECORDS_IN.labels(topic).inc(number)
            RECORD_SECONDS.labels(topic).observe(max(0.0, now - first.timestamp / 1000))
        _count(turn.measured, now)
        for span in turn.spans:
            span.end()
        for poison in turn.poison:
            DECIDE_ERRORS.labels(poison.topic).inc()
            log.critical(
                "key_quarantined",
                topic=poison.topic,
                partition=self._partition,
                offset=poison.offset,
                exc_info=poison.without_words(),
            )
        for record, letter in turn.letters:
            DEAD_LETTERS.labels(record.topic).inc()
            log.warning(
                "dead_letter",
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                reason=letter.reason,
            )

    def watch(self, look: Callable[[], Standing]) -> None:
        """Show, whenever somebody asks, how the state stands then."""

        def unscanned_seconds() -> float:
            standing = look()
            since = oldest_ms(standing.own.tallies, Tally.UNSCANNED)
            return 0.0 if since is None else max(0.0, standing.now - since / 1000)

        shown: dict[Gauge, Callable[[], float]] = {
            QUARANTINED_KEYS: lambda: len(keys_aside(look().store)),
            STATE_ENTRIES: lambda: len(look().store),
            STATE_BYTES: lambda: look().store.size_bytes,
            STATE_UNWRITTEN: lambda: look().store.lag,
            HOLDS_WAITING: lambda: count(look().own.tallies, Tally.HELD),
            UNSCANNED_OLDEST_SECONDS: unscanned_seconds,
        }
        for metric, ask in shown.items():
            metric.labels(self._partition).set_function(ask)

    def forget(self) -> None:
        """Show nothing more."""
        for metric in BY_PARTITION:
            metric.remove(str(self._partition))


class Lag:
    """How far one unit, or member, is behind in one partition of a topic, or in all of a broadcast."""

    def __init__(self, topic: str, partition: int, clock: Callable[[], float] = time.time) -> None:
        self._labels = (topic, str(partition))
        self._clock = clock
        self._made = clock()
        self._at = 0
        self._waits: tuple[int, float] | None = None
        """Up to which place something waits, and since when."""
        self._is_gone = False

    def show(self, at: int, end: int | None, oldest_ms: int | None = None) -> None:
        """Show that the next record to be served is at `at` and the last before `end`, which may be unknown.

        `oldest_ms`: the time that the next record bears, if it is here. If not, it bears what it did when it was, or
        has waited since its end was seen.
        """
        # Markers of transactions are passed only while something is fetched, and that may be over.
        self._at = at = max(at, self._at)
        if oldest_ms is not None:
            self._waits = (at + 1, oldest_ms / 1000)
        elif end is not None and at >= end:
            self._waits = None
        elif end is not None and (self._waits is None or at >= self._waits[0]):
            self._waits = (end, self._clock())
        if end is not None:
            self._set(LAG_RECORDS, end - at)
        if self._waits is not None:
            self._set(LAG_SECONDS, self._clock() - self._waits[1])
        elif end is not None:
            self._set(LAG_SECONDS, 0)

    def show_unread(self) -> None:
        """Show that it is not known yet where this stands: since this was made nothing goes on."""
        self._set(LAG_SECONDS, self._clock() - self._made)

    def forget(self) -> None:
        """Show nothing more, whoever still asks for it."""
        self._is_gone = True
        for metric in (LAG_RECORDS, LAG_SECONDS):
            metric.remove(*self._labels)

    def _set(self, metric: Gauge, value: float) -> None:
        if not self._is_gone:
            metric.labels(*self._labels).set(max(0.0, value))


def _by_topic(records: Sequence[Record]) -> Mapping[str, tuple[Record, int]]:
    """Return for each topic its first record and how many there are."""
    found: dict[str, tuple[Record, int]] = {}
    for record in records:
        known = found.get(record.topic)
        found[record.topic] = (record, 1) if known is None else (known[0], known[1] + 1)
    return found


def _count(measured: Sequence[tuple[Measured, Span | None]], now: float) -> None:
    """Count facts; those that are only counted all at once, since asking for a metric takes longer than adding up."""
    numbers: dict[tuple[Measure, str], int] = {}
    for each, span in measured:
        if each.measure not in TIMED:
            numbers[each.measure, each.value] = numbers.get((each.measure, each.value), 0) + 1
        elif each.since:
            exemplar = None if span is None else {"trace_id": span.trace_id}
            TIMED[each.measure].observe(max(0.0, now - each.since / 1000), exemplar)
    for (measure, value), number in numbers.items():
        (COUNTED[measure].labels(value) if value else COUNTED[measure]).inc(number)
