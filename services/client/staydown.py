"""A cluster as those outside see it: `async with Staydown("localhost:9092") as staydown`.

Rightsholders register, license and release works; an upload pipeline submits uploads and acts on verdicts; uploaders
and claimants dispute; people review. The facts that are sent and received are those of `services.contracts`, which are
the public contract (`proto/staydown/v1`), and so are their units: sizes in bytes, times in UTC, places in milliseconds.

Promises: what a method returns has been taken by every replica in sync; each wait is bounded by its `seconds`; whatever
goes wrong is a `ClientError` whose message is one sentence, an `UnansweredError` if only the time was over, and a
`RefusedError` with reasons and cures if a submission was REJECTED. May be used by many tasks of one event loop; Kafka
is connected to when it is first needed.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Self, TypeVar, Unpack
from uuid import uuid4

from services.client.answers import answers_action
from services.client.bulk import NOTHING_COMMON, Bulk, Common
from services.client.disputing import Told, history_of
from services.client.following import following
from services.client.hearing import Ear, Hearing, hearing
from services.client.held import HeldFacts, held_now
from services.client.keys import SigningKey, read_signing_key
from services.client.pending import RECEIPT_SECONDS, VERDICT_SECONDS, PendingAction, PendingStep, PendingUpload
from services.client.reading_back import READ_SECONDS, standing_of, verdict_about
from services.client.reporting import statements_of
from services.client.reviewing import answers_review
from services.client.said import Said, said
from services.client.standing import WorkStanding
from services.client.steps import Action, DisputeStep, RightsholderStep, named
from services.client.submitting import Sender, Sent, sending
from services.client.wanted import works_in_csv, works_in_folder
from services.contracts.decided import NoticeIssued, TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.objections import DisputeSubmitted, ReviewSubmitted, UploadReviewed, WorkReviewed
from services.contracts.statements import TransparencyStatement
from services.contracts.submitted import (
    Exclude,
    License,
    Register,
    Release,
    Revoke,
    RightsholderSubmitted,
    Settle,
    UploadSubmitted,
    WorkSubmitted,
)
from services.contracts.topics import (
    DISPUTES_SUBMITTED,
    NOTICES_ISSUED,
    REVIEWS_SUBMITTED,
    RIGHTSHOLDERS_SUBMITTED,
    TAKEDOWNS_ISSUED,
    UPLOADS_SUBMITTED,
    VERDICTS_DECIDED,
    WORKS_RECEIPTS,
    WORKS_SUBMITTED,
    Topic,
)
from services.runtime.address import Address, Kafka, Security

T = TypeVar("T")
Verdict = tuple[str, VerdictDecided | None]
"""An upload's id and the verdict on it; None: its owner deleted it."""


