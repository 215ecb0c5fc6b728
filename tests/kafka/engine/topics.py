"""The topics of a sample processor: made, written to and read back, as anybody outside would."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import count, islice
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic

from services.contracts.codec import encode
from services.runtime.checking import admin_client, partition_counts, partition_differences
from services.runtime.partitioning import partition_of
from services.runtime.planning import plan
from services.runtime.quarantine import KEYS_MAX
from tests.kafka.engine.sample import Told, sample

PARTITIONS = 4
SECONDS_MAX = 120.0
POLL_MS = 50


async def create(bootstrap: str, prefix: str) -> None:
    """Create all topics of a sample processor."""
    async with admin_client(bootstrap) as admin:
        planned = plan([sample(prefix, broadcast=True)])
        new = [NewTopic(topic.name, PARTITIONS, -1, {}, dict(topic.configs)) for topic in planned]
        answer = await admin.create_topics(new)
        assert all(not error[1] for error in answer.topic_errors), answer
        async with asyncio.timeout(SECONDS_MAX):
            while partition_differences(planned, await partition_counts(admin), PARTITIONS):  # noqa: ASYNC110  # a broker's
                await asyncio.sleep(POLL_MS / 1000)


async def tell(bootstrap: str, prefix: str, facts: Iterable[Told]) -> None:
    """Write facts, each to the topic of its side."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5) as producer:
        sent = [
            await producer.send(f"{prefix}.{fact.side}", encode(fact), fact.key.encode(), headers=[]) for fact in facts
        ]
        await asyncio.gather(*sent)


async def tell_slowly(bootstrap: str, prefix: str, facts: Sequence[Told], piece: int = 100) -> None:
    """Write facts in pieces, each acknowledged before the next, so that kills fall into the middle of it."""
    for begin in range(0, len(facts), piece):
        await tell(bootstrap, prefix, facts[begin : begin + piece])


async def write(bootstrap: str, topic: str, key: bytes, value: bytes, partition: int | None = None) -> None:
    """Write one record as it is."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await producer.send_and_wait(topic, value, key, partition)


def too_much_poison(number: int) -> list[Told]:
    """Return what stops the unit of that number."""
    keys = (key for key in (f"poisoned-{n}" for n in count()) if partition_of(key.encode(), PARTITIONS) == number)
    return [Told(key, "", "left", "poison") for key in islice(keys, KEYS_MAX + 1)]


async def read(bootstrap: str, topic: str) -> list[Any]:
    """Return all records that are committed in a topic now."""
    async with _reader(bootstrap, topic) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        found: list[Any] = []
        async with asyncio.timeout(SECONDS_MAX):
            while not all([await consumer.position(at) >= end for at, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                    found += records
        return found


async def ends(bootstrap: str, topic: str) -> list[int]:
    """Return where the partitions of a topic end now, in their order."""
    async with _reader(bootstrap, topic) as consumer:
        found = await consumer.end_offsets(consumer.assignment())
    return [found[TopicPartition(topic, number)] for number in range(PARTITIONS)]


async def read_until(bootstrap: str, topic: str, enough: Callable[[Sequence[Any]], bool]) -> list[Any]:
    """Return the committed records of a topic, as soon as there are enough; AssertionError after the deadline."""
    found: list[Any] = []
    async with following(bootstrap, topic, found):
        await until(f"enough records of {topic}", lambda: enough(found))
    return found


@asynccontextmanager
async def following(bootstrap: str, topic: str, found: list[Any]) -> AsyncIterator[None]:
    """Append to `found`, as they are committed, the records of a topic from its beginning on."""
    async with _reader(bootstrap, topic) as consumer:
        task = asyncio.create_task(_append(consumer, found))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


async def until(what: str, happened: Callable[[], bool], seconds: float = SECONDS_MAX) -> None:
    """Return once it has happened; AssertionError after the deadline."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(POLL_MS / 1000)


async def _append(consumer: AIOKafkaConsumer, found: list[Any]) -> None:
    while True:
        for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
            found += records


@asynccontextmanager
async def _reader(bootstrap: str, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    async with consumer:
        every = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(every)
        await consumer.seek_to_beginning(*every)
        yield consumer


def facts(records: Iterable[Any]) -> list[dict[str, Any]]:
    """Return what the records say."""
    return [orjson.loads(record.value) for record in records]


async def group_offsets(bootstrap: str, group: str) -> dict[tuple[str, int], int]:
    """Return what a consumer group has committed, by topic and partition."""
    async with admin_client(bootstrap) as admin:
        found = await admin.list_consumer_group_offsets(group)
    return {(at.topic, at.partition): each.offset for at, each in found.items()}
