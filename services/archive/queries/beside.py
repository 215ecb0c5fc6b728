"""What a reviewer sees beside what waits: how an upload was submitted, and how a work was registered last."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.facts import Submission, submission_of
from services.archive.queries.scope import Scope
from services.archive.tables import SUBMISSIONS, WORK_SUBMISSIONS
from services.contracts.codec import decode
from services.contracts.submitted import Register, WorkSubmitted


async def latest_submission(connection: AsyncConnection, scope: Scope, upload_id: str) -> Submission | None:
    """Return the latest submission of an upload, or its deletion; for whoever sees everything."""
    if not scope.is_everything:
        return None
    table = SUBMISSIONS.c
    asked = select(SUBMISSIONS).where(table.upload_id == upload_id).order_by(table.submission.desc()).limit(1)
    row = (await connection.execute(asked)).mappings().first()
    return None if row is None else submission_of(row)


async def latest_registration(
    connection: AsyncConnection, scope: Scope, rightsholder_id: str, work_id: str
) -> Register | None:
    """Return what the latest registration of a work says."""
    if not scope.may_see(rightsholder_id):
        return None
    table = WORK_SUBMISSIONS.c
    of_work = (table.rightsholder_id == rightsholder_id, table.work_id == work_id, table.action == "register")
    asked = select(table.record).where(*of_work).order_by(table.record_offset.desc()).limit(1)
    record = await connection.scalar(asked)
    if record is None:
        return None
    fact: WorkSubmitted = decode(WorkSubmitted, record.encode())
    return fact.register
