"""Whether a Kafka works, found out as a client would: a record is written and comes back.

An open port says little: a broker that recovers its log, or has no leader yet, has one too.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from services.cluster.errors import ClusterError
from services.runtime.address import Address, kafka_at

PROBED_TOPIC = "kafka.probed.v1"
RETENTION_MS = 3_600_000
TRY_SECONDS_MAX = 10.0
PAUSE_SECONDS = 0.05


async def wait_until_ready(kafka: Address, seconds: float) -> None:
    """Return when a record went round, or raise ClusterError after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            async with asyncio.timeout(TRY_SECONDS_MAX):
                await _connect(kafka)
                with _quiet():
                    await _send_round(kafka)
                return
        except (KafkaError, OSError, TimeoutError) as error:
            if time.monotonic() > deadline:
                raise ClusterError(f"Kafka at {kafka} carried no record within {seconds:.0f} s.") from error
        await asyncio.sleep(PAUSE_SECONDS)


async def check_reachable(kafka: Address, seconds: float) -> None:
    """Return if a Kafka that somebody else runs answers, or raise ClusterError; it is left as it is."""
    try:
        async with asyncio.timeout(seconds):
            await _connect(kafka)
            async with _admin(kafka) as admin:
                await admin.list_topics()
    except (KafkaError, OSError, TimeoutError, ValueError) as error:
        raise ClusterError(kafka_at(kafka).silence) from error


async def _connect(kafka: Address) -> None:
    """Try the bare port first: the client logs every refusal as an error of its own."""
    host, _, port = kafka_at(kafka).bootstrap.partition(",")[0].rpartition(":")
    _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    writer.close()
    await writer.wait_closed()


async def _send_round(kafka: Address) -> None:
    nodes = len(kafka_at(kafka).bootstrap.split(","))
    async with _admin(kafka) as admin:
        if PROBED_TOPIC not in await admin.list_topics():
            retention = {"retention.ms": str(RETENTION_MS)}
            await admin.create_topics([NewTopic(PROBED_TOPIC, 1, nodes, topic_configs=retention)])
        # The first who asks for a group has Kafka make the groups' topic, and is refused until it is there: services
        # would log that as errors.
        await admin.find_coordinator(PROBED_TOPIC)
    async with _producer(kafka) as producer:
        sent = await producer.send_and_wait(PROBED_TOPIC, value=b"probe", partition=0)
    async with _consumer(kafka) as consumer:
        partition = TopicPartition(PROBED_TOPIC, 0)
        consumer.assign([partition])
        consumer.seek(partition, sent.offset)
        await consumer.getone()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the client's complaints from the terminal: that a broker is not ready yet is what we are here to see."""
    logger = logging.getLogger("aiokafka")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


@asynccontextmanager
async def _admin(kafka: Address) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**kafka_at(kafka).options)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def _producer(kafka: Address) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(**kafka_at(kafka).options, acks="all", retry_backoff_ms=10)
    try:
        await producer.start()
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def _consumer(kafka: Address) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        **kafka_at(kafka).options, group_id=None, enable_auto_commit=False, auto_offset_reset="none"
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()
