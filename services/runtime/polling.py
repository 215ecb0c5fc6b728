"""Polling a consumer so that no record can stop it.

aiokafka takes headers' names for UTF-8, which Kafka does not ask of producers. One that is not makes every poll of its
partition raise, for ever, and swallows the good records before it. So after such a failure records are taken one by
one, and what cannot be taken is stood in for. Promises: each record comes once, in order, or its stand-in does.
"""

from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime.intake import UnreadableRecord

# A poll that was begun before the step back holds up the next one for 50 ms.
STEP_MS = 200


Polled = Mapping[TopicPartition, list[Any]]


async def poll(
    consumer: AIOKafkaConsumer, nexts: Mapping[TopicPartition, int], timeout_ms: int, records_max: int
) -> Polled:
    """Return what has come, by partition. `nexts`: the first offset of each partition that was not yet returned."""
    try:
        found: Polled = await consumer.getmany(*nexts, timeout_ms=timeout_ms, max_records=records_max)
    except UnicodeDecodeError:
        return await step(consumer, nexts, records_max)
    return found


async def step(
    consumer: AIOKafkaConsumer, nexts: Mapping[TopicPartition, int], records_max: int, timeout_ms: int = STEP_MS
) -> Polled:
    """Go back to what was not yet returned, then on one by one until the record that cannot be read.

    `timeout_ms`: how long each is waited for; longer than the consumer takes to ask once more, else it never comes.
    """
    for at, offset in nexts.items():
        consumer.seek(at, offset)
    found: dict[TopicPartition, list[Any]] = {}
    for at in nexts:
        end = consumer.highwater(at)
        if end is not None and end <= nexts[at]:
            continue
        found[at], was_bad = await _step_one(consumer, at, records_max, timeout_ms)
        if was_bad:
            break
    return {at: records for at, records in found.items() if records}


async def _step_one(
    consumer: AIOKafkaConsumer, at: TopicPartition, records_max: int, timeout_ms: int
) -> tuple[list[Any], bool]:
    """Return a partition's records up to one that cannot be read, that one's stand-in last, and whether there was."""
    found: list[Any] = []
    while len(found) < records_max:
        try:
            got = await consumer.getmany(at, timeout_ms=timeout_ms, max_records=1)
        except UnicodeDecodeError:
            offset = await consumer.position(at)
            consumer.seek(at, offset + 1)
            return [*found, UnreadableRecord(at.topic, at.partition, offset)], True
        if not got:
            break
        found += got[at]
    return found, False
