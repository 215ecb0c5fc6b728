"""What waits for a person, the oldest first, and what people decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.pieces import pieces
from services.archive.queries.facts import Review, review_of, verdict_of
from services.archive.queries.scope import ROWS_MAX, Mark, Scope, earlier, later
from services.archive.queries.uploads import UploadRow, listed, rows
from services.archive.tables import ANSWERS, RECEIPTS, REVIEWS, UPLOADS, VERDICTS, WORK_SUBMISSIONS
from services.contracts.codec import decode
from services.contracts.decided import VerdictDecided, WorkReceipt
from services.contracts.submitted import WorkSubmitted
from services.contracts.types import timestamp

HELD = VerdictDecided.Verdict.HELD.value


@dataclass(frozen=True, slots=True)
class HeldUpload:
    """An upload that waits for a person, and the verdict that says why; None if it is not kept any more."""

    upload: UploadRow
    verdict: VerdictDecided | None


@dataclass(frozen=True, slots=True)
class HeldWork:
    """A registration that waits for a person: the answer that says so, and what was submitted, if it is there."""

    rightsholder_id: str
    work_id: str
    submission_id: str
    held_at: datetime
    receipt: WorkReceipt | None
    submitted: WorkSubmitted | None
    mark: Mark


async def held_uploads(
    connection: AsyncConnection, scope: Scope, *, after: Mark | None = None, limit: int = 50
) -> Sequence[HeldUpload]:
    """Return the uploads that are held, those that have waited longest first; for whoever sees everything."""
    if not scope.is_everything:
        return ()
    asked = listed(HELD).order_by(UPLOADS.c.decided_ms, UPLOADS.c.upload_id).limit(min(limit, ROWS_MAX))
    found = await rows(connection, asked.where(*later(after, UPLOADS.c.decided_ms, UPLOADS.c.upload_id)))
    verdicts = await _verdicts(connection, [row.upload_id for row in found])
    return [HeldUpload(row, verdicts.get(row.decision_id)) for row in found]


async def held_works(
    connection: AsyncConnection, scope: Scope, *, after: Mark | None = None, limit: int = 50
) -> Sequence[HeldWork]:
    """Return the registrations that are held, those that have waited longest first; a rightsholder's own alone."""
    asked = select(ANSWERS, RECEIPTS.c.record.label("receipt"), _SUBMITTED.label("submitted"))
    asked = asked.join(RECEIPTS, _IS_ANSWER, isouter=True).where(ANSWERS.c.status == WorkReceipt.Status.HELD.value)
    if scope.rightsholder_id is not None:
        asked = asked.where(ANSWERS.c.rightsholder_id == scope.rightsholder_id)
    order = (ANSWERS.c.decided_ms, ANSWERS.c.rightsholder_id, ANSWERS.c.submission_id)
    asked = asked.where(*later(after, *order)).order_by(*order).limit(min(limit, ROWS_MAX))
    return [_held_work(row) for row in (await connection.execute(asked)).mappings()]


async def reviews_made(
    connection: AsyncConnection, scope: Scope, *, after: Mark | None = None, limit: int = 50
) -> Sequence[Review]:
    """Return what people decided, the latest first; for whoever sees everything."""
    if not scope.is_everything:
        return ()
    order = (REVIEWS.c.at_ms, REVIEWS.c.subject_id, REVIEWS.c.review_id)
    asked = select(REVIEWS).where(*earlier(after, *order)).limit(min(limit, ROWS_MAX))
    found = await connection.execute(asked.order_by(*(column.desc() for column in order)))
    return [review_of(row) for row in found.mappings()]


async def _verdicts(connection: AsyncConnection, upload_ids: Sequence[str]) -> dict[str, VerdictDecided]:
    """Return the present verdicts of these uploads by their decision."""
    found: dict[str, VerdictDecided] = {}
    same = (VERDICTS.c.upload_id == UPLOADS.c.upload_id) & (VERDICTS.c.record_offset == UPLOADS.c.verdict_offset)
    for piece in pieces(upload_ids):
        asked = select(VERDICTS).join(UPLOADS, same).where(UPLOADS.c.upload_id.in_(piece))
        verdicts = [verdict_of(row) for row in (await connection.execute(asked)).mappings()]
        found |= {verdict.decision_id: verdict for verdict in verdicts}
    return found


# What was submitted first under an answer's id: it is what the answer is about.
_SUBMITTED = (
    select(WORK_SUBMISSIONS.c.record)
    .where(
        WORK_SUBMISSIONS.c.rightsholder_id == ANSWERS.c.rightsholder_id,
        WORK_SUBMISSIONS.c.submission_id == ANSWERS.c.submission_id,
        WORK_SUBMISSIONS.c.action != "unreadable",
    )
    .order_by(WORK_SUBMISSIONS.c.record_offset)
    .limit(1)
    .scalar_subquery()
)
_IS_ANSWER = (RECEIPTS.c.rightsholder_id == ANSWERS.c.rightsholder_id) & (
    RECEIPTS.c.record_offset == ANSWERS.c.record_offset
)


def _held_work(row: RowMapping) -> HeldWork:
    return HeldWork(
        row["rightsholder_id"],
        row["work_id"],
        row["submission_id"],
        timestamp(row["decided_ms"]),
        None if row["receipt"] is None else decode(WorkReceipt, row["receipt"].encode()),
        None if row["submitted"] is None else decode(WorkSubmitted, row["submitted"].encode()),
        Mark(row["decided_ms"], (row["rightsholder_id"], row["submission_id"])),
    )
