"""How a peer of one process reads and writes: aiokafka, in batches, without a promise.

Offsets are committed by a clock, so a kill loses what was fetched and not answered, and answers twice what was answered
and not committed; acks=1, and nobody looks whether a record arrived.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from loadtest.peers.task import READY, Task
from services.runtime.outgoing import Sendable

# As many as a thread answers in some 50 to 100 ms, so that fetching, answering and sending overlap.
RECORDS_MAX = 1_000
POLL_MS = 100
BATCH_BYTES_MAX = 512 * 1024
# It is held still while the backlog is written.
SESSION_MS = 60_000

Records = Mapping[TopicPartition, Sequence[Any]]
Answers = Mapping[tuple[str, int], Sequence[Sendable]]
"""What to write, by topic and partition."""


async def serve(task: Task, answer: Callable[[Records], Answers], before: Sequence[str] = ()) -> None:
    """Answer uploads for ever, and what comes to `before`, of which is answered at first what is there already."""
    async with _clients(task) as (consumer, producer):
        consumer.subscribe([task.reads, *before])
        early = await _read_up_to_end(consumer, task.reads) if before else await _until_assigned(consumer)
        await _send(producer, answer(early))
        print(READY, flush=True)
        while True:
            records = await consumer.getmany(timeout_ms=POLL_MS, max_records=RECORDS_MAX)
            # On a thread: what waits for disks or hashes leaves the interpreter free to fetch and send meanwhile.
            await _send(producer, await asyncio.to_thread(answer, records))


@asynccontextmanager
async def _clients(task: Task) -> AsyncIterator[tuple[AIOKafkaConsumer, AIOKafkaProducer]]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=task.bootstrap,
        group_id=task.group,
        enable_auto_commit=True,
        auto_offset_reset="earliest",
        session_timeout_ms=SESSION_MS,
    )
    producer = AIOKafkaProducer(bootstrap_servers=task.bootstrap, acks=1, linger_ms=0, max_batch_size=BATCH_BYTES_MAX)
    await producer.start()
    await consumer.start()
    try:
        yield consumer, producer
    finally:
        await consumer.stop()
        await producer.stop()


async def _until_assigned(consumer: AIOKafkaConsumer) -> Records:
    """Return once the group has given out its partitions, with what has come by then."""
    records: Records = await consumer.getmany(timeout_ms=POLL_MS)
    while not consumer.assignment():
        records = await consumer.getmany(timeout_ms=POLL_MS)
    return records


async def _read_up_to_end(consumer: AIOKafkaConsumer, later: str) -> Records:
    """Return all that the topics besides `later` hold."""
    found: dict[TopicPartition, list[Any]] = {}

    def keep(records: Records) -> None:
        for at, of_partition in records.items():
            found.setdefault(at, []).extend(of_partition)

    keep(await _until_assigned(consumer))
    early = [at for at in consumer.assignment() if at.topic != later]
    ends = await consumer.end_offsets(early)
    while any([await consumer.position(at) < ends[at] for at in early]):
        keep(await consumer.getmany(*early, timeout_ms=POLL_MS))
    return found


async def _send(producer: AIOKafkaProducer, answers: Answers) -> None:
    """Hand answers over in as few batches as it takes; that they arrive is not waited for."""
    for (topic, partition), records in answers.items():
        batch = producer.create_batch()
        for key, value, headers in records:
            if batch.append(key=key, value=value, headers=headers, timestamp=None) is None:
                await producer.send_batch(batch, topic, partition=partition)
                batch = producer.create_batch()
                batch.append(key=key, value=value, headers=headers, timestamp=None)
        await producer.send_batch(batch, topic, partition=partition)