class Staydown:
    """A connection to a cluster, by the brokers to start from (HOST:PORT,…)."""

    def __init__(self, kafka: Address, *, key: SigningKey | Path | None = None, **security: Unpack[Security]) -> None:
        """Talk to this Kafka; sign what a rightsholder submits by `key`, or the key in that file.

        `security`: as aiokafka's clients take it, for example `security_protocol="SASL_SSL"`, `ssl_context=…`,
        `sasl_mechanism="SCRAM-SHA-512"`, `sasl_plain_username=…`, `sasl_plain_password=…`.
        """
        self.kafka = kafka if isinstance(kafka, Kafka) else Kafka(kafka, security)
        self._key = read_signing_key(key) if isinstance(key, Path) else key
        self._closing = AsyncExitStack()
        self._connecting = asyncio.Lock()
        self._sender: Sender | None = None
        self._hearings: dict[Topic, Hearing] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._closing.aclose()

    async def admit(self, rightsholder_id: str, step: RightsholderStep, submission_id: str | None = None) -> Sent:
        """Let a rightsholder in (`Enroll`), or `Suspend` or `Restore` one, as the platform's legal team.

        No receipt follows: what is submitted afterwards is judged by it.
        """
        fact = RightsholderSubmitted(rightsholder_id, submission_id or str(uuid4()), datetime.now(UTC), **named(step))
        return await self.send(RIGHTSHOLDERS_SUBMITTED, rightsholder_id, fact)

    async def register(
        self, rightsholder_id: str, work_id: str, registration: Register, seconds: float = RECEIPT_SECONDS
    ) -> WorkReceipt:
        """Register a work: every copy comes down and stays down. `registration` makes one of files.

        Returns the ENFORCED receipt with `copies_found`, or the HELD one of a registration that waits for a person.
        """
        return await (await self.act(rightsholder_id, work_id, registration)).receipt(seconds)

    def register_folder(
        self, rightsholder_id: str, folder: Path, common: Common = NOTHING_COMMON, seconds: float = RECEIPT_SECONDS
    ) -> Bulk:
        """Register each audio, image and video file below a folder as a work, named by its content.

        `async for outcome in …` tells what became of each, in any order. A second run submits only what is new, was
        refused, or ended since.
        """
        return Bulk(self, rightsholder_id, works_in_folder(folder), common, seconds)

    def register_csv(
        self, rightsholder_id: str, file: Path, common: Common = NOTHING_COMMON, seconds: float = RECEIPT_SECONDS
    ) -> Bulk:
        """Do the same for each row of a CSV file, whose columns are those of `wanted.COLUMNS`."""
        return Bulk(self, rightsholder_id, works_in_csv(file), common, seconds)

    async def license(
        self, rightsholder_id: str, work_id: str, licence: License, seconds: float = RECEIPT_SECONDS
    ) -> WorkReceipt:
        """Let somebody show a work, or with `work_id` "" everything that they hold now or later."""
        return await (await self.act(rightsholder_id, work_id, licence)).receipt(seconds)

    async def revoke(
        self, rightsholder_id: str, work_id: str, license_id: str, seconds: float = RECEIPT_SECONDS
    ) -> WorkReceipt:
        """End a licence of a work, or with `work_id` "" one for everything."""
        return await (await self.act(rightsholder_id, work_id, Revoke(license_id))).receipt(seconds)

    async def exclude(
        self, rightsholder_id: str, work_id: str, part: Exclude, seconds: float = RECEIPT_SECONDS
    ) -> WorkReceipt:
        """Name a part of a reference that is not theirs."""
        return await (await self.act(rightsholder_id, work_id, part)).receipt(seconds)

    async def release(
        self,
        rightsholder_id: str,
        work_id: str,
        reason: Release.Reason = Release.Reason.WITHDRAWN,
        seconds: float = RECEIPT_SECONDS,
    ) -> WorkReceipt:
        """Give a work free: what was taken down for it comes back."""
        return await (await self.act(rightsholder_id, work_id, Release(reason))).receipt(seconds)

    async def settle(
        self,
        rightsholder_id: str,
        reason: Release.Reason = Release.Reason.SETTLED,
        seconds: float = RECEIPT_SECONDS,
    ) -> WorkReceipt:
        """Give free everything that was registered before."""
        return await (await self.act(rightsholder_id, "", Settle(reason))).receipt(seconds)

    async def act(
        self, rightsholder_id: str, work_id: str, action: Action, submission_id: str | None = None
    ) -> PendingAction:
        """Submit an action and return what tells its receipts; `work_id` "": on everything that they hold.

        `submission_id`: the idempotency key, remembered 90 days; a new one unless given. A repeated one emits nothing.
        """
        step = named(action, of_everything=not work_id)
        fact = WorkSubmitted(rightsholder_id, submission_id or str(uuid4()), work_id, datetime.now(UTC), **step)
        ear = await self._ear(lambda it: answers_action(fact, it.fact), WORKS_RECEIPTS)
        return PendingAction(fact, await self.send(WORKS_SUBMITTED, rightsholder_id, fact), ear)

    async def submit(self, upload: UploadSubmitted) -> Sent:
        """Submit an upload; `offset` of what is returned is its submission, which verdicts name."""
        return await self.send(UPLOADS_SUBMITTED, upload.upload_id, upload)

    async def submit_and_wait(self, upload: UploadSubmitted, seconds: float = VERDICT_SECONDS) -> VerdictDecided | None:
        """Submit an upload and return the verdict on it; None if it was deleted meanwhile.

        The first that a platform acts on: UNSCANNED [CHANGED], which another follows at once, is waited over.
        """
        return await (await self.post(upload.upload_id, upload)).verdict(seconds)

    async def delete(self, upload_id: str) -> Sent:
        """Delete an upload, as its owner does: its verdict is taken back."""
        return await self.send(UPLOADS_SUBMITTED, upload_id, None)

    async def post(self, upload_id: str, upload: UploadSubmitted | None) -> PendingUpload:
        """Submit an upload, or delete it (None), and return what tells the verdict on it."""
        ear = await self._ear(lambda it: it.key == upload_id, VERDICTS_DECIDED)
        return PendingUpload(upload, await self.send(UPLOADS_SUBMITTED, upload_id, upload), ear, self.kafka)

    async def verdict(self, upload_id: str, submission: int, seconds: float = VERDICT_SECONDS) -> VerdictDecided | None:
        """Return the verdict on a submission of an upload, whoever sent it, or on a later one; None if it was deleted.

        What was said already is found too. UnansweredError if none comes within so many seconds.
        """
        return await verdict_about(self.kafka, upload_id, submission, seconds)

    async def dispute(
        self, upload_id: str, step: DisputeStep, dispute_id: str | None = None, takedown_id: str = ""
    ) -> PendingStep:
        """Take a step of a dispute, about one takedown or about all on the upload.

        `Dispute` opens one under a new id; `CounterNotice` and `Withdraw` are its uploader's, `Uphold`, `GiveUp` and
        `CourtAction` the claimant's, under the same id.
        """
        chosen = dispute_id or f"d-{uuid4().hex[:12]}"
        fact = DisputeSubmitted(upload_id, chosen, takedown_id, datetime.now(UTC), **named(step))
        about = (upload_id, chosen)
        ear = await self._ear(lambda it: (it.fact.about.upload_id, it.fact.about.dispute_id) == about, NOTICES_ISSUED)
        return PendingStep(chosen, await self.send(DISPUTES_SUBMITTED, upload_id, fact), ear)

    async def review(
        self, seen: UploadReviewed | WorkReviewed, answer: ReviewSubmitted.Answer, reviewer_id: str, note: str = ""
    ) -> PendingStep:
        """Decide about what is held: APPROVE, it is right; REJECT, it is not; PROTECT, nobody may ever list this.

        `seen`: what the reviewer saw; an answer to an older state is refused.
        """
        fact = ReviewSubmitted(
            *(str(uuid4()), reviewer_id, answer),
            upload=seen if isinstance(seen, UploadReviewed) else None,
            work=seen if isinstance(seen, WorkReviewed) else None,
            note=note,
            submitted_at=datetime.now(UTC),
        )
        where = (VERDICTS_DECIDED, WORKS_RECEIPTS, NOTICES_ISSUED)
        ear = await self._ear(lambda it: answers_review(fact, it), *where)
        return PendingStep(fact.review_id, await self.send(REVIEWS_SUBMITTED, fact.subject_id, fact), ear)

    def verdicts(self, *, from_beginning: bool = False) -> AsyncGenerator[Verdict, None]:
        """Give each upload's id and its verdict as it is decided, None after its owner deleted it; without end."""
        return self._follow(VERDICTS_DECIDED, lambda it: (it.key, it.fact), from_beginning=from_beginning)

    def receipts(self, *, from_beginning: bool = False) -> AsyncGenerator[WorkReceipt, None]:
        """Give each receipt as it is written; without end."""
        return self._follow(WORKS_RECEIPTS, lambda it: it.fact, from_beginning=from_beginning)

    def takedowns(self, *, from_beginning: bool = False) -> AsyncGenerator[TakedownIssued, None]:
        """Give each takedown and reinstatement as it is issued; without end."""
        return self._follow(TAKEDOWNS_ISSUED, lambda it: it.fact, from_beginning=from_beginning)

    def notices(self, *, from_beginning: bool = False) -> AsyncGenerator[NoticeIssued, None]:
        """Give each notice as it is issued; without end."""
        return self._follow(NOTICES_ISSUED, lambda it: it.fact, from_beginning=from_beginning)

    def watch(self, topic: Topic, *, from_beginning: bool = False) -> AsyncGenerator[Said, None]:
        """Give what is said on a public topic, with its key and time, from now on or from the oldest; without end."""
        return self._follow(topic, lambda it: it, from_beginning=from_beginning)

    async def standing(self, rightsholder_id: str, work_id: str, seconds: float = READ_SECONDS) -> WorkStanding:
        """Tell how a work stands: in force or not, copies found, uploads refused since, disputes."""
        return await standing_of(self.kafka, rightsholder_id, work_id, seconds)

    async def disputes_of(self, upload_id: str) -> list[Told]:
        """Tell everything that is kept about the disputes of an upload, in the order of time."""
        return await history_of(self.kafka, upload_id)

    async def held(self) -> HeldFacts:
        """Return the verdicts and the receipts of all that waits for a person."""
        return await held_now(self.kafka)

    async def statements(self, since: date | None = None, until: date | None = None) -> Iterator[TransparencyStatement]:
        """Give the statement of reasons of every takedown between two days, both included, for the EU's database."""
        return await statements_of(self.kafka, since, until)

    async def send(self, topic: Topic, key: str, fact: object | None) -> Sent:
        """Send any fact to a public input topic, None for a null value; what a rightsholder submits is signed."""
        async with self._connecting:
            if self._sender is None:
                self._sender = await self._closing.enter_async_context(sending(self.kafka))
        return await self._sender.send(topic, key, fact, self._key if topic.signed else None)

    async def hear(self, *topics: Topic) -> None:
        """Hear these topics from now on, if they are not heard yet."""
        async with self._connecting:
            for topic in topics:
                if topic not in self._hearings:
                    self._hearings[topic] = await self._closing.enter_async_context(hearing(self.kafka, topic))

    async def _ear(self, concerns: Callable[[Said], bool], *topics: Topic) -> Ear:
        """Return an ear that hears what concerns it on these topics from now on."""
        await self.hear(*topics)
        ear = Ear(concerns)
        for topic in topics:
            self._hearings[topic].add(ear)
        return ear

    async def _follow(self, topic: Topic, of: Callable[[Said], T], *, from_beginning: bool) -> AsyncGenerator[T, None]:
        """Give what is said until it is left, or the client is: who breaks off a loop closes nothing."""
        async with AsyncExitStack() as stack:
            self._closing.push_async_callback(stack.aclose)
            reader = following(self.kafka, (topic.name,), from_beginning=from_beginning)
            follower = await stack.enter_async_context(reader)
            while True:
                for record in await follower.more():
                    yield of(said(record))
