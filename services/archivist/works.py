"""Entries of what concerns works and their rightsholders: submissions, receipts, enrolments. Pure."""

from typing import Any

from services.archive.measures import Measure, bound_of
from services.archive.tables import ANSWERS, RECEIPTS, RIGHTSHOLDER_STEPS, RIGHTSHOLDERS, WORK_SUBMISSIONS, WORKS
from services.archivist.entries import Count, Entry, Recorded, Row
from services.contracts.codec import encode
from services.contracts.decided import WorkReceipt
from services.contracts.receipts import is_about_another
from services.contracts.submitted import RightsholderSubmitted, WorkSubmitted, WorkUnreadable
from services.contracts.types import milliseconds

ACTIONS = ("register", "release", "license", "revoke", "exclude", "license_catalogue", "settle")
UNREADABLE = "unreadable"
Status = WorkReceipt.Status
# Each of these ends a submission; what follows, as CONFLICTED does, is no answer to it.
FINAL = {Status.ACCEPTED, Status.REJECTED, Status.RELEASED, Status.LICENSED, Status.REVOKED, Status.EXCLUDED}


def of_work_submission(record: Recorded, fact: WorkSubmitted | WorkUnreadable) -> Entry:
    """Return the entry of what a rightsholder submitted, or of what only its ids can be read."""
    action = UNREADABLE
    present: tuple[Row, ...] = ()
    if isinstance(fact, WorkSubmitted):
        action = next((name for name in ACTIONS if getattr(fact, name) is not None), UNREADABLE)
        if fact.register is not None and fact.work_id:
            named = {"registered_offset": record.offset, "title": fact.register.title}
            present = (_work(fact.rightsholder_id, fact.work_id, named),)
    row = {
        "rightsholder_id": fact.rightsholder_id,
        "record_offset": record.offset,
        "work_id": fact.work_id,
        "submission_id": fact.submission_id,
        "action": action,
        "at_ms": record.at_ms,
        "record": encode(fact).decode(),
    }
    return Entry(Row(WORK_SUBMISSIONS, row), present, (Count(Measure.REQUESTED, action, record.at_ms),))


def of_receipt(record: Recorded, fact: WorkReceipt) -> Entry:
    """Return the entry of an answer. One that is about another submission under that id changes nothing."""
    now = {"status": fact.status.value, "decided_ms": milliseconds(fact.decided_at)}
    row = {
        "rightsholder_id": fact.rightsholder_id,
        "record_offset": record.offset,
        "work_id": fact.work_id,
        "submission_id": fact.submission_id,
        "copies_found": fact.copies_found,
        "received_ms": milliseconds(fact.received_at),
        "record": encode(fact).decode(),
        **now,
    }
    present: list[Row] = []
    if not is_about_another(fact):
        named = {"rightsholder_id": fact.rightsholder_id, "submission_id": fact.submission_id, "work_id": fact.work_id}
        present.append(Row(ANSWERS, {**named, "record_offset": record.offset, **now}))
        if fact.work_id:
            present.append(_work(fact.rightsholder_id, fact.work_id, {"receipt_offset": record.offset, **now}))
    return Entry(Row(RECEIPTS, row), tuple(present), _receipt_counts(fact))


def of_rightsholder_step(record: Recorded, fact: RightsholderSubmitted) -> Entry:
    """Return the entry of a step of the legal team."""
    row = {
        "rightsholder_id": fact.rightsholder_id,
        "record_offset": record.offset,
        "submission_id": fact.submission_id,
        "step": "enroll" if fact.enroll else "suspend" if fact.suspend else "restore",
        "at_ms": record.at_ms,
        "record": encode(fact).decode(),
    }
    now: dict[str, Any] = dict.fromkeys(
        ("enrolled_offset", "name", "contact", "standing", "suspended_offset", "suspended_for")
    )
    if fact.enroll is not None:
        who = fact.enroll
        now |= {"enrolled_offset": record.offset, "name": who.name, "contact": who.contact}
        now["standing"] = who.standing.value
    else:
        now |= {"suspended_offset": record.offset, "suspended_for": fact.suspend.reason if fact.suspend else None}
    return Entry(Row(RIGHTSHOLDER_STEPS, row), (Row(RIGHTSHOLDERS, {"rightsholder_id": fact.rightsholder_id, **now}),))


def _receipt_counts(fact: WorkReceipt) -> tuple[Count, ...]:
    decided_ms = milliseconds(fact.decided_at)
    counts = [Count(Measure.ANSWERED, fact.status.value, decided_ms)]
    if fact.status is Status.REJECTED:
        counts += [Count(Measure.REFUSED, reason.value, decided_ms) for reason in fact.reasons]
    if fact.status in FINAL and not is_about_another(fact):
        taken = bound_of(max(0, decided_ms - milliseconds(fact.received_at)))
        counts.append(Count(Measure.ANSWER_TIME, str(taken), decided_ms))
    return tuple(counts)


def _work(rightsholder_id: str, work_id: str, values: dict[str, Any]) -> Row:
    nothing = dict.fromkeys(("registered_offset", "title", "receipt_offset", "status", "decided_ms"))
    return Row(WORKS, {"rightsholder_id": rightsholder_id, "work_id": work_id, **nothing, **values})
