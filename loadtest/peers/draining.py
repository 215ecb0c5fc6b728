"""One pass: processes that are held still while a backlog is written, let go, and timed until the last answer.

Promises: the clock and the count of CPU begin when everything is started, assigned and readable, and nothing has been
answered; nobody's answers are decoded before the clock has stopped; what was started for the pass is ended.
"""

import asyncio
import os
import signal
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from loadtest.cpu import Used, snapshot, used_between
from loadtest.peers.memory import resident_mib
from loadtest.peers.tally import Answer, answer_of, tally
from loadtest.reading import lone_consumer
from loadtest.truth import Tally
from services.cluster.child import Child
from services.cluster.supervision import Supervisor
from services.contracts.codec import decode_record, encode
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import Topic
from services.runtime.outgoing import partition_of

# The slowest peer answers some hundred uploads a second; what has not come by then is missed.
ANSWER_SECONDS_MAX = 120.0
# What has not come by then is no duplicate of what has.
LATECOMER_SECONDS = 0.5
POLL_MS = 100
STOP_SECONDS_MAX = 10.0
BATCH_BYTES_MAX = 512 * 1024
MEDIA_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload of a pass, and what must be answered."""

    upload_id: str
    uri: str
    expected: Answer


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: its processes, where it reads and writes, what its answers are, and when it is ready."""

    children: tuple[Child, ...]
    reads: str
    writes: str
    answers: Topic
    ready: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pass:
    """What came of it. `used`: CPU by process, the broker's and the reader's among them; `memory_mib`: its own."""

    uploads: int
    seconds: float
    used: Used
    memory_mib: Mapping[str, float]
    tally: Tally


@dataclass(frozen=True, slots=True)
class Broker:
    """The Kafka that all subjects use: its address, the partitions of its topics, its process ids by name."""

    bootstrap: str
    partitions: int
    pids: Callable[[], Mapping[str, int]]


async def drain(broker: Broker, subject: Subject, uploads: Sequence[Upload]) -> Pass:
    """Measure one pass."""
    outputs = [TopicPartition(subject.writes, number) for number in range(broker.partitions)]
    async with running(subject) as pids, lone_consumer(broker.bootstrap, outputs) as consumer:
        for partition, end in (await consumer.end_offsets(outputs)).items():
            consumer.seek(partition, end)

        def everybody() -> Mapping[str, int]:
            return {**pids(), **broker.pids(), "reader": os.getpid()}

        with _held_still(pids().values()):
            await _write(broker, subject.reads, uploads)
            before, began = snapshot(everybody()), time.monotonic()
        waiting = {upload.upload_id.encode() for upload in uploads}
        records = await _collect(consumer, waiting, ANSWER_SECONDS_MAX)
        ended, after = time.monotonic(), snapshot(everybody())
        memory = {name: resident_mib(pid) for name, pid in pids().items()}
        records += await _collect(consumer, {b"whoever is late"}, LATECOMER_SECONDS)
    came = [(key, answer_of(fact)) for key, fact in _decoded(subject.answers, records)]
    found = tally({upload.upload_id: upload.expected for upload in uploads}, came)
    return Pass(len(uploads), ended - began, used_between(before, after), memory, found)


@asynccontextmanager
async def running(subject: Subject) -> AsyncIterator[Callable[[], Mapping[str, int]]]:
    """Run the subject's processes and give a way to learn their ids; inside, they are ready at first."""
    supervisor = Supervisor(lambda _: None)
    try:
        for child in subject.children:
            await supervisor.start(child)
        await subject.ready()
        yield lambda: supervisor.pids
    finally:
        await supervisor.stop(supervisor.pids, STOP_SECONDS_MAX)


@contextmanager
def _held_still(pids: Iterable[int]) -> Iterator[None]:
    """Stop processes, and let them go on at the end, however it comes."""
    held = list(pids)
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in held:
            os.kill(pid, signal.SIGCONT)


async def _write(broker: Broker, topic: str, uploads: Sequence[Upload]) -> None:
    """Write the backlog, each upload to the partition that its key has."""
    of_partition: dict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
    for upload in uploads:
        key = upload.upload_id.encode()
        fact = UploadSubmitted(upload.upload_id, f"uploader-of-{upload.upload_id}", upload.uri, media_type=MEDIA_TYPE)
        of_partition[partition_of(key, broker.partitions)].append((key, encode(fact)))
    producer = AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap, acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES_MAX
    )
    await producer.start()
    try:
        writing = [_write_partition(producer, topic, number, records) for number, records in of_partition.items()]
        await asyncio.gather(*writing)
    finally:
        await producer.stop()


async def _write_partition(
    producer: AIOKafkaProducer, topic: str, partition: int, records: list[tuple[bytes, bytes]]
) -> None:
    at = 0
    while at < len(records):
        batch = producer.create_batch()
        while at < len(records) and batch.append(key=records[at][0], value=records[at][1], timestamp=None) is not None:
            at += 1
        await (await producer.send_batch(batch, topic, partition=partition))


async def _collect(consumer: AIOKafkaConsumer, waiting: set[bytes], seconds: float) -> list[Any]:
    """Return the records that come until there is one of each key in `waiting`, at most for so long."""
    found: list[Any] = []
    deadline = time.monotonic() + seconds
    while waiting and time.monotonic() < deadline:
        for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
            found += records
            waiting.difference_update([record.key for record in records])
    return found


def _decoded(topic: Topic, records: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for record in records:
        if record.value is not None:
            yield decode_record(topic, record.key, record.value)
