"""An upload's life, and lists of uploads by their verdict."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import RowMapping, Select, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.facts import (
    DisputeStep,
    Review,
    Submission,
    dispute_step_of,
    notice_of,
    review_of,
    submission_of,
    takedown_of,
    verdict_of,
)
from services.archive.queries.scope import ROWS_MAX, Mark, Scope, earlier, time_of
from services.archive.tables import (
    DISPUTE_STEPS,
    NOTICES,
    REVIEWS,
    SUBMISSIONS,
    TAKEDOWN_EVENTS,
    UPLOADS,
    VERDICTS,
)
from services.contracts.decided import NoticeIssued, Recipient, TakedownIssued, VerdictDecided
from services.contracts.types import timestamp

EVENTS_MAX = 500
"""Of each kind of event the latest so many are shown."""

Said = Submission | VerdictDecided | TakedownIssued | DisputeStep | Review | NoticeIssued


class Happening(StrEnum):
    """What an event of an upload's life is."""

    SUBMITTED = "SUBMITTED"
    DELETED = "DELETED"
    DECIDED = "DECIDED"
    ISSUED = "ISSUED"
    REINSTATED = "REINSTATED"
    DISPUTED = "DISPUTED"
    REVIEWED = "REVIEWED"
    NOTIFIED = "NOTIFIED"


@dataclass(frozen=True, slots=True)
class UploadEvent:
    """Something that happened to an upload: what, when, and the fact."""

    at: datetime
    happening: Happening
    said: Said


@dataclass(frozen=True, slots=True)
class UploadLife:
    """All that is known of an upload. `submission`: the latest that is kept; `verdict`: the one that holds, if any."""

    upload_id: str
    submission: Submission | None
    deleted_at: datetime | None
    verdict: VerdictDecided | None
    events: tuple[UploadEvent, ...]


@dataclass(frozen=True, slots=True)
class UploadRow:
    """An upload in a list. `mark`: where the list goes on after it."""

    upload_id: str
    verdict: VerdictDecided.Verdict
    decision_id: str
    decided_at: datetime
    title: str
    uploader_id: str
    mark: Mark


async def upload_life(connection: AsyncConnection, scope: Scope, upload_id: str) -> UploadLife | None:
    """Return what the viewer may know of an upload; None if that is nothing.

    A rightsholder sees what concerns their own works, without who uploaded it and from where.
    """
    row = (await connection.execute(select(UPLOADS).where(UPLOADS.c.upload_id == upload_id))).mappings().first()
    events = await _events(connection, upload_id)
    if row is None and not events:
        return None
    decided = [event.said for event in events if isinstance(event.said, VerdictDecided)]
    submissions = [event.said for event in events if isinstance(event.said, Submission)]
    deleted = max((each.submission for each in submissions if each.deletion), default=-1)
    present = None if row is None or row["verdict"] is None else row["decision_id"]
    holds = [each for each in decided if each.decision_id == present and each.submission > deleted]
    life = UploadLife(
        upload_id,
        submission=max(
            (each for each in submissions if not each.deletion), key=lambda each: each.submission, default=None
        ),
        deleted_at=None if row is None else time_of(row["deleted_ms"]),
        verdict=holds[-1] if holds else None,
        events=tuple(sorted(events, key=lambda event: event.at)),
    )
    return life if scope.rightsholder_id is None else _seen_by(life, scope.rightsholder_id)


async def uploads_by_verdict(
    connection: AsyncConnection,
    scope: Scope,
    verdicts: Sequence[VerdictDecided.Verdict],
    *,
    after: Mark | None = None,
    limit: int = 50,
) -> Sequence[UploadRow]:
    """Return uploads of these verdicts, the latest decided first. For whoever sees everything; others see none."""
    if not scope.is_everything:
        return ()
    found = [await rows(connection, _newest(verdict.value, after, min(limit, ROWS_MAX))) for verdict in verdicts]
    merged = heapq.merge(*found, key=lambda row: (row.mark.ms, row.mark.ids), reverse=True)
    return [row for row, _ in zip(merged, range(min(limit, ROWS_MAX)), strict=False)]


async def rows(connection: AsyncConnection, asked: "Select[Any]") -> list[UploadRow]:
    """Return the rows of `listed`."""
    found = (await connection.execute(asked)).mappings()
    return [
        UploadRow(
            row["upload_id"],
            VerdictDecided.Verdict(row["verdict"]),
            row["decision_id"],
            timestamp(row["decided_ms"]),
            row["title"] or "",
            row["uploader_id"] or "",
            Mark(row["decided_ms"], (row["upload_id"],)),
        )
        for row in found
    ]


def listed(verdict: str) -> "Select[Any]":
    """Return what asks for uploads of a verdict, with what their submission says of them."""
    is_latest = (SUBMISSIONS.c.upload_id == UPLOADS.c.upload_id) & (SUBMISSIONS.c.submission == UPLOADS.c.submission)
    return (
        select(UPLOADS, SUBMISSIONS.c.title, SUBMISSIONS.c.uploader_id)
        .join(SUBMISSIONS, is_latest, isouter=True)
        .where(UPLOADS.c.verdict == verdict)
    )


def _newest(verdict: str, after: Mark | None, limit: int) -> "Select[Any]":
    ordered = listed(verdict).order_by(UPLOADS.c.decided_ms.desc(), UPLOADS.c.upload_id.desc()).limit(limit)
    return ordered.where(*earlier(after, UPLOADS.c.decided_ms, UPLOADS.c.upload_id))


