"""The uploads of a pass as records, and the answers to them: writing a backlog, and waiting for what comes of it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from loadtest.peers.tally import Answer
from services.contracts.codec import decode_record, encode
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import Topic
from services.runtime.partitioning import partition_of

POLL_MS = 100
BATCH_BYTES_MAX = 512 * 1024
MEDIA_TYPE = "application/octet-stream"

Backlog = Mapping[int, Sequence[tuple[bytes, bytes]]]
"""Keys and values by partition."""


@dataclass(frozen=True, slots=True)
class Broker:
    """The Kafka that all subjects use: its address, the partitions of its topics, its process ids by name."""

    bootstrap: str
    partitions: int
    pids: Callable[[], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload of a pass, and what must be answered."""

    upload_id: str
    uri: str
    expected: Answer


def backlog_of(uploads: Iterable[Upload], partitions: int) -> Backlog:
    """Return the records of uploads, each in the partition that its key has."""
    of_partition: dict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
    for upload in uploads:
        key = upload.upload_id.encode()
        fact = UploadSubmitted(upload.upload_id, f"uploader-of-{upload.upload_id}", upload.uri, media_type=MEDIA_TYPE)
        of_partition[partition_of(key, partitions)].append((key, encode(fact)))
    return of_partition


async def write(broker: Broker, topic: str, backlog: Backlog) -> None:
    """Write a backlog and return when Kafka has it."""
    producer = AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap, acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES_MAX
    )
    await producer.start()
    try:
        writing = [_write_partition(producer, topic, number, records) for number, records in backlog.items()]
        await asyncio.gather(*writing)
    finally:
        await producer.stop()


async def _write_partition(
    producer: AIOKafkaProducer, topic: str, partition: int, records: Sequence[tuple[bytes, bytes]]
) -> None:
    at = 0
    while at < len(records):
        batch = producer.create_batch()
        while at < len(records) and batch.append(key=records[at][0], value=records[at][1], timestamp=None) is not None:
            at += 1
        await (await producer.send_batch(batch, topic, partition=partition))


async def collect(consumer: AIOKafkaConsumer, waiting: set[bytes], seconds: float) -> list[Any]:
    """Return the records that come until there is one of each key in `waiting`, at most for so long."""
    found: list[Any] = []
    deadline = time.monotonic() + seconds
    while waiting and time.monotonic() < deadline:
        for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
            found += records
            waiting.difference_update([record.key for record in records])
    return found


async def go_to_end(consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> None:
    """Read nothing that is there already."""
    for partition, end in (await consumer.end_offsets(list(partitions))).items():
        consumer.seek(partition, end)


def decoded(topic: Topic, records: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Give key and fact of each record that has a value."""
    for record in records:
        if record.value is not None:
            yield decode_record(topic, record.key, record.value)
