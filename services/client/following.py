"""Reading public topics without a group: following what is said from now on, or reading back what was said.

Promises: only committed records; from the place that was the end when `following` was entered nothing is missed; a
reading back ends at the end that there was when it began.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from services.client.errors import ClientError
from services.client.submitting import (
    CONNECT_SECONDS_MAX,
    REQUEST_TIMEOUT_MS,
    RETRY_BACKOFF_MS,
    missing_topic,
    unreachable,
)
from services.contracts.types import milliseconds, timestamp
from services.runtime.address import Address, kafka_at
from services.runtime.intake import UnreadableRecord
from services.runtime.partitioning import partition_of
from services.runtime.polling import poll

# One poll of many: what is said is seen within milliseconds, and a quiet topic costs ten polls a second.
POLL_MS = 100
RECORDS_MAX = 1_000
FETCH_WAIT_MS = 50
# A poll that gives nothing while only transaction markers are left must not be waited for long.
READ_BACK_POLL_MS = 20
ASSIGNED_POLL_SECONDS = 0.002
# A broker that is away for longer than this is not coming back while somebody waits.
STALLED_SECONDS_MAX = 20.0


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it was read."""

    topic: str
    partition: int
    offset: int
    at: datetime
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A record's place, which may hold it no longer."""

    topic: str
    partition: int
    offset: int


class Follower:
    """Reads records of some topics; what the Kafka client cannot read is a record without key and value."""

    def __init__(self, consumer: AIOKafkaConsumer, begins: Mapping[TopicPartition, int]) -> None:
        """Use a consumer that has started and stands where it is to begin."""
        self._consumer = consumer
        self._nexts = dict(begins)

    def partition_of(self, topic: str, key: str) -> int:
        """Return the partition of a followed topic that a key belongs to."""
        return partition_of(key.encode(), len(self._consumer.partitions_for_topic(topic)))

    async def more(self, poll_ms: int = POLL_MS) -> Sequence[Record]:
        """Return the next records, none if nothing was said for a moment; ClientError if Kafka fails."""
        try:
            found = await poll(self._consumer, self._nexts, poll_ms, RECORDS_MAX)
        except KafkaError as error:
            raise ClientError(f"Kafka stopped answering: {type(error).__name__}.") from error
        self._nexts.update({at: records[-1].offset + 1 for at, records in found.items() if records})
        return [_record(each) for records in found.values() for each in records]

    async def until_present_end(self) -> AsyncIterator[Record]:
        """Give every record up to the ends that there are now."""
        ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        heard = time.monotonic()
        while await self._is_before(ends):
            found = await self.more(READ_BACK_POLL_MS)
            if found:
                heard = time.monotonic()
            elif time.monotonic() - heard > STALLED_SECONDS_MAX:
                raise ClientError(f"Kafka gave nothing for {STALLED_SECONDS_MAX:.0f} s while there was more to read.")
            for record in found:
                if record.offset < ends[TopicPartition(record.topic, record.partition)]:
                    yield record

    async def _is_before(self, ends: Mapping[TopicPartition, int]) -> bool:
        for place, end in ends.items():
            if await self._consumer.position(place) < end:
                return True
        return False


@asynccontextmanager
async def following(
    kafka: Address,
    topics: Sequence[str],
    *,
    from_beginning: bool = False,
    since: datetime | None = None,
    place: Place | None = None,
) -> AsyncIterator[Follower]:
    """Give a follower of the topics from their present ends, or their beginnings; ClientError if it cannot be.

    `since`: begin with the first record of each partition that has this time or a later one. `place`: where to begin in
    that partition.
    """
    consumer = AIOKafkaConsumer(
        **kafka_at(kafka).options,
        group_id=None,  # all partitions of the topics are ours
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",  # what retention removed while it was read is gone for a reader without duties
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        retry_backoff_ms=RETRY_BACKOFF_MS,
        fetch_max_wait_ms=FETCH_WAIT_MS,
    )
    try:
        try:
            async with asyncio.timeout(CONNECT_SECONDS_MAX):
                await consumer.start()
                await _subscribe(consumer, kafka, topics)
                begins = await _seek(consumer, place, since, from_beginning=from_beginning)
        except (KafkaError, OSError, TimeoutError, ValueError) as error:
            raise unreachable(kafka) from error
        yield Follower(consumer, begins)
    finally:
        await consumer.stop()


async def _subscribe(consumer: AIOKafkaConsumer, kafka: Address, topics: Sequence[str]) -> None:
    """Be assigned all partitions; a topic that is missing is told at once, since a subscription would wait for it."""
    there = await consumer.topics()
    if missing := [topic for topic in topics if topic not in there]:
        raise missing_topic(kafka, *missing)
    consumer.subscribe(list(topics))
    while {part.topic for part in consumer.assignment()} != set(topics):  # noqa: ASYNC110  # nobody tells when it is so
        await asyncio.sleep(ASSIGNED_POLL_SECONDS)


async def record_at(kafka: Address, place: Place) -> Record | None:
    """Return the record at a place, or None if there is none any more."""
    async with following(kafka, (place.topic,), place=place) as follower:
        async for record in follower.until_present_end():
            if record.partition == place.partition and record.offset >= place.offset:
                return record if record.offset == place.offset else None
    return None


async def _seek(
    consumer: AIOKafkaConsumer, place: Place | None, since: datetime | None, *, from_beginning: bool
) -> Mapping[TopicPartition, int]:
    parts = list(consumer.assignment())
    offsets: dict[TopicPartition, int] = await (
        consumer.beginning_offsets(parts) if from_beginning else consumer.end_offsets(parts)
    )
    if since is not None:
        found = await consumer.offsets_for_times(dict.fromkeys(parts, milliseconds(since)))
        offsets.update({part: each.offset for part, each in found.items() if each is not None})
    if place is not None:
        part = TopicPartition(place.topic, place.partition)
        if part not in offsets:
            raise ClientError(f"{place.topic} has no partition {place.partition}.")
        offsets[part] = min(place.offset, offsets[part])
    for part, offset in offsets.items():
        consumer.seek(part, offset)
    return offsets


def _record(each: "ConsumerRecord[Any, Any] | UnreadableRecord") -> Record:
    if isinstance(each, UnreadableRecord):
        return Record(each.topic, each.partition, each.offset, timestamp(0), None, None, ())
    headers = tuple((str(name), value) for name, value in each.headers)
    return Record(each.topic, each.partition, each.offset, timestamp(each.timestamp), each.key, each.value, headers)
