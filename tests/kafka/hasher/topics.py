"""Writing to the hasher's topics and reading from them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

PARTITIONS = 4
DEADLINE_SECONDS = 60.0


@asynccontextmanager
async def producing(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    """Give a producer that takes records of up to 1 MiB."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=2, max_request_size=2 * 1024 * 1024)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


class Reading:
    """What was written to a topic since this began."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self.records: list[Any] = []

    async def until(self, enough: Callable[[list[Any]], bool]) -> list[Any]:
        """Read until what came is enough."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not enough(self.records):
                for records in (await self._consumer.getmany(timeout_ms=100)).values():
                    self.records += records
        return self.records

    async def until_more(self, count: int) -> list[Any]:
        """Read until so many more came."""
        enough = len(self.records) + count
        return await self.until(lambda records: len(records) >= enough)

    async def until_keys(self, keys: set[str]) -> list[Any]:
        """Read until each of the keys came."""
        return await self.until(lambda records: keys <= {record.key.decode() for record in records})


@asynccontextmanager
async def reading(kafka: str, topic: str) -> AsyncIterator[Reading]:
    """Read a topic from its present end on."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="none", max_partition_fetch_bytes=4 << 20
    )
    await consumer.start()
    try:
        every = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(every)
        for at, end in (await consumer.end_offsets(every)).items():
            consumer.seek(at, end)
        yield Reading(consumer)
    finally:
        await consumer.stop()


async def lag(kafka: str, group: str, topic: str) -> int:
    """Return how many records of a topic the group has not committed."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        every = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(every)
        ends = await consumer.end_offsets(every)
        return sum([end - (await consumer.committed(at) or 0) for at, end in ends.items()])
    finally:
        await consumer.stop()