async def _events(connection: AsyncConnection, upload_id: str) -> list[UploadEvent]:
    events = [_submitted(submission_of(row)) for row in await _latest(connection, SUBMISSIONS, upload_id, "submission")]
    for row in await _latest(connection, VERDICTS, upload_id, "record_offset"):
        verdict = verdict_of(row)
        events.append(UploadEvent(verdict.decided_at, Happening.DECIDED, verdict))
    for row in await _latest(connection, TAKEDOWN_EVENTS, upload_id, "record_offset"):
        takedown = takedown_of(row)
        events.append(UploadEvent(takedown.decided_at, Happening(takedown.status.value), takedown))
    for row in await _latest(connection, DISPUTE_STEPS, upload_id, "record_offset"):
        step = dispute_step_of(row)
        events.append(UploadEvent(step.at, Happening.DISPUTED, step))
    for row in await _latest(connection, NOTICES, upload_id, "issued_ms"):
        notice = notice_of(row)
        events.append(UploadEvent(notice.issued_at, Happening.NOTIFIED, notice))
    mine = (REVIEWS.c.subject_id == upload_id) & (REVIEWS.c.upload_id == upload_id)
    for row in (await connection.execute(select(REVIEWS).where(mine).limit(EVENTS_MAX))).mappings():
        review = review_of(row)
        events.append(UploadEvent(review.at, Happening.REVIEWED, review))
    return events


async def _latest(connection: AsyncConnection, table: Table, upload_id: str, by: str) -> list[RowMapping]:
    asked = select(table).where(table.c.upload_id == upload_id).order_by(table.c[by].desc()).limit(EVENTS_MAX)
    return list(reversed((await connection.execute(asked)).mappings().all()))


def _submitted(submission: Submission) -> UploadEvent:
    happening = Happening.DELETED if submission.deletion else Happening.SUBMITTED
    return UploadEvent(submission.at, happening, submission)


def _seen_by(life: UploadLife, rightsholder_id: str) -> UploadLife | None:
    """Return what a rightsholder may know of it; None if no work of theirs was ever found in it."""
    mine = [event for event in life.events if _concerns(event.said, rightsholder_id)]
    if not any(isinstance(event.said, VerdictDecided | TakedownIssued) for event in mine):
        return None
    nobodys = [event for event in life.events if isinstance(event.said, Submission) or _is_nobodys(event.said)]
    shown = {id(event): event for event in (*mine, *nobodys, *_objections(life, mine, rightsholder_id))}.values()
    events = tuple(_shown(event, rightsholder_id) for event in sorted(shown, key=lambda event: event.at))
    verdict = life.verdict
    if verdict is not None and not (_concerns(verdict, rightsholder_id) or _is_nobodys(verdict)):
        verdict = None
    return replace(
        life,
        submission=None if life.submission is None else _without_uploader(life.submission),
        verdict=None if verdict is None else _own_part(verdict, rightsholder_id),
        events=events,
    )


def _concerns(said: Said, rightsholder_id: str) -> bool:
    match said:
        case VerdictDecided():
            return any(work.rightsholder_id == rightsholder_id for work in said.works)
        case TakedownIssued():
            return said.rightsholder_id == rightsholder_id
        case NoticeIssued():
            return said.recipient == Recipient(Recipient.Kind.RIGHTSHOLDER, rightsholder_id)
        case _:
            return False


def _is_nobodys(said: Said) -> bool:
    """Tell whether this is a verdict about no work at all, as one that brings an upload back is."""
    return isinstance(said, VerdictDecided) and not said.works


def _objections(life: UploadLife, mine: Sequence[UploadEvent], rightsholder_id: str) -> list[UploadEvent]:
    """Return the steps of disputes about a rightsholder's takedowns, less those that other claimants took.

    A dispute is about the takedown that its first step names, or about all; later steps need name none.
    """
    takedown_ids = {"", *(event.said.takedown_id for event in mine if isinstance(event.said, TakedownIssued))}
    steps = [(event, event.said) for event in life.events if isinstance(event.said, DisputeStep)]
    about = {step.dispute_id: step.takedown_id for _, step in reversed(steps)}
    return [
        event
        for event, step in steps
        if about[step.dispute_id] in takedown_ids and step.claimant in ("", rightsholder_id)
    ]


def _shown(event: UploadEvent, rightsholder_id: str) -> UploadEvent:
    match event.said:
        case Submission():
            return replace(event, said=_without_uploader(event.said))
        case VerdictDecided():
            return replace(event, said=_own_part(event.said, rightsholder_id))
        case TakedownIssued():
            return replace(event, said=msgspec.structs.replace(event.said, uploader_id="", community_id=""))
        case _:
            return event


def _own_part(verdict: VerdictDecided, rightsholder_id: str) -> VerdictDecided:
    works = tuple(work for work in verdict.works if work.rightsholder_id == rightsholder_id)
    evidence = tuple(each for each in verdict.evidence if each.rightsholder_id == rightsholder_id)
    hidden = {} if works and len(works) == len(verdict.works) else {"explanation": ""}
    return msgspec.structs.replace(
        verdict, works=works, work_ids=tuple(work.work_id for work in works), evidence=evidence, **hidden
    )


def _without_uploader(submission: Submission) -> Submission:
    return replace(submission, uploader_id="", community_id="", uri="")
