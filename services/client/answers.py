"""Waiting for the answer to what was submitted."""

import time
from collections.abc import AsyncIterator
from typing import Any

from msgspec.structs import replace

from services.client.errors import UnansweredError
from services.client.following import Place, record_at
from services.client.hearing import Ear
from services.client.said import Said, said_by_anybody
from services.client.submitting import Sent
from services.contracts.decided import VerdictDecided, WorkReceipt
from services.contracts.submitted import UploadSubmitted, WorkSubmitted
from services.runtime.address import Address

Status = WorkReceipt.Status
LAST = frozenset(Status) - {Status.ACCEPTED, Status.CONFLICTED}
"""After one of these nothing more is said about a submission, or after HELD nothing before a person has decided."""

# Notices on one step go to several people, and so to several partitions, which show them one after another.
TOGETHER_POLL_MS = 500


async def receipts_of(ear: Ear, fact: WorkSubmitted, seconds: float) -> AsyncIterator[WorkReceipt]:
    """Give each receipt of a submission until its last one; UnansweredError if that does not come in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for each in await ear.more():
            receipt: WorkReceipt = each.fact
            if answers_action(fact, receipt):
                yield receipt
                if receipt.status in LAST:
                    return
    raise UnansweredError(f"No final receipt for {fact.submission_id} came within {seconds:g} s.")


def answers_action(fact: WorkSubmitted, receipt: WorkReceipt) -> bool:
    """Tell whether a receipt is about a submission: another rightsholder's may have the same submission_id."""
    return (receipt.rightsholder_id, receipt.submission_id) == (fact.rightsholder_id, fact.submission_id)


async def answers(ear: Ear, seconds: float) -> list[Said]:
    """Return the first answers that come together; UnansweredError if none comes in time."""
    deadline = time.monotonic() + seconds
    found: list[Said] = []
    while time.monotonic() < deadline:
        more = await ear.more(TOGETHER_POLL_MS) if found else await ear.more()
        if found and not more:
            return found
        found += more
    if not found:
        raise UnansweredError(f"No answer came within {seconds:g} s.")
    return found


class VerdictWait:
    """Which verdict answers a submission, or a deletion, of an upload.

    One on this submission, or on an earlier one that it repeats unchanged, which keeps its offset. UNSCANNED [CHANGED]
    says only that the bytes are compared anew, so it is no answer. A deletion is answered by the verdict's being taken
    back; for a submission that may be about an earlier deletion, so it is an answer only if nothing follows it.
    """

    def __init__(self, kafka: Address, sent: Sent, fact: UploadSubmitted | None) -> None:
        """Wait for the verdict on what was sent."""
        self._kafka = kafka
        self._sent = sent
        self._fact = fact
        self._so_far: Said | None = None

    async def verdict(self, ear: Ear, seconds: float) -> VerdictDecided | None:
        """Return the verdict, or None if there is none any more; UnansweredError if none comes in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for each in await ear.more():
                self._so_far = each
                verdict: VerdictDecided | None = each.fact
                if await self.is_answer(verdict):
                    return verdict
        if self._so_far is not None and self._so_far.fact is None:
            return None
        raise self.unanswered(seconds, self._so_far)

    async def is_answer(self, verdict: VerdictDecided | None) -> bool:
        """Tell whether a verdict on the upload, or its being taken back, answers what was sent."""
        if verdict is None or self._fact is None:
            return self._fact is None and (verdict is None or verdict.submission > self._sent.offset)
        if is_interim(verdict):
            return False
        return verdict.submission >= self._sent.offset or await self._is_repeated(verdict.submission)

    async def _is_repeated(self, submission: int) -> bool:
        """Tell whether an earlier submission said the same; one that is kept no longer is taken to have."""
        found = await record_at(self._kafka, Place(self._sent.topic.name, self._sent.partition, submission))
        if found is None:
            return True
        earlier = said_by_anybody(found)
        return earlier is not None and is_unchanged(earlier.fact, self._fact)

    def unanswered(self, seconds: float, so_far: Said | None) -> UnansweredError:
        """Return the error for a wait that is over; `so_far`: what was said last."""
        if so_far is not None and so_far.fact is not None and is_interim(so_far.fact):
            return UnansweredError(f"After {seconds:g} s the bytes of {self._sent.key} are still being compared anew.")
        return UnansweredError(
            f"No verdict on {self._sent.key} came within {seconds:g} s; an unchanged submission keeps the one that "
            "it has."
        )


def is_interim(verdict: VerdictDecided) -> bool:
    """Tell whether a verdict says only that another will follow, since the upload was changed."""
    changed = (VerdictDecided.Reason.CHANGED,)
    return verdict.verdict is VerdictDecided.Verdict.UNSCANNED and verdict.reasons == changed and not verdict.complete


def is_unchanged(one: Any, other: Any) -> bool:
    """Tell whether two submissions of an upload are one to the enforcer: all but the time for display is the same."""
    both = isinstance(one, UploadSubmitted) and isinstance(other, UploadSubmitted)
    return both and replace(one, submitted_at=None) == replace(other, submitted_at=None)
