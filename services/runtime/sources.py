"""The inputs of one unit, as parts of the process's one consumer: where they stand, and whether they are fetched.

Promises: nothing is fetched for a unit before it has sought its place; an offset that retention has removed is told,
counted, and no reason to stand still.
"""

from collections.abc import Callable, Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from services.runtime.changelog import UnitRecord, starting_offsets
from services.runtime.fetching import Fetching, ends_if_told
from services.runtime.inbox import Inbox, Record
from services.runtime.measuring import Lag
from services.runtime.metrics import RECORDS_EXPIRED

log = structlog.get_logger()


class Sources:
    """One partition number of some topics. `ends` is a client without assignments, which is answered at once."""

    def __init__(self, fetching: Fetching, ends: AIOKafkaConsumer, topics: Sequence[str], partition: int) -> None:
        self.partition = partition
        self._fetching = fetching
        self._consumer = fetching.consumer
        self._ends = ends
        self._at = {topic: TopicPartition(topic, partition) for topic in topics}
        self._paused: set[str] = set()
        self._lags = {topic: Lag(topic, partition) for topic in topics}
        self.handed_on: dict[TopicPartition, int] = {}
        """The offsets up to which records have been handed on; empty while nothing is."""

    async def starts(self, own: UnitRecord | None) -> dict[str, int]:
        """Return by topic where to start; raises `StateRefusedError`. `own` is what the changelog says."""
        every = list(self._at.values())
        # Not committed(), whose answer may be to a question from before the old owner was fenced.
        found = await self._consumer._coordinator.fetch_committed_offsets(every)  # noqa: SLF001
        committed = {at.topic: each.offset for at, each in found.items()}
        first = {at.topic: each for at, each in (await self._ends.beginning_offsets(every)).items()}
        starts = starting_offsets(own, committed, first, await self.ends(list(self._at)))
        for topic, offset in starts.items():
            if offset < first[topic]:
                RECORDS_EXPIRED.labels(topic).inc(first[topic] - offset)
                log.error("expired", topic=topic, partition=self.partition, records_max=first[topic] - offset)
        return {topic: max(offset, first[topic]) for topic, offset in starts.items()}

    async def ends(self, topics: Sequence[str]) -> dict[str, int]:
        """Return by topic the offset after all that is committed there now."""
        found = await self._ends.end_offsets([self._at[topic] for topic in topics])
        return {at.topic: end for at, end in found.items()}

    async def position(self, topic: str) -> int:
        """Return the offset up to which the records of the topic have been handed on."""
        position = await self._fetching.position(self._at[topic])
        return self.handed_on[self._at[topic]] if position is None else position

    def enter(self, offsets: Mapping[str, int]) -> None:
        """Fetch from these offsets on. The partitions are assigned, and paused since then."""
        for topic, at in self._at.items():
            self._consumer.seek(at, offsets[topic])
            self._consumer.resume(at)
            self.handed_on[at] = offsets[topic]
        self._paused.clear()

    def leave(self) -> None:
        """Be handed nothing until `enter`."""
        self.handed_on.clear()

    def hand_on(self, inbox: Inbox, topic: str, records: Sequence[Record]) -> None:
        """Put what was fetched into the inbox, and fetch no more of the topic once that is full."""
        if not self.handed_on:
            return
        inbox.put(topic, records)
        self.handed_on[self._at[topic]] = records[-1].offset + 1
        if inbox.is_full(topic):
            self._consumer.pause(self._at[topic])
            self._paused.add(topic)

    def pause_all(self) -> None:
        """Fetch no more at all."""
        self.leave()
        self._consumer.pause(*self._at.values())

    def make_room(self, inbox: Inbox) -> None:
        """Go on with the topics for which the inbox has room again."""
        for topic in [topic for topic in self._paused if inbox.has_room(topic)]:
            self._consumer.resume(self._at[topic])
            self._paused.discard(topic)

    def offsets(self, offsets: Mapping[str, int]) -> dict[TopicPartition, OffsetAndMetadata]:
        """Return the offsets in the form in which they are committed, but for what is no longer read."""
        return {at: OffsetAndMetadata(offsets[topic], "") for topic, at in self._at.items() if topic in offsets}

    async def measure(self, standing: Mapping[str, int], oldest: Callable[[str], int | None]) -> None:
        """Show how much waits behind these offsets, and how old the `oldest` of it is; past markers if it is none.

        While nothing is fetched, the broker is asked. Without offsets, as long as the state is being read, all waits.
        What lies in transactions that are open waits too: nobody can be served behind them.
        """
        ends = {} if self.handed_on or not standing else await ends_if_told(self._ends, self._at.values())
        for topic, at in self._at.items():
            if topic not in standing:
                self._lags[topic].show_unread()
                continue
            oldest_ms = oldest(topic)
            place = standing[topic]
            if oldest_ms is None and self.handed_on:
                place = max(place, await self.position(topic))
            end = self._consumer.highwater(at) if self.handed_on else ends.get(at)
            self._lags[topic].show(place, end, oldest_ms)

    def forget(self) -> None:
        """Remove the gauges."""
        for lag in self._lags.values():
            lag.forget()
