"""The plain consumer: one process, aiokafka, in batches. What a good engineer writes in an afternoon.

Lacks: offsets are committed by a clock, so a kill loses what was fetched and not answered, and answers twice what was
answered and not committed; acks=1 and nobody looks whether a record arrived; a record that cannot be decoded, or a
file that cannot be read, ends the process, and does again after a restart; one slow file holds up everything; nothing
is remembered about an upload, so there is no takedown, no reinstatement, no resubmission and no order between a
listing and what comes after it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from loadtest.peers.task import READY, Task, read_task
from loadtest.peers.work import Work

# As many as a thread hashes in some 50 ms, so that fetching, hashing and sending overlap.
RECORDS_MAX = 1_000
POLL_MS = 100
BATCH_BYTES_MAX = 512 * 1024
# It is held still while the backlog is written.
SESSION_MS = 60_000

Answers = Mapping[TopicPartition, Sequence[tuple[bytes, bytes]]]


async def consume(task: Task) -> None:
    """Answer uploads for ever."""
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
    consumer.subscribe([task.reads])
    work = Work(task)
    await consumer.getmany(timeout_ms=POLL_MS)
    while not consumer.assignment():
        await consumer.getmany(timeout_ms=POLL_MS)
    print(READY, flush=True)
    while True:
        records = await consumer.getmany(timeout_ms=POLL_MS, max_records=RECORDS_MAX)
        for partition, answers in (await asyncio.to_thread(_answer, work, records)).items():
            await _send(producer, task.writes, partition.partition, answers)


def _answer(work: Work, records: Mapping[TopicPartition, Sequence[Any]]) -> Answers:
    """Answer on a thread: reading and hashing leave the interpreter free to fetch and send meanwhile."""
    return {
        partition: [(record.key, work.answer_record(record.value, record.offset)) for record in of_partition]
        for partition, of_partition in records.items()
    }


async def _send(producer: AIOKafkaProducer, topic: str, partition: int, answers: Sequence[tuple[bytes, bytes]]) -> None:
    """Hand answers over in as few batches as it takes; that they arrive is not waited for."""
    batch = producer.create_batch()
    for key, value in answers:
        if batch.append(key=key, value=value, timestamp=None) is None:
            await producer.send_batch(batch, topic, partition=partition)
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None)
    await producer.send_batch(batch, topic, partition=partition)


if __name__ == "__main__":
    asyncio.run(consume(read_task()))
