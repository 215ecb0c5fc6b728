"""From rows back to facts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import RowMapping

from services.archive.tables import NOTICES
from services.contracts.codec import decode
from services.contracts.decided import NoticeIssued, Recipient, Subject, TakedownIssued, VerdictDecided
from services.contracts.objections import DisputeSubmitted
from services.contracts.types import timestamp

NOTICE = tuple(NOTICES.columns)


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission of an upload, or its deletion; `erased` by request, and then without what its uploader wrote."""

    upload_id: str
    submission: int
    at: datetime
    deletion: bool
    uploader_id: str
    community_id: str
    uri: str
    media_type: str
    size_bytes: int
    title: str
    artist: str
    territories: tuple[str, ...]
    erased: bool


@dataclass(frozen=True, slots=True)
class DisputeStep:
    """A step of a dispute; `fact` is None if it was erased. `claimant`: the rightsholder, if it is theirs."""

    upload_id: str
    dispute_id: str
    takedown_id: str
    step: str
    claimant: str
    at: datetime
    fact: DisputeSubmitted | None


@dataclass(frozen=True, slots=True)
class Review:
    """A person's answer about an upload or a registration; what does not apply is empty."""

    review_id: str
    reviewer_id: str
    decision: str
    upload_id: str
    decision_id: str
    rightsholder_id: str
    work_id: str
    submission_id: str
    note: str
    at: datetime


def submission_of(row: RowMapping) -> Submission:
    """Return the submission in a row of SUBMISSIONS."""
    values = {name: row[name] for name in Submission.__slots__ if name not in ("at", "territories")}
    return Submission(at=timestamp(row["at_ms"]), territories=tuple(row["territories"].split()), **values)


def verdict_of(row: RowMapping) -> VerdictDecided:
    """Return the verdict in a row of VERDICTS."""
    fact: VerdictDecided = decode(VerdictDecided, row["record"].encode())
    return msgspec.structs.replace(fact, explanation=row["explanation"])


def takedown_of(row: RowMapping) -> TakedownIssued:
    """Return the takedown in a row of TAKEDOWN_EVENTS."""
    fact: TakedownIssued = decode(TakedownIssued, row["record"].encode())
    return msgspec.structs.replace(fact, uploader_id=row["uploader_id"], community_id=row["community_id"])


def dispute_step_of(row: RowMapping) -> DisputeStep:
    """Return the step in a row of DISPUTE_STEPS."""
    values = {name: row[name] for name in ("upload_id", "dispute_id", "takedown_id", "step", "claimant")}
    fact = decode(DisputeSubmitted, row["record"].encode()) if row["record"] else None
    return DisputeStep(at=timestamp(row["at_ms"]), fact=fact, **values)


def review_of(row: RowMapping) -> Review:
    """Return the review in a row of REVIEWS."""
    return Review(at=timestamp(row["at_ms"]), **{name: row[name] for name in Review.__slots__ if name != "at"})


def notice_of(row: RowMapping) -> NoticeIssued:
    """Return the notice in a row of NOTICES."""
    about: Any = {name: row[name] for name in Subject.__struct_fields__}
    until = row["respond_until_ms"]
    return NoticeIssued(
        notice_id=row["notice_id"],
        recipient=Recipient(Recipient.Kind(row["recipient_kind"]), row["recipient_id"]),
        about=Subject(**about),
        subject=row["subject"],
        text=row["text"],
        respond_until=None if until is None else timestamp(until),
        issued_at=timestamp(row["issued_ms"]),
    )
