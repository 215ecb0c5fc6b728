"""A rightsholder who registers works by their digests and waits for the receipts."""

import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from loadtest.files import MadeFile
from loadtest.peers.records import Broker, go_to_end
from loadtest.reading import lone_consumer
from loadtest.target import LoadTestError
from services.contracts.codec import decode_record, encode
from services.contracts.decided import WorkReceipt
from services.contracts.submitted import (
    Attestation,
    Document,
    Enroll,
    Reference,
    Register,
    Release,
    RightsholderSubmitted,
    WorkSubmitted,
)
from services.contracts.topics import RIGHTSHOLDERS_SUBMITTED, WORKS_RECEIPTS, WORKS_SUBMITTED, Topic
from services.runtime.partitioning import partition_of

RECEIPT_SECONDS_MAX = 120.0
POLL_MS = 100

Status = WorkReceipt.Status


class Rightsholder:
    """One who is enrolled."""

    def __init__(self, broker: Broker, producer: AIOKafkaProducer, consumer: AIOKafkaConsumer) -> None:
        self.rightsholder_id = f"load-{uuid.uuid4().hex[:12]}"
        self._broker = broker
        self._producer = producer
        self._consumer = consumer

    async def enroll(self) -> None:
        """Be enrolled, as one who is trusted."""
        enroll = Enroll(name="A load test's rightsholder", standing=Enroll.Standing.TRUSTED)
        await self._send(RIGHTSHOLDERS_SUBMITTED, RightsholderSubmitted(self.rightsholder_id, "enroll", enroll=enroll))

    async def register(self, works: Mapping[str, MadeFile], status: Status) -> None:
        """Register works, all at once, and return when each has a receipt of that status."""
        for work_id, made in works.items():
            register = Register(
                title=f"A load test's {work_id}",
                references=(Reference("file", content=made.content),),
                documents=(Document(kind="declaration"),),
                attestation=Attestation(exclusive=True, accurate=True, good_faith=True, signed_by="A load test"),
            )
            submission_id = f"register-{work_id}"
            await self._send(
                WORKS_SUBMITTED, WorkSubmitted(self.rightsholder_id, submission_id, work_id, register=register)
            )
        await self._receipts(set(works), status)

    async def release(self, work_id: str) -> None:
        """Give a work free, and return when that is done."""
        release = Release(Release.Reason.WITHDRAWN)
        submitted = WorkSubmitted(self.rightsholder_id, f"release-{work_id}", work_id, release=release)
        await self._send(WORKS_SUBMITTED, submitted)
        await self._receipts({work_id}, Status.RELEASED)

    async def _receipts(self, works: set[str], status: Status) -> None:
        """Wait until each work has a receipt of that status."""
        await self._producer.flush()
        waiting, deadline = set(works), time.monotonic() + RECEIPT_SECONDS_MAX
        while waiting:
            if time.monotonic() > deadline:
                raise LoadTestError(f"{len(waiting)} of {len(works)} works have no receipt {status}.")
            for records in (await self._consumer.getmany(timeout_ms=POLL_MS)).values():
                for record in records:
                    _, receipt = decode_record(WORKS_RECEIPTS, record.key, record.value)
                    if receipt.status is Status.REJECTED:
                        raise LoadTestError(f"A submission was refused: {', '.join(receipt.reasons)}.")
                    if receipt.status is status:
                        waiting.discard(receipt.work_id)

    async def _send(self, topic: Topic, fact: object) -> None:
        key = self.rightsholder_id.encode()
        place = partition_of(key, self._broker.partitions)
        await self._producer.send(topic.name, key=key, value=encode(fact), partition=place)


@asynccontextmanager
async def rightsholder(broker: Broker) -> AsyncIterator[Rightsholder]:
    """Give a rightsholder, already enrolled."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all", enable_idempotence=True)
    partitions = [TopicPartition(WORKS_RECEIPTS.name, number) for number in range(broker.partitions)]
    await producer.start()
    try:
        async with lone_consumer(broker.bootstrap, partitions) as consumer:
            await go_to_end(consumer, partitions)
            opened = Rightsholder(broker, producer, consumer)
            await opened.enroll()
            await producer.flush()
            yield opened
    finally:
        await producer.stop()
