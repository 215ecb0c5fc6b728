"""Looking up what was said, from the beginning of the topics that say it: as long as it takes to read all of it.

Promises: what is asked with `seconds` ends within them, with an UnansweredError if there was more to read.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from services.client.answers import VerdictWait
from services.client.errors import ClientError, UnansweredError
from services.client.following import Follower, Place, following, record_at
from services.client.said import Said, said, said_by_anybody
from services.client.standing import DisputeOfWork, WorkStanding, add_up
from services.client.submitting import Sent
from services.contracts.decided import TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.objections import CourtAction, DisputeSubmitted, GiveUp, Uphold
from services.contracts.submitted import UploadSubmitted, WorkSubmitted
from services.contracts.topics import (
    DISPUTES_SUBMITTED,
    TAKEDOWNS_ISSUED,
    TOPICS,
    UPLOADS_SUBMITTED,
    VERDICTS_DECIDED,
    WORKS_RECEIPTS,
    WORKS_SUBMITTED,
    Topic,
)
from services.runtime.address import Address

READ_SECONDS = 60.0
"""Some millions of records."""

CLOCKS_APART_MAX = timedelta(hours=1)
"""Of who submits and who decides, both of which stamp their records."""

_FROM_WORLD = frozenset(topic.name for topic in TOPICS if topic.from_world)


async def all_said(kafka: Address, *topics: Topic) -> AsyncIterator[Said]:
    """Give everything that was said up to now, each partition in its order; what outsiders garbled is left out."""
    async with following(kafka, [topic.name for topic in topics], from_beginning=True) as follower:
        async for record in follower.until_present_end():
            found = said_by_anybody(record) if record.topic in _FROM_WORLD else said(record)
            if found is not None:
                yield found


async def standing_of(
    kafka: Address, rightsholder_id: str, work_id: str, seconds: float = READ_SECONDS
) -> WorkStanding:
    """Return how a work stands at present."""
    known = KnownWork()
    takedowns: list[TakedownIssued] = []
    async with within(seconds):
        async for each in all_said(kafka, WORKS_SUBMITTED, WORKS_RECEIPTS, TAKEDOWNS_ISSUED):
            fact = each.fact
            if isinstance(fact, TakedownIssued):
                if (fact.rightsholder_id, fact.work_id) == (rightsholder_id, work_id):
                    takedowns.append(fact)
            elif each.key == rightsholder_id and fact.work_id in (work_id, ""):
                known.take(fact)
        disputes = await _disputes(kafka, takedowns) if takedowns else ()
    return replace(add_up(known.receipts, takedowns, known.submissions), disputes=disputes)


@dataclass(slots=True)
class KnownWork:
    """What was submitted and answered about one work, and about everything that its rightsholder holds."""

    submissions: list[WorkSubmitted] = field(default_factory=list)
    receipts: list[WorkReceipt] = field(default_factory=list)

    def take(self, fact: WorkSubmitted | WorkReceipt | object) -> None:
        """Take up a fact, in the order of its topic."""
        if isinstance(fact, WorkReceipt):
            self.receipts.append(fact)
        elif isinstance(fact, WorkSubmitted):
            self.submissions.append(fact)

    @property
    def standing(self) -> WorkStanding:
        """How it stands, leaving aside takedowns and disputes."""
        return add_up(self.receipts, (), self.submissions)


async def known_works(
    kafka: Address, rightsholder_id: str, work_ids: frozenset[str], seconds: float = READ_SECONDS
) -> dict[str, KnownWork]:
    """Return what was submitted and answered about each of these works."""
    known = {work_id: KnownWork() for work_id in work_ids}
    async with within(seconds):
        async for each in all_said(kafka, WORKS_SUBMITTED, WORKS_RECEIPTS):
            if each.key != rightsholder_id:
                continue
            for work_id in (each.fact.work_id,) if each.fact.work_id else work_ids:
                if work_id in known:
                    known[work_id].take(each.fact)
    return known


async def verdict_about(kafka: Address, upload_id: str, submission: int, seconds: float) -> VerdictDecided | None:
    """Return the present verdict on a submission or a later one, waiting for it; None if the upload was deleted."""
    async with following(kafka, (UPLOADS_SUBMITTED.name,)) as uploads:
        partition = uploads.partition_of(UPLOADS_SUBMITTED.name, upload_id)
    record = await record_at(kafka, Place(UPLOADS_SUBMITTED.name, partition, submission))
    if record is not None and record.key != upload_id.encode():
        raise ClientError(f"Offset {submission} of {UPLOADS_SUBMITTED.name} is no submission of {upload_id}.")
    submitted = None if record is None else said_by_anybody(record)
    fact = UploadSubmitted(upload_id, "", "") if submitted is None else submitted.fact
    wait = VerdictWait(kafka, Sent(UPLOADS_SUBMITTED, upload_id, partition, submission), fact)
    since = None if record is None else record.at - CLOCKS_APART_MAX
    async with following(kafka, (VERDICTS_DECIDED.name,), since=since, from_beginning=since is None) as verdicts:
        return await _present(verdicts, upload_id, wait, seconds)


async def _present(verdicts: Follower, upload_id: str, wait: VerdictWait, seconds: float) -> VerdictDecided | None:
    """Return the latest of what was said already, or the first of what comes that is an answer."""
    deadline = time.monotonic() + seconds
    key, latest = upload_id.encode(), None
    async for record in verdicts.until_present_end():
        latest = said(record) if record.key == key else latest
    while True:
        if latest is not None and latest.fact is not None and await wait.is_answer(latest.fact):
            answer: VerdictDecided = latest.fact
            return answer
        if time.monotonic() > deadline:
            break
        for record in await verdicts.more():
            latest = said(record) if record.key == key else latest
    if latest is not None and latest.fact is None:
        return None
    raise wait.unanswered(seconds, latest)


async def _disputes(kafka: Address, takedowns: list[TakedownIssued]) -> tuple[DisputeOfWork, ...]:
    """Return the disputes about these takedowns of one work, each with the last that was said in it."""
    ids = {each.upload_id: {""} for each in takedowns}
    for each in takedowns:
        ids[each.upload_id].add(each.takedown_id)
    found: dict[tuple[str, str], DisputeOfWork] = {}
    async for said_ in all_said(kafka, DISPUTES_SUBMITTED):
        fact: DisputeSubmitted = said_.fact
        step = _step_about(fact, takedowns[0].rightsholder_id)
        if step and fact.takedown_id in ids.get(fact.upload_id, ()):
            found[fact.upload_id, fact.dispute_id] = DisputeOfWork(fact.upload_id, fact.dispute_id, step, said_.at)
    return tuple(found.values())


def _step_about(fact: DisputeSubmitted, rightsholder_id: str) -> str:
    """Return the name of the step, or nothing if it is another claimant's."""
    step = next(step for step in fact.steps if step is not None)
    if isinstance(step, Uphold | GiveUp | CourtAction) and step.rightsholder_id != rightsholder_id:
        return ""
    return next(name for name in fact.__struct_fields__ if getattr(fact, name) is step)


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """End what is read inside after so many seconds, with an UnansweredError."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise UnansweredError(f"After {seconds:g} s there was still more to read: allow more time.") from None
