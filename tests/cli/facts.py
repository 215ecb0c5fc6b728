"""Facts as services say them, with what a test does not ask about filled in."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from services.contracts.decided import (
    NoticeIssued,
    Recipient,
    StatementOfReasons,
    Subject,
    TakedownIssued,
    VerdictDecided,
    WorkReceipt,
    WorkRef,
)
from services.contracts.submitted import License as Licence
from services.contracts.submitted import Licensee, WorkSubmitted

TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STATEMENT = StatementOfReasons("The bytes are identical.", "Infringement of copyright.", True, True, "Object.", TIME)


def receipt(status: WorkReceipt.Status, submission: str = "s", work: str = "w", **more: Any) -> WorkReceipt:
    """Return a receipt for rightsholder `a`."""
    return replace(WorkReceipt("a", work, submission, status, (), (), 0, TIME, TIME), **more)


def submitted(submission: str, work: str = "w", **action: Any) -> WorkSubmitted:
    """Return what rightsholder `a` submits."""
    return WorkSubmitted("a", submission, work, **action)


def licence(name: str, **more: Any) -> Licence:
    """Return a licence for everybody."""
    return replace(Licence(name, Licensee(platform=True)), **more)


def takedown(name: str, status: TakedownIssued.Status, **more: Any) -> TakedownIssued:
    """Return a takedown's record, of upload `u` for the work `w` of `a`."""
    basis, scan = TakedownIssued.Basis.NOTICE, VerdictDecided.Scan.BYTES
    made = TakedownIssued(name, "u", status, basis, scan, "w", "a", "bob", "", (), STATEMENT, TIME)
    return replace(made, **more)


def verdict(upload: str, what: VerdictDecided.Verdict, submission: int = 0, **more: Any) -> VerdictDecided:
    """Return a verdict that names the work `w` of `a` unless it is CLEAR."""
    works = () if what is VerdictDecided.Verdict.CLEAR else (WorkRef("a", "w"),)
    made = VerdictDecided(
        upload_id=upload,
        verdict=what,
        decision_id=f"decision-{upload}",
        revision=1,
        submission=submission,
        complete=True,
        scans=(),
        reasons=(),
        works=works,
        work_ids=tuple(work.work_id for work in works),
        blocked_territories=(),
        evidence=(),
        explanation="It is so.",
        decided_at=TIME,
    )
    return replace(made, **more)


def notice(kind: Recipient.Kind, to: str, **about: str) -> NoticeIssued:
    """Return a notice about something."""
    return NoticeIssued(
        notice_id=f"notice-{to}",
        recipient=Recipient(kind, to),
        about=Subject(**about),
        subject="A step was taken",
        text="This is what it means.",
        respond_until=TIME + 30 * DAY,
        issued_at=TIME,
    )
