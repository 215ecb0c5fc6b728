"""One run's conversation with a cluster: what was submitted, what was said of it, and the truth.

Promises: ids are of this run alone, so that a running cluster's own uploads are no concern of it; a send that Kafka
refused ends the run.
"""

import time
import uuid
from array import array
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from loadtest.files import MadeFile
from loadtest.form import UploadForm
from loadtest.reading import Arrival, Reader, facts, partitions_of, reading
from loadtest.sending import Sender, sending
from loadtest.truth import Said, Truth
from services.contracts.codec import encode
from services.contracts.decided import WorkReceipt
from services.contracts.submitted import (
    Attestation,
    Document,
    Enroll,
    Reference,
    Register,
    Release,
    RightsholderSubmitted,
    Settle,
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
from services.runtime.address import Address
from services.runtime.partitioning import partition_of

# Above the 30 s after which an upload without a verdict is UNSCANNED: when nothing has come for so long, what has not
# come is missed.
ANSWER_SECONDS_MAX = 45.0

Status = WorkReceipt.Status


class Session:
    """Sends submissions and keeps what comes back."""

    def __init__(self, sender: Sender, partitions: int) -> None:
        self.run_id = uuid.uuid4().hex[:12]
        self.rightsholder_id = f"load-{self.run_id}"
        self.truth = Truth()
        self.receipts: dict[str, dict[Status, list[float]]] = defaultdict(lambda: defaultdict(list))
        """By work and status: when a receipt came."""
        self.asked: dict[int, list[tuple[float, int]]] = defaultdict(list)
        """By upload: when it was asked for again: when that came, and when it was written, in ms since the epoch."""
        self.reader: Reader
        self._sender = sender
        self._partitions = partitions
        self._receipts_heard = 0
        self._places = array("H")
        self._form = UploadForm()
        self._prefix = f"{self.run_id}-".encode()
        self._said = msgspec.json.Decoder(Said)

    def new_uploads(self, count: int) -> range:
        """Return the numbers of so many new uploads."""
        numbers = self.truth.add(count)
        self._places.extend(partition_of(self._key(number), self._partitions) for number in numbers)
        return numbers

    def upload_id(self, number: int) -> str:
        """Return an upload's id."""
        return self._key(number).decode()

    def number_of(self, key: bytes) -> int | None:
        """Return the number of an upload by its id, None if it is another run's."""
        return int(key[len(self._prefix) :]) if key.startswith(self._prefix) else None

    def submit(self, number: int, uri: bytes) -> None:
        """Hand an upload to the sender; the truth about it has been told before."""
        key = self._key(number)
        self._sender.put(UPLOADS_SUBMITTED.name, self._places[number], key, self._form.fill(key, uri))

    def delete(self, number: int) -> None:
        """Say that the upload's owner deleted it."""
        self._sender.put(UPLOADS_SUBMITTED.name, self._places[number], self._key(number), None)

    async def enroll(self, rightsholder_id: str | None = None) -> None:
        """Enrol the run's rightsholder, or another one."""
        who = rightsholder_id or self.rightsholder_id
        enroll = Enroll(name="A load test's rightsholder", standing=Enroll.Standing.TRUSTED)
        self._put(RIGHTSHOLDERS_SUBMITTED, who, RightsholderSubmitted(who, f"enroll-{self.run_id}", enroll=enroll))
        await self.acknowledged()

    def register(self, work_id: str, made: MadeFile, rightsholder_id: str | None = None) -> float:
        """Register a work by its digest and return when, by the monotonic clock."""
        register = Register(
            title=f"A load test's {work_id}",
            references=(Reference("file", content=made.content),),
            documents=(Document(kind="declaration"),),
            attestation=Attestation(exclusive=True, accurate=True, good_faith=True, signed_by="A load test"),
        )
        return self._act(work_id, rightsholder_id, register=register)

    def release(self, work_id: str) -> float:
        """Release a work and return when."""
        return self._act(work_id, None, release=Release(Release.Reason.WITHDRAWN))

    def settle(self) -> float:
        """Release everything that the run's rightsholder has registered and return when; its answer names no work."""
        return self._act("", None, settle=Settle(Release.Reason.SETTLED))

    async def receipts_came(self, work_ids: Iterable[str], status: Status, times: int = 1) -> bool:
        """Wait until each of these works has that receipt so many times; False if one has not in time."""
        waiting = set(work_ids)

        def all_came() -> bool:
            waiting.difference_update([one for one in waiting if len(self.receipts[one][status]) >= times])
            return not waiting

        return await self.reader.until_settled(all_came, self._heard, ANSWER_SECONDS_MAX)

    async def answered(self, but: int = 0) -> bool:
        """Wait until every verdict that must come has come, but so many; False if they have not in time."""
        await self.acknowledged()
        return await self.reader.until_settled(lambda: self.truth.outstanding <= but, self._heard, ANSWER_SECONDS_MAX)

    async def acknowledged(self) -> None:
        """Wait until Kafka has all that was sent; raise what it refused."""
        await self._sender.acknowledged()

    def _act(self, work_id: str, rightsholder_id: str | None, **action: Any) -> float:
        who = rightsholder_id or self.rightsholder_id
        fact = WorkSubmitted(who, f"submission-{uuid.uuid4().hex}", work_id, **action)
        at = time.monotonic()
        self._put(WORKS_SUBMITTED, who, fact)
        return at

    def _put(self, topic: Topic, key: str, fact: object) -> None:
        place = partition_of(key.encode(), self._partitions)
        self._sender.put(topic.name, place, key.encode(), encode(fact))

    def _key(self, number: int) -> bytes:
        return b"%s%07d" % (self._prefix, number)

    def _heard(self) -> int:
        return self.truth.heard + self._receipts_heard

    def saw_verdicts(self, records: Sequence[Any], at: float) -> None:
        """Note verdicts, if they are the run's."""
        for record in records:
            if record.value is not None and record.key.startswith(self._prefix):
                said = self._said.decode(record.value)
                assert said.upload_id == record.key.decode(), "a verdict's key is its upload_id"  # noqa: S101  # G2
                self.truth.saw(int(record.key[len(self._prefix) :]), said, at)

    def saw_receipt(self, arrival: Arrival) -> None:
        """Note a receipt, if it is the run's."""
        receipt: WorkReceipt = arrival.fact
        if receipt.rightsholder_id.startswith(self.rightsholder_id):
            self.receipts[receipt.work_id][receipt.status].append(arrival.at)
            self._receipts_heard += 1

    def saw_asked(self, records: Sequence[Any], at: float) -> None:
        """Note which uploads of the run are to be read again."""
        for record in records:
            if (number := self.number_of(record.key)) is not None:
                self.asked[number].append((at, record.timestamp))


@asynccontextmanager
async def session(kafka: Address) -> AsyncIterator[Session]:
    """Give a session that hears everything from now on."""
    partitions = len(await partitions_of(kafka, [UPLOADS_SUBMITTED]))
    async with sending(kafka) as sender:
        opened = Session(sender, partitions)
        handlers = {
            VERDICTS_DECIDED: opened.saw_verdicts,
            WORKS_RECEIPTS: facts(WORKS_RECEIPTS, opened.saw_receipt),
            READS_REQUESTED: opened.saw_asked,
        }
        async with reading(kafka, handlers) as opened.reader:
            yield opened
