"""Waiting for the answer to what was submitted."""

import time
from collections.abc import AsyncIterator

from services.client.errors import UnansweredError
from services.client.following import Follower
from services.client.said import said
from services.client.submitting import Sent
from services.contracts.decided import VerdictDecided, WorkReceipt
from services.contracts.topics import VERDICTS_DECIDED, WORKS_RECEIPTS

Status = WorkReceipt.Status
LAST = frozenset({Status.REJECTED, Status.RELEASED, Status.ENFORCED})
"""After one of these nothing more is said about a submission."""


async def receipts_of(follower: Follower, submission_id: str, seconds: float) -> AsyncIterator[WorkReceipt]:
    """Give each receipt of a submission until its last one; UnansweredError if that does not come in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for record in await follower.more():
            if record.topic != WORKS_RECEIPTS.name:
                continue
            receipt: WorkReceipt = said(record).fact
            if receipt.submission_id == submission_id:
                yield receipt
                if receipt.status in LAST:
                    return
    raise UnansweredError(f"No final receipt for {submission_id} came within {seconds:g} s.")


async def verdict_on(follower: Follower, sent: Sent, seconds: float) -> VerdictDecided | None:
    """Return the first verdict on a submission, or None when a deletion is confirmed; UnansweredError if none comes."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for record in await follower.more():
            if record.topic != VERDICTS_DECIDED.name or record.key != sent.key.encode():
                continue
            verdict: VerdictDecided | None = said(record).fact
            if verdict is None or verdict.submission >= sent.offset:
                return verdict
    raise UnansweredError(
        f"No verdict on {sent.key} came within {seconds:g} s; an unchanged submission keeps the one that it has."
    )
