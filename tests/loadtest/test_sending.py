import asyncio
import uuid

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import NewTopic
from aiokafka.errors import MessageSizeTooLargeError

from loadtest.sending import BATCH_BYTES_MAX, sending
from services.runtime.checking import admin_client

RECORDS = 3_000
RECORD = b"x" * 1_000


async def new_topic(bootstrap: str) -> str:
    """Create a topic of one partition and return its name."""
    name = f"sent-{uuid.uuid4().hex}"
    async with admin_client(bootstrap) as admin:
        await admin.create_topics([NewTopic(name, 1, 1)])
    return name


async def put_and_read(bootstrap: str) -> list[bytes]:
    """Put more than several batches take, all at once, and return what the partition has."""
    topic = await new_topic(bootstrap)
    async with sending(bootstrap) as sender:
        for number in range(RECORDS):
            sender.put(topic, 0, b"%07d" % number, RECORD)
        await sender.acknowledged()
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.seek_to_beginning()
        return [(await consumer.getone()).key for _ in range(RECORDS)]
    finally:
        await consumer.stop()


@pytest.mark.kafka
def test_what_is_put_is_written_once_and_in_order(kafka: str) -> None:
    """Whatever number of batches it takes."""
    assert RECORDS * len(RECORD) > 3 * BATCH_BYTES_MAX
    assert asyncio.run(put_and_read(kafka)) == [b"%07d" % number for number in range(RECORDS)]


@pytest.mark.kafka
def test_what_kafka_refuses_is_raised(kafka: str) -> None:
    """A load that was not offered must not look as if it had been."""

    async def put_too_much() -> None:
        topic = await new_topic(kafka)
        async with sending(kafka) as sender:
            sender.put(topic, 0, b"key", b"x" * 2 * 1024 * 1024)
            await sender.acknowledged()

    with pytest.raises(MessageSizeTooLargeError):
        asyncio.run(put_too_much())
