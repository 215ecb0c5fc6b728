"""Fetching for all units of a process by its one consumer.

Promises: what is fetched is handed on at once, since what lies in the client holds up its next fetch; a record that
the client cannot read stops nobody; `position` never tells of records that have not been handed on.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.runtime.inbox import Record
from services.runtime.pacing import Pace
from services.runtime.polling import step
from services.runtime.sizing import BATCH_RECORDS_MAX

# How long the end of the client's tasks may go unnoticed; nothing else waits for it.
POLL_MS = 1_000

# What asks is told every second, and a broker that does not answer must not keep others from being looked at.
ASK_SECONDS_MAX = 1.0

HandOn = Callable[[TopicPartition, Sequence[Record]], None]
Nexts = Callable[[], Mapping[TopicPartition, int]]


async def ends_if_told(consumer: AIOKafkaConsumer, places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
    """Return where partitions end, which no client knows that does not fetch them; nothing if nobody answers."""
    try:
        async with asyncio.timeout(ASK_SECONDS_MAX):
            ends: Mapping[TopicPartition, int] = await consumer.end_offsets(list(places))
            return ends
    except (TimeoutError, KafkaError):
        return {}


class Fetching:
    """Fetches what is assigned and not paused. `consumer` has been started, and may be used for all but polling."""

    def __init__(self, consumer: AIOKafkaConsumer, background: Collection[str] = ()) -> None:
        """`background`: topics that nobody waits for, however much comes there."""
        self.consumer = consumer
        self._background = frozenset(background)
        self._pace = Pace(consumer)
        self._stepping = False

    async def run(self, hand_on: HandOn, nexts: Nexts) -> None:
        """Fetch until cancelled; `nexts` gives the first offset of each partition that has not been handed on."""
        while True:
            found = await self._poll(nexts)
            self._pace.note(sum(len(records) for at, records in found.items() if at.topic not in self._background))
            for at, records in found.items():
                hand_on(at, records)
            await asyncio.sleep(0)

    async def position(self, at: TopicPartition) -> int | None:
        """Return the offset up to which all has been handed on, markers included; None while that is unknown."""
        return None if self._stepping else int(await self.consumer.position(at))

    async def _poll(self, nexts: Nexts) -> Mapping[TopicPartition, Sequence[Record]]:
        """Return what has come. No partitions are named, so that one that is resumed meanwhile is not overlooked."""
        try:
            found: Mapping[TopicPartition, Sequence[Record]]
            found = await self.consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_RECORDS_MAX)
        except UnicodeDecodeError:
            self._stepping = True
            found = await step(self.consumer, nexts(), BATCH_RECORDS_MAX)
            self._stepping = False
        return found
