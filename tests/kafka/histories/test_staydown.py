"""G4 on a real Kafka: who could read ACCEPTED never sees CLEAR on the same bytes submitted after it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from services.contracts.codec import decode, encode
from services.contracts.decided import VerdictDecided, WorkReceipt
from services.contracts.submitted import (
    Attestation,
    Document,
    Enroll,
    Reference,
    Register,
    RightsholderSubmitted,
    UploadSubmitted,
    WorkSubmitted,
)
from services.contracts.topics import (
    RIGHTSHOLDERS_SUBMITTED,
    UPLOADS_SUBMITTED,
    VERDICTS_DECIDED,
    WORKS_RECEIPTS,
    WORKS_SUBMITTED,
    Topic,
)
from tests.kafka.histories.world import RealCluster, RealFiles, real_cluster
from tests.simulator.files import content_of

REGISTRATIONS = 3_000
RIGHTSHOLDERS = 20
AT_ONCE = 50
"""Registrations under way together: enough to keep every batch busy, few enough that receipts come back quickly."""

VICTIMS = ("matcher", "registry", "enforcer")
BETWEEN_KILLS_SECONDS = 6.0

ANSWERED_WITHIN_SECONDS = 180

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]


def test_no_upload_submitted_after_accepted_is_ever_clear(tmp_path: Path) -> None:
    """G4: thousands of uploads, each submitted the moment the receipt of its own bytes is read, are never CLEAR.

    Meanwhile the services on the way of listing and upload are killed, so that they lag one behind another.
    """
    verdicts = asyncio.run(_race(tmp_path))
    assert len(verdicts) == REGISTRATIONS
    clear = [one for log in verdicts.values() for one in log if one.verdict is VerdictDecided.Verdict.CLEAR]
    assert clear == []
    assert all(log[-1].verdict is VerdictDecided.Verdict.BLOCKED for log in verdicts.values())


async def _race(directory: Path) -> dict[str, list[VerdictDecided]]:
    async with real_cluster(directory) as (cluster, files):
        bootstrap = cluster.running.bootstrap
        for number in range(RIGHTSHOLDERS):
            label = f"label-{number}"
            enroll = RightsholderSubmitted(label, "enrol", enroll=Enroll(label))
            cluster.publish(RIGHTSHOLDERS_SUBMITTED, label, encode(enroll))
        await cluster.flush()
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=0)
        await producer.start()
        try:
            return await _run(bootstrap, producer, cluster, files)
        finally:
            await producer.stop()


async def _run(
    bootstrap: str, producer: AIOKafkaProducer, cluster: RealCluster, files: RealFiles
) -> dict[str, list[VerdictDecided]]:
    room = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(ANSWERED_WITHIN_SECONDS):
        registering = tasks.create_task(_register(producer, files, room))
        reacting = tasks.create_task(_react(bootstrap, producer, files, room))
        verdicts = tasks.create_task(_watch(bootstrap))
        killing = tasks.create_task(_kill_now_and_then(cluster))
        await asyncio.wait({registering, reacting, verdicts})
        killing.cancel()
    return verdicts.result()


async def _kill_now_and_then(cluster: RealCluster) -> None:
    for victim in itertools.cycle(VICTIMS):
        await asyncio.sleep(BETWEEN_KILLS_SECONDS)
        cluster.kill(victim)


async def _register(producer: AIOKafkaProducer, files: RealFiles, room: asyncio.Semaphore) -> None:
    for number in range(REGISTRATIONS):
        await room.acquire()
        files.put(files.uri(f"song-{number}"), f"song-{number};")
        rightsholder = f"label-{number % RIGHTSHOLDERS}"
        work = WorkSubmitted(
            rightsholder_id=rightsholder,
            submission_id=f"song-{number}",
            work_id=f"song-{number}",
            register=Register(
                title="a song",
                references=(Reference("r", content=content_of(f"song-{number};")),),
                documents=(Document("contract"),),
                attestation=Attestation(exclusive=True, accurate=True, good_faith=True, signed_by="N. N."),
            ),
        )
        await producer.send(WORKS_SUBMITTED.name, encode(work), rightsholder.encode())


async def _react(bootstrap: str, producer: AIOKafkaProducer, files: RealFiles, room: asyncio.Semaphore) -> None:
    """Submit an upload of the registered bytes the moment ACCEPTED is read."""
    accepted = 0
    async with _reading(bootstrap, WORKS_RECEIPTS) as consumer:
        async for record in consumer:
            receipt: WorkReceipt = decode(WorkReceipt, record.value)
            assert receipt.status is not WorkReceipt.Status.REJECTED, receipt
            if receipt.status is not WorkReceipt.Status.ACCEPTED:
                continue
            upload = UploadSubmitted(receipt.work_id, "someone", files.uri(receipt.work_id))
            await producer.send(UPLOADS_SUBMITTED.name, encode(upload), receipt.work_id.encode())
            room.release()
            accepted += 1
            if accepted == REGISTRATIONS:
                return


async def _watch(bootstrap: str) -> dict[str, list[VerdictDecided]]:
    """Return every verdict on every upload, once each has one that is not UNSCANNED."""
    verdicts: dict[str, list[VerdictDecided]] = {}
    scanned = set()
    async with _reading(bootstrap, VERDICTS_DECIDED) as consumer:
        async for record in consumer:
            verdict: VerdictDecided = decode(VerdictDecided, record.value)
            verdicts.setdefault(verdict.upload_id, []).append(verdict)
            if verdict.verdict is not VerdictDecided.Verdict.UNSCANNED:
                scanned.add(verdict.upload_id)
            if len(scanned) == REGISTRATIONS:
                break
    return verdicts


@asynccontextmanager
async def _reading(bootstrap: str, topic: Topic) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        topic.name,
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=5,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()
