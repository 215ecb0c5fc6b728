"""One run's conversation with a cluster: what was submitted, what was said of it, and the truth.

Promises: ids are of this run alone, so that a running cluster's own uploads are no concern of it; a send that Kafka
refused ends the run.
"""

import asyncio
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer

from loadtest.files import MadeFile
from loadtest.reading import Arrival, Reader, reading
from loadtest.truth import Truth
from services.contracts.codec import encode
from services.contracts.decided import WorkReceipt
from services.contracts.inside import ReadRequested
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
    READS_REQUESTED,
    RIGHTSHOLDERS_SUBMITTED,
    UPLOADS_SUBMITTED,
    VERDICTS_DECIDED,
    WORKS_RECEIPTS,
    WORKS_SUBMITTED,
    Topic,
)

# A burst of 1,000 uploads must not wait in the client for room.
BATCH_BYTES_MAX = 512 * 1024
# Above the 30 s after which an upload without a verdict is UNSCANNED: what has not come then is missed.
ANSWER_SECONDS_MAX = 45.0
MEDIA_TYPE = "application/octet-stream"

Status = WorkReceipt.Status


class Session:
    """Sends submissions and keeps what comes back."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._sent: list[asyncio.Future[Any]] = []
        self.run_id = uuid.uuid4().hex[:12]
        self.rightsholder_id = f"load-{self.run_id}"
        self.truth = Truth()
        self.receipts: dict[str, list[WorkReceipt]] = defaultdict(list)
        self.asked: dict[str, list[Arrival]] = defaultdict(list)
        """By upload: when it was asked for again."""
        self.reader: Reader

    async def submit(self, upload_id: str, uri: str) -> None:
        """Hand an upload to the Kafka client; the truth about it has been told before."""
        upload = UploadSubmitted(upload_id, f"uploader-{self.run_id}", uri, media_type=MEDIA_TYPE)
        await self._send(UPLOADS_SUBMITTED, upload_id, upload)

    async def delete(self, upload_id: str) -> None:
        """Say that the upload's owner deleted it."""
        await self._send(UPLOADS_SUBMITTED, upload_id, None)

    async def enroll(self) -> None:
        """Enrol the run's rightsholder."""
        enroll = Enroll(name="A load test's rightsholder", standing=Enroll.Standing.TRUSTED)
        fact = RightsholderSubmitted(self.rightsholder_id, f"enroll-{self.run_id}", enroll=enroll)
        await self._send(RIGHTSHOLDERS_SUBMITTED, self.rightsholder_id, fact)
        await self.acknowledged()

    async def register(self, work_id: str, made: MadeFile) -> float:
        """Register a work by its digest and return when, by the monotonic clock."""
        register = Register(
            title=f"A load test's {work_id}",
            references=(Reference("file", content=made.content),),
            documents=(Document(kind="declaration"),),
            attestation=Attestation(exclusive=True, accurate=True, good_faith=True, signed_by="A load test"),
        )
        fact = WorkSubmitted(self.rightsholder_id, f"register-{work_id}", work_id, register=register)
        at = time.monotonic()
        await self._send(WORKS_SUBMITTED, self.rightsholder_id, fact)
        return at

    async def receipts_came(self, work_ids: Iterable[str], status: Status) -> bool:
        """Wait until each of these works' registrations has that receipt; False if one has not in time."""
        waiting = set(work_ids)

        def all_came() -> bool:
            waiting.difference_update([work_id for work_id in waiting if self._has(work_id, status)])
            return not waiting

        return await self.reader.until(all_came, ANSWER_SECONDS_MAX)

    async def answered(self) -> bool:
        """Wait until every verdict that must come has come; False if one has not in time."""
        await self.acknowledged()
        return await self.reader.until(lambda: not self.truth.outstanding, ANSWER_SECONDS_MAX)

    async def acknowledged(self) -> None:
        """Wait until Kafka has all that was sent; raise what it refused."""
        sent, self._sent = self._sent, []
        await asyncio.gather(*sent)

    def _has(self, work_id: str, status: Status) -> bool:
        return any(receipt.status is status for receipt in self.receipts[work_id])

    async def _send(self, topic: Topic, key: str, fact: object | None) -> None:
        value = None if fact is None else encode(fact)
        self._sent.append(await self._producer.send(topic.name, key=key.encode(), value=value))

    def saw_verdict(self, arrival: Arrival) -> None:
        """Note a verdict."""
        self.truth.saw(arrival.fact, arrival.at)

    def saw_receipt(self, arrival: Arrival) -> None:
        """Note a receipt, if it is the run's."""
        receipt: WorkReceipt = arrival.fact
        if receipt.rightsholder_id == self.rightsholder_id:
            self.receipts[receipt.work_id].append(receipt)

    def saw_asked(self, arrival: Arrival) -> None:
        """Note that an upload is to be read again."""
        asked: ReadRequested = arrival.fact
        self.asked[asked.upload_id].append(arrival)


@asynccontextmanager
async def session(bootstrap: str) -> AsyncIterator[Session]:
    """Give a session that hears everything from now on."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=BATCH_BYTES_MAX,
        retry_backoff_ms=10,
    )
    await producer.start()
    try:
        opened = Session(producer)
        handlers = {
            VERDICTS_DECIDED: opened.saw_verdict,
            WORKS_RECEIPTS: opened.saw_receipt,
            READS_REQUESTED: opened.saw_asked,
        }
        async with reading(bootstrap, handlers) as opened.reader:
            yield opened
    finally:
        await producer.stop()
