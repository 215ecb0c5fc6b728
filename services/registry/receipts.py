"""Receipts: the answers to submissions."""

from collections.abc import Sequence

from services.contracts.decided import Problem, WorkReceipt
from services.contracts.processor import Emit, Event
from services.contracts.topics import WORKS_RECEIPTS
from services.contracts.types import timestamp

Status = WorkReceipt.Status
Reason = WorkReceipt.Reason


def receipt(
    event: Event,
    work_id: str,
    submission_id: str,
    received_at: int,
    status: Status,
    *,
    copies_found: int = 0,
    problems: Sequence[Problem] = (),
) -> Emit:
    """Return a receipt; its reasons are those of its problems, each once, in order."""
    said = WorkReceipt(
        rightsholder_id=event.key,
        work_id=work_id,
        submission_id=submission_id,
        status=status,
        reasons=tuple(dict.fromkeys(Reason(one.reason) for one in problems)),
        problems=tuple(problems),
        copies_found=copies_found,
        received_at=timestamp(received_at),
        decided_at=timestamp(event.now),
    )
    return Emit(WORKS_RECEIPTS, event.key, said, event.partition)


def rejected(event: Event, work_id: str, submission_id: str, received_at: int, *problems: Problem) -> Emit:
    """Return the receipt of a submission that is refused."""
    return receipt(event, work_id, submission_id, received_at, Status.REJECTED, problems=problems)
