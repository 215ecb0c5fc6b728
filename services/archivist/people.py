"""Entries of what people said and were told: disputes, reviews, notices, standing. Pure."""

from services.archive.measures import Measure
from services.archive.tables import DISPUTE_STEPS, DISPUTES, NOTICES, REVIEWS, STANDING_CHANGES, STANDINGS
from services.archivist.entries import Count, Entry, Recorded, Row
from services.contracts.codec import encode
from services.contracts.decided import NoticeIssued
from services.contracts.objections import DisputeSubmitted, ReviewSubmitted
from services.contracts.standing import StrikesChanged
from services.contracts.types import milliseconds

STEPS = ("dispute", "counter_notice", "uphold", "release", "court_action", "withdraw")


def of_dispute_step(record: Recorded, fact: DisputeSubmitted) -> Entry:
    """Return the entry of a step of a dispute."""
    step = next(name for name in STEPS if getattr(fact, name) is not None)
    claimant = fact.uphold or fact.release or fact.court_action
    ground = fact.dispute.ground.value if fact.dispute else ""
    named = {"upload_id": fact.upload_id, "dispute_id": fact.dispute_id, "takedown_id": fact.takedown_id}
    last = {"record_offset": record.offset, "step": step, "at_ms": record.at_ms}
    own = {"claimant": claimant.rightsholder_id if claimant else "", "record": encode(fact).decode()}
    opened = {"opened_offset": record.offset, "opened_ms": record.at_ms, "ground": ground}
    counts = [Count(Measure.DISPUTED, step, record.at_ms)]
    if ground:
        counts.append(Count(Measure.GROUND, ground, record.at_ms))
    present = (Row(DISPUTES, {**named, **opened, **last}),)
    return Entry(Row(DISPUTE_STEPS, {**named, **last, **own}), present, tuple(counts))


def of_review(record: Recorded, fact: ReviewSubmitted) -> Entry:
    """Return the entry of a person's answer."""
    upload, work = fact.upload, fact.work
    row = {
        "subject_id": fact.subject_id,
        "record_offset": record.offset,
        "review_id": fact.review_id,
        "reviewer_id": fact.reviewer_id,
        "decision": fact.decision.value,
        "upload_id": upload.upload_id if upload else "",
        "decision_id": upload.decision_id if upload else "",
        "rightsholder_id": work.rightsholder_id if work else "",
        "work_id": work.work_id if work else "",
        "submission_id": work.submission_id if work else "",
        "note": fact.note,
        "at_ms": record.at_ms,
    }
    return Entry(Row(REVIEWS, row), (), (Count(Measure.REVIEWED, fact.decision.value, record.at_ms),))


def of_notice(_record: Recorded, fact: NoticeIssued) -> Entry:
    """Return the entry of a message to a person."""
    issued_ms = milliseconds(fact.issued_at)
    row = {
        "notice_id": fact.notice_id,
        "recipient_kind": fact.recipient.kind.value,
        "recipient_id": fact.recipient.id,
        "upload_id": fact.about.upload_id,
        "rightsholder_id": fact.about.rightsholder_id,
        "work_id": fact.about.work_id,
        "takedown_id": fact.about.takedown_id,
        "dispute_id": fact.about.dispute_id,
        "subject": fact.subject,
        "text": fact.text,
        "respond_until_ms": milliseconds(fact.respond_until) if fact.respond_until else None,
        "issued_ms": issued_ms,
    }
    return Entry(Row(NOTICES, row), (), (Count(Measure.NOTIFIED, fact.recipient.kind.value, issued_ms),))


def of_standing(record: Recorded, fact: StrikesChanged) -> Entry:
    """Return the entry of a standing that changed."""
    row = {
        "kind": fact.subject.kind.value,
        "subject_id": fact.subject.id,
        "record_offset": record.offset,
        "standing": fact.standing.value,
        "strikes": fact.strikes,
        "expires_ms": milliseconds(fact.expires_at) if fact.expires_at else None,
        "changed_ms": milliseconds(fact.changed_at),
    }
    return Entry(Row(STANDING_CHANGES, row), (Row(STANDINGS, row),))
