"""Uploads: the latest decisions, and everything that was said about one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.concerning import own_copies
from services.archive.queries.facts import DisputeStep, Review, Submission
from services.archive.queries.scope import Scope
from services.archive.queries.uploads import UploadLife, upload_life, uploads_by_verdict
from services.console.reading import places
from services.console.views.timeline import Recorded
from services.contracts.decided import VerdictDecided
from services.contracts.objections import ReviewSubmitted, UploadReviewed
from services.contracts.submitted import UploadDeleted, UploadSubmitted


@dataclass(frozen=True, slots=True)
class Line:
    """An upload in a list: by its verdict, or to a rightsholder by the status of its takedown."""

    upload_id: str
    title: str
    verdict: str
    at: datetime
    place: str


async def latest(connection: AsyncConnection, scope: Scope, verdict: str, before: str, rows_max: int) -> Sequence[Line]:
    """Return the uploads decided last, of one verdict or all; of a rightsholder, the copies of their works."""
    if scope.rightsholder_id is not None:
        return await _own(connection, scope, before, rows_max)
    chosen = (VerdictDecided.Verdict(verdict),) if verdict else tuple(VerdictDecided.Verdict)
    after = places.read_of(before, 1)
    rows = await uploads_by_verdict(connection, scope, chosen, after=after, limit=rows_max)
    return [Line(row.upload_id, row.title, row.verdict, row.decided_at, places.written(row.mark)) for row in rows]


async def life(
    connection: AsyncConnection, scope: Scope, upload_id: str
) -> tuple[list[Recorded], VerdictDecided | None]:
    """Return everything that was said about an upload and the viewer may know, in order, and the verdict that holds."""
    found = await upload_life(connection, scope, upload_id)
    return ([], None) if found is None else (recorded(found), found.verdict)


def recorded(found: UploadLife) -> list[Recorded]:
    """Return an upload's life as facts; what was erased is not there any more."""
    facts = [Recorded(event.at, _fact(event.said)) for event in found.events]
    return [each for each in facts if each.fact is not None]


async def _own(connection: AsyncConnection, scope: Scope, before: str, rows_max: int) -> Sequence[Line]:
    """Return the copies of somebody's works that came down or back last."""
    rows = await own_copies(connection, scope, after=places.read_of(before, 1), limit=rows_max)
    return [Line(row.upload_id, "", row.status, row.decided_at, places.written(row.mark)) for row in rows]


def _fact(said: Any) -> Any:
    match said:
        case Submission():
            return submitted(said)
        case DisputeStep():
            return said.fact
        case Review():
            seen = UploadReviewed(said.upload_id, said.decision_id)
            decision = ReviewSubmitted.Answer(said.decision)
            return ReviewSubmitted(said.review_id, said.reviewer_id, decision, seen, note=said.note)
        case _:
            return said


def submitted(said: Submission) -> UploadSubmitted | UploadDeleted:
    """Return a submission as the fact that it was."""
    if said.deletion:
        return UploadDeleted()
    return UploadSubmitted(
        said.upload_id,
        said.uploader_id,
        said.uri,
        said.community_id,
        said.media_type,
        said.size_bytes,
        said.title,
        said.artist,
        said.territories,
    )
