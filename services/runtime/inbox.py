"""What one unit has been given and has not yet decided: records by topic, in the order of the processor's inputs.

Promises: bounded by records and bytes per topic (who fills it asks `is_full` and pauses that topic); each topic in
its order; no topic waits for ever behind another.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from services.runtime.intake import size_of
from services.runtime.sizing import BATCH_RECORDS_MAX

# Some 10 ms of deciding: units of a process wait for one another, and whoever is in front meets the enforcer twice.
# With 300, others' p99 beside a hot key was 1.4 s, and no more copies a second came down than with this (`hotkey`).
BACKGROUND_RECORDS_MAX = 100
# Two batches: one can be decided while the next is fetched.
TOPIC_RECORDS_MAX = 2 * BATCH_RECORDS_MAX
# A fetch brings up to 1 MiB more, so that a batch of four topics holds 12 MiB of input at the very most.
TOPIC_BYTES_MAX = 2 * 1024 * 1024
# What is to be decided grows with the bytes: 24 of the largest samples, which take a second. Of ordinary records it is
# a whole batch.
BATCH_BYTES_MAX = 2 * 1024 * 1024

Record = Any
"""A record as the Kafka client gives it."""


class Inbox:
    """The waiting records of one unit."""

    def __init__(
        self, topics: Sequence[str], batch_records: int = BATCH_RECORDS_MAX, background: Sequence[str] = ()
    ) -> None:
        self._batch_records = batch_records
        self._background = frozenset(background)
        self.gives_way = False
        """Whether a batch holds little of what is in the background, since others are there."""
        self._waiting: dict[str, list[Record]] = {topic: [] for topic in topics}
        self._bytes = dict.fromkeys(topics, 0)
        self.arrived = asyncio.Event()
        """Set while there is anything."""
        self.filled = asyncio.Event()
        """Set while there is a whole batch."""

    def put(self, topic: str, records: Sequence[Record]) -> None:
        """Add records that follow those that are there."""
        self._waiting[topic] += records
        self._bytes[topic] += sum(map(size_of, records))
        self._tell()

    def resize(self, batch_records: int) -> None:
        """Make batches of so many records from now on."""
        self._batch_records = batch_records
        self._tell()

    def take(self, ends: Mapping[str, int] | None = None) -> list[Record]:
        """Return the next batch; of each topic only what lies before its end if `ends` is given, none without one."""
        ready = {
            topic: len(waiting) if ends is None else _count_before(waiting, ends.get(topic, 0))
            for topic, waiting in self._waiting.items()
        }
        counts = shares({topic: self._up_to(topic, count) for topic, count in ready.items()}, self._batch_records)
        if sum(self._bytes.values()) > BATCH_BYTES_MAX:
            counts = self._within(counts, BATCH_BYTES_MAX)
        taken = [record for topic in self._waiting for record in self._remove(topic, counts[topic])]
        self._tell()
        return taken

    def has_foreground(self) -> bool:
        """Tell whether anything waits that is not in the background."""
        return any(waiting for topic, waiting in self._waiting.items() if topic not in self._background)

    def ends(self) -> dict[str, int]:
        """Return for each topic the offset after its last waiting record; topics with nothing waiting are left out."""
        return {topic: waiting[-1].offset + 1 for topic, waiting in self._waiting.items() if waiting}

    def has_before(self, topic: str, end: int) -> bool:
        """Tell whether a record before the offset `end` waits."""
        waiting = self._waiting[topic]
        return bool(waiting) and waiting[0].offset < end

    def oldest_ms(self, topic: str) -> int | None:
        """Return the time that the first waiting record of the topic bears, or None."""
        waiting = self._waiting[topic]
        return int(waiting[0].timestamp) if waiting else None

    def is_empty(self, topic: str) -> bool:
        """Tell whether nothing of the topic waits."""
        return not self._waiting[topic]

    def is_full(self, topic: str) -> bool:
        """Tell whether no more of the topic should be fetched."""
        return len(self._waiting[topic]) >= TOPIC_RECORDS_MAX or self._bytes[topic] >= TOPIC_BYTES_MAX

    def has_room(self, topic: str) -> bool:
        """Tell whether fetching should go on: early enough that the next records come before these are decided."""
        return len(self._waiting[topic]) <= TOPIC_RECORDS_MAX // 2 and self._bytes[topic] <= TOPIC_BYTES_MAX // 2

    def clear(self) -> None:
        """Forget everything."""
        for topic in self._waiting:
            self._waiting[topic] = []
            self._bytes[topic] = 0
        self._tell()

    def _remove(self, topic: str, count: int) -> list[Record]:
        waiting = self._waiting[topic]
        if count == len(waiting):  # mostly, and nothing need be measured
            self._waiting[topic], self._bytes[topic] = [], 0
            return waiting
        removed, self._waiting[topic] = waiting[:count], waiting[count:]
        self._bytes[topic] -= sum(map(size_of, removed))
        return removed

    def _within(self, counts: Mapping[str, int], size_bytes: int) -> dict[str, int]:
        """Return how many of so many records are within so many bytes, divided as `shares` says: at least one each."""
        ends = {topic: list(accumulate(map(size_of, self._waiting[topic][:count]))) for topic, count in counts.items()}
        rooms = shares({topic: sizes[-1] if sizes else 0 for topic, sizes in ends.items()}, size_bytes)
        return {topic: max(bisect_right(sizes, rooms[topic]), min(len(sizes), 1)) for topic, sizes in ends.items()}

    def _up_to(self, topic: str, count: int) -> int:
        """Return how many of so many records one batch may hold."""
        return min(count, BACKGROUND_RECORDS_MAX) if self.gives_way and topic in self._background else count

    def _tell(self) -> None:
        count = sum(self._up_to(topic, len(waiting)) for topic, waiting in self._waiting.items())
        _set_if(self.arrived, count > 0)
        _set_if(self.filled, count >= self._batch_records)


def shares(ready: Mapping[str, int], room: int) -> dict[str, int]:
    """Divide the room of a batch: all alike, and what one does not need goes to the others.

    Who came first in a chain of topics would else leave the later ones behind: of a backlog of 60,000 uploads one in
    six was TIMED_OUT, because the enforcer took submissions and let their reads and matches wait.
    """
    counts: dict[str, int] = {}
    left = room
    for rank, topic in enumerate(sorted(ready, key=lambda topic: ready[topic])):
        counts[topic] = min(ready[topic], max(left // (len(ready) - rank), 1))
        left -= counts[topic]
    return counts


def _set_if(event: asyncio.Event, happened: bool) -> None:
    if happened:
        event.set()
    else:
        event.clear()


def _count_before(records: Sequence[Record], end: int) -> int:
    """Return how many of the records lie before the offset `end`."""
    if not records or records[-1].offset < end:
        return len(records)
    return next(count for count, record in enumerate(records) if record.offset >= end)
