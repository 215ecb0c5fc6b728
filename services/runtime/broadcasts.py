"""The broadcasts of one unit: every partition of some topics, read from the first record on at the unit's own pace.

A client of the unit's own fetches them, in no group: where they stand is kept in the unit's record in the changelog,
and so in the transaction of what was decided from them. Promises: each record is decided once by each unit, in its
partition's order; nothing is fetched while what waits is at its bound; an offset that retention has removed is told
and counted; one behind the end is refused.

A unit is ready before it has caught up with them. What it decides meanwhile is late and not wrong, since later facts
are compared with what was there before; if it waited, a flood of broadcasts would hold up all uploads.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import TopicPartition

from services.runtime.changelog import StateRefusedError, UnitRecord
from services.runtime.clients import broadcast_consumer
from services.runtime.ending import end_process
from services.runtime.fetching import Fetching, ends_if_told
from services.runtime.inbox import Inbox, Record
from services.runtime.measuring import Lag
from services.runtime.metrics import RECORDS_EXPIRED
from services.runtime.settings import Settings

Positions = Mapping[str, tuple[int, ...]]
"""By topic, for each partition number in order, the offset of the first record that was not decided."""

log = structlog.get_logger()


class Broadcasts:
    """Fetches some topics, whole, into the inbox of one unit; without topics it does nothing."""

    def __init__(self, settings: Settings, topics: Sequence[str], inbox: Inbox, unit: int) -> None:
        """Show the lag by `unit`, the unit's number."""
        self._lags = {topic: Lag(topic, unit) for topic in topics}
        self._settings = settings
        self._topics = tuple(topics)
        self._inbox = inbox
        self._at: dict[str, tuple[TopicPartition, ...]] = {}
        self._next: dict[str, tuple[int, ...]] = {}
        self._handed_on: dict[TopicPartition, int] = {}
        self._paused: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._consumer: Any = None  # the client has no types, and without topics there is none
        self._fetching: Fetching

    async def open(self, own: UnitRecord) -> None:
        """Find out where to start, by what the changelog says; raises `StateRefusedError`. Nothing is fetched yet."""
        if not self._topics:
            return
        self._consumer = broadcast_consumer(self._settings)
        await self._consumer.start()
        places = {topic: await self._partitions(topic) for topic in self._topics}
        every = [at for each in places.values() for at in each]
        first = await self._consumer.beginning_offsets(every)
        ends = await self._consumer.end_offsets(every)
        for topic, each in places.items():
            known = own.broadcasts.get(topic, ())
            self._next[topic] = broadcast_starts(topic, known, [first[at] for at in each], [ends[at] for at in each])
            self._tell_expired(each, known)
        self._consumer.assign(every)
        self._at = places
        self._seek()
        self._pause()
        self._fetching = Fetching(self._consumer)
        fetching = self._consumer._fetcher._fetch_task  # noqa: SLF001  # when it ends, getmany() is silent for ever
        self._tasks = [fetching, asyncio.create_task(self._fetching.run(self._hand_on, lambda: self._handed_on))]
        for task in self._tasks:
            task.add_done_callback(_ended)

    def enter(self) -> None:
        """Fetch what follows the last transaction."""
        if self._at:
            self._handed_on = self._seek()
            self._consumer.resume(*self._handed_on)
            self._paused.clear()

    def leave(self) -> None:
        """Fetch nothing, and hand nothing on, until `enter`."""
        self._handed_on = {}
        self._pause()

    def make_room(self) -> None:
        """Go on with the topics for which the inbox has room again."""
        for topic in [topic for topic in self._paused if self._inbox.has_room(topic)]:
            self._consumer.resume(*self._at[topic])
            self._paused.discard(topic)

    async def positions(self, records: Sequence[Record]) -> dict[str, tuple[int, ...]]:
        """Return where the topics stand after `records`, if that is further than before.

        Past the last record where nothing more waits: there are markers, which retention removes as it does records.
        """
        if not self._at:
            return {}
        after = {(record.topic, record.partition): record.offset + 1 for record in records}
        changed: dict[str, tuple[int, ...]] = {}
        for topic, places in self._at.items():
            is_empty = self._inbox.is_empty(topic)
            standing = zip(places, self._next[topic], strict=True)
            reached = tuple([await self._past(at, after.get(at, offset), is_empty) for at, offset in standing])
            assert all(map(int.__le__, self._next[topic], reached)), f"{topic} went back"  # noqa: S101  # an invariant
            if reached != self._next[topic]:
                changed[topic] = reached
        return changed

    def committed(self, positions: Positions) -> None:
        """Remember what a transaction has committed."""
        self._next |= positions

    async def measure(self, oldest: Callable[[str], int | None]) -> None:
        """Show how much waits of each topic, and how old the `oldest` of it is."""
        every = [at for places in self._at.values() for at in places]
        ends = await ends_if_told(self._consumer, every) if every and not self._handed_on else {}
        for topic, places in self._at.items():
            oldest_ms = oldest(topic)
            standing = [
                (await self._past(at, offset, oldest_ms is None), ends.get(at, self._consumer.highwater(at)))
                for at, offset in zip(places, self._next[topic], strict=True)
            ]
            known = [(place, end) for place, end in standing if end is not None]
            self._lags[topic].show(sum(place for place, _ in known), sum(end for _, end in known), oldest_ms)

    async def close(self) -> None:
        """Let go of everything."""
        for task in self._tasks:
            task.remove_done_callback(_ended)
        for task in self._tasks[1:]:
            task.cancel()
            await asyncio.wait([task])
        if self._consumer is not None:
            await self._consumer.stop()
        for lag in self._lags.values():
            lag.forget()

    def _hand_on(self, at: TopicPartition, records: Sequence[Record]) -> None:
        """Put what was fetched into the inbox, and fetch no more of the topic once that is full."""
        if not self._handed_on:
            return
        self._inbox.put(at.topic, records)
        self._handed_on[at] = records[-1].offset + 1
        if self._inbox.is_full(at.topic):
            self._consumer.pause(*self._at[at.topic])
            self._paused.add(at.topic)

    async def _past(self, at: TopicPartition, offset: int, is_empty: bool) -> int:
        """Return `offset`, or behind what follows it if that is no records."""
        if not is_empty or not self._handed_on:
            return offset
        return max(offset, await self._fetching.position(at) or 0)

    async def _partitions(self, topic: str) -> tuple[TopicPartition, ...]:
        await self._consumer._client._wait_on_metadata(topic)  # noqa: SLF001  # a lone client has no other way
        return tuple(TopicPartition(topic, number) for number in sorted(self._consumer.partitions_for_topic(topic)))

    def _tell_expired(self, places: Sequence[TopicPartition], known: Sequence[int]) -> None:
        for at, stood, start in zip(places, known, self._next[places[0].topic], strict=False):
            if stood < start:
                RECORDS_EXPIRED.labels(at.topic).inc(start - stood)
                log.error("expired", topic=at.topic, partition=at.partition, records_max=start - stood)

    def _seek(self) -> dict[TopicPartition, int]:
        """Go to what follows the last transaction, and return where that is."""
        at = {at: offset for topic in self._at for at, offset in zip(self._at[topic], self._next[topic], strict=True)}
        for place, offset in at.items():
            self._consumer.seek(place, offset)
        return at

    def _pause(self) -> None:
        if self._at:
            self._consumer.pause(*(at for places in self._at.values() for at in places))


def broadcast_starts(topic: str, known: Sequence[int], first: Sequence[int], ends: Sequence[int]) -> tuple[int, ...]:
    """Return for each partition where to start, or raise `StateRefusedError`.

    `known`: where it stood by the changelog, `first` and `ends`: what the topic holds, all by partition number. A
    partition that was never read starts at its first record, and so does one of which retention has removed more.
    """
    if len(known) > len(first) or any(map(int.__gt__, known, ends)):
        raise StateRefusedError(f"{topic} ends before what was read of it: it was made anew or cut off")
    stood = (*known, *first[len(known) :])
    return tuple(map(max, stood, first))


def _ended(task: asyncio.Task[None]) -> None:
    end_process("broadcasts are no longer fetched", None if task.cancelled() else task.exception())
