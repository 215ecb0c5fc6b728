"""The reader: everything that topics say from now on, read_committed, and when it could be read.

Promises: the time is taken before anything is decoded, and who is told decodes what it needs alone; nothing that was
written after `reading` began is left out.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from loadtest.target import LoadTestError
from services.contracts.codec import decode_record
from services.contracts.topics import Topic
from services.runtime.address import Address, kafka_at
from services.runtime.checking import admin_client, partition_counts

POLL_MS = 200
# A full fetch of four partitions is 6,000 verdicts, which take 60 ms: a generator that shares the loop would be late.
TOGETHER_MAX = 500


@dataclass(frozen=True, slots=True)
class Arrival:
    """A fact that came. `at`: by the monotonic clock; `written_ms`: when its writer made it, since the epoch."""

    fact: Any
    at: float
    written_ms: int


Handler = Callable[[Sequence[Any], float], None]
"""Is told of aiokafka's records, undecoded, and when they came by the monotonic clock."""
Handlers = Mapping[Topic, Handler]
"""Who is told of what comes on a topic."""


def facts(topic: Topic, handle: Callable[[Arrival], None]) -> Handler:
    """Return a handler that decodes all of every record, where that costs too little to matter."""

    def decode(records: Sequence[Any], at: float) -> None:
        for record in records:
            if record.value is not None:
                _, fact = decode_record(topic, record.key, record.value)
                handle(Arrival(fact, at, record.timestamp))

    return decode


class Reader:
    """Hands on what comes, and lets others wait until enough has come."""

    def __init__(self, consumer: AIOKafkaConsumer, handlers: Handlers) -> None:
        self._consumer = consumer
        self._handlers = {topic.name: handle for topic, handle in handlers.items()}
        self._came = asyncio.Event()
        self._failed: BaseException | None = None

    async def until_settled(self, condition: Callable[[], bool], heard: Callable[[], int], seconds: float) -> bool:
        """Wait until the condition holds, as long as something is heard within any so many seconds."""
        before = -1
        while not condition() and heard() != before:
            before = heard()
            await self.until(condition, seconds)
        return condition()

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until the condition holds, at most so long, and return whether it does."""
        deadline = time.monotonic() + seconds
        while not condition():
            if self._failed is not None:
                raise LoadTestError(f"Reading from Kafka failed: {self._failed!r}.") from self._failed
            self._came.clear()
            try:
                await asyncio.wait_for(self._came.wait(), max(0.0, deadline - time.monotonic()))
            except TimeoutError:
                return condition()
        return True

    async def run(self) -> None:
        """Read for ever."""
        try:
            while True:
                batches = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=TOGETHER_MAX)
                at = time.monotonic()
                for partition, records in batches.items():
                    self._handlers[partition.topic](records, at)
                self._came.set()
                await asyncio.sleep(0)  # what is buffered already comes without a pause
        except Exception as error:  # noqa: BLE001  # kept for whoever waits, and raised there
            self._failed = error
            self._came.set()


@asynccontextmanager
async def reading(kafka: Address, handlers: Handlers) -> AsyncIterator[Reader]:
    """Read these topics from their present end on."""
    partitions = await partitions_of(kafka, handlers)
    async with lone_consumer(kafka, partitions) as consumer:
        for partition, end in (await consumer.end_offsets(partitions)).items():
            consumer.seek(partition, end)
        reader = Reader(consumer, handlers)
        running = asyncio.create_task(reader.run())
        try:
            yield reader
        finally:
            running.cancel()
            await asyncio.wait({running})


@asynccontextmanager
async def lone_consumer(kafka: Address, partitions: Sequence[TopicPartition]) -> AsyncIterator[AIOKafkaConsumer]:
    """Give a consumer of no group with these partitions, to be told where to begin."""
    consumer = AIOKafkaConsumer(
        **kafka_at(kafka).options,
        group_id=None,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        retry_backoff_ms=10,
    )
    await consumer.start()
    try:
        consumer.assign(partitions)
        yield consumer
    finally:
        await consumer.stop()


async def partitions_of(kafka: Address, topics: Iterable[Topic]) -> list[TopicPartition]:
    """Return all partitions of these topics."""
    async with admin_client(kafka) as admin:
        counts = await partition_counts(admin)
    names = [topic.name for topic in topics]
    if missing := [name for name in names if not counts.get(name)]:
        raise LoadTestError(f"There is no topic {missing[0]}: no cluster runs on this Kafka.")
    return [TopicPartition(name, number) for name in names for number in range(counts[name])]


async def records_since(kafka: Address, topic: Topic, begin_ms: int, seconds: float) -> AsyncIterator[Any]:
    """Give all records of a topic that were made since a time, in ms since the epoch, up to its present end."""
    partitions = await partitions_of(kafka, [topic])
    async with asyncio.timeout(seconds), lone_consumer(kafka, partitions) as consumer:
        ends = await consumer.end_offsets(partitions)
        found = await consumer.offsets_for_times(dict.fromkeys(partitions, begin_ms))
        for partition, end in ends.items():
            begin = found.get(partition)
            consumer.seek(partition, end if begin is None else begin.offset)
        while [at for at in partitions if await consumer.position(at) < ends[at]]:
            for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                for record in records:
                    yield record
