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

PROBED_TOPIC = "kafka.probed.v1"
RETENTION_MS = 3_600_000
TRY_SECONDS_MAX = 10.0
PAUSE_SECONDS = 0.05


async def wait_until_ready(bootstrap: str, seconds: float) -> None:
    """Return when a record went round, or raise ClusterError after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            async with asyncio.timeout(TRY_SECONDS_MAX):
                await _connect(bootstrap)
                with _quiet():
                    await _send_round(bootstrap)
                return
        except (KafkaError, OSError, TimeoutError) as error:
            if time.monotonic() > deadline:
                raise ClusterError(f"Kafka at {bootstrap} carried no record within {seconds:.0f} s.") from error
        await asyncio.sleep(PAUSE_SECONDS)


async def check_reachable(bootstrap: str, seconds: float) -> None:
    """Return if a Kafka that somebody else runs answers, or raise ClusterError; it is left as it is."""
    try:
        async with asyncio.timeout(seconds):
            await _connect(bootstrap)
            async with _admin(bootstrap) as admin:
                await admin.list_topics()
    except (KafkaError, OSError, TimeoutError, ValueError) as error:
        raise ClusterError(f"No Kafka answers at {bootstrap}.") from error


async def _connect(bootstrap: str) -> None:
    """Try the bare port first: the client logs every refusal as an error of its own."""
    host, _, port = bootstrap.partition(",")[0].rpartition(":")
    _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    writer.close()
    await writer.wait_closed()


async def _send_round(bootstrap: str) -> None:
    nodes = len(bootstrap.split(","))
    async with _admin(bootstrap) as admin:
        if PROBED_TOPIC not in await admin.list_topics():
            retention = {"retention.ms": str(RETENTION_MS)}
            await admin.create_topics([NewTopic(PROBED_TOPIC, 1, nodes, topic_configs=retention)])
    async with _producer(bootstrap) as producer:
        sent = await producer.send_and_wait(PROBED_TOPIC, value=b"probe", partition=0)
    async with _consumer(bootstrap) as consumer:
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
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def _producer(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", retry_backoff_ms=10)
    try:
        await producer.start()
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def _consumer(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="none"
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()
