import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from services.cluster.kafka import lay_nodes
from services.cluster.probe import PROBED_TOPIC, wait_until_ready
from services.cluster.running import RunningKafka, running_kafka

pytestmark = pytest.mark.kafka

RECORDS = 100
BACK_SECONDS_MAX = 30.0


@pytest.fixture
def state() -> Iterator[Path]:
    """Lend a folder that goes away with its broker's data."""
    with tempfile.TemporaryDirectory(prefix="staydown-kafka-") as name:
        yield Path(name)


def test_the_session_s_broker_carries_records(kafka: str) -> None:
    """Ready means that a record went round, so another one does at once."""
    asyncio.run(wait_until_ready(kafka, 5.0))


def test_data_is_kept_between_runs(state: Path) -> None:
    """A second start formats nothing and finds every record of the first, on other ports."""

    async def scenario() -> None:
        async with running_kafka(state, print) as first:
            await _write(first.bootstrap)
            identity = _identity(state)
        async with running_kafka(state, print) as second:
            assert await _read(second.bootstrap) == _records()
            assert _identity(state) == identity

    asyncio.run(scenario())


def test_a_killed_broker_is_back_with_its_data(state: Path) -> None:
    """After kill -9 the supervisor starts the broker on the same port and every acknowledged record is there."""

    async def scenario() -> None:
        async with running_kafka(state, print) as running:
            await _write(running.bootstrap)
            await _kill(running)
            await wait_until_ready(running.bootstrap, BACK_SECONDS_MAX)
            assert await _read(running.bootstrap) == _records()

    asyncio.run(scenario())


@pytest.mark.nightly
def test_three_nodes_go_on_without_one(state: Path) -> None:
    """With two of three in sync a record goes round while one is dead, and the dead one is back."""

    async def scenario() -> None:
        async with running_kafka(state, print, lay_nodes(3)) as running:
            await _write(running.bootstrap)
            await _kill(running)
            _, _, others = running.bootstrap.partition(",")
            await wait_until_ready(others, BACK_SECONDS_MAX)
            await wait_until_ready(running.bootstrap, BACK_SECONDS_MAX)
            assert await _read(running.bootstrap) == _records()

    asyncio.run(scenario())


async def _kill(running: RunningKafka) -> None:
    before = running.pids()["kafka-1"]
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + BACK_SECONDS_MAX
    while running.pids()["kafka-1"] == before:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def _identity(state: Path) -> str:
    return (state / "kafka-1" / "data" / "meta.properties").read_text(encoding="ascii")


def _records() -> list[bytes]:
    return [b"record %d" % number for number in range(RECORDS)]


async def _write(bootstrap: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        for record in _records():
            await producer.send_and_wait(PROBED_TOPIC, record, partition=0)
    finally:
        await producer.stop()


async def _read(bootstrap: str) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None)
    await consumer.start()
    try:
        partition = TopicPartition(PROBED_TOPIC, 0)
        consumer.assign([partition])
        consumer.seek(partition, 0)
        values: list[bytes] = []
        while len(values) < RECORDS:
            fetched = await consumer.getmany(partition, timeout_ms=1000)
            values += [record.value for record in fetched.get(partition, ()) if record.value != b"probe"]
        return values
    finally:
        await consumer.stop()
