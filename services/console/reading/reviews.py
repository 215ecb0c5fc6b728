"""What waits for a person, beside what it has to be compared with."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.beside import latest_registration, latest_submission
from services.archive.queries.reviews import HeldUpload, HeldWork, held_uploads, held_works
from services.archive.queries.scope import EVERYTHING, Scope
from services.archive.queries.standing import standing_of
from services.archive.queries.works import rightsholders
from services.console.reading import places
from services.console.reading.uploads import submitted
from services.console.views.held import FoundUpload, FoundWork
from services.contracts.standing import Standee
from services.contracts.submitted import UploadSubmitted


async def waiting_uploads(connection: AsyncConnection, after: str, rows_max: int) -> Sequence[FoundUpload]:
    """Return held uploads, the longest wait first."""
    found = await held_uploads(connection, EVERYTHING, after=places.read_of(after, 1), limit=rows_max)
    return [await _upload(connection, each) for each in found]


async def waiting_works(connection: AsyncConnection, after: str, rows_max: int) -> Sequence[FoundWork]:
    """Return held registrations, the longest wait first."""
    found = await held_works(connection, EVERYTHING, after=places.read_of(after, 2), limit=rows_max)
    return [await _work(connection, each) for each in found]


async def _upload(connection: AsyncConnection, held: HeldUpload) -> FoundUpload:
    latest = await latest_submission(connection, EVERYTHING, held.upload.upload_id)
    submission = submitted(latest) if latest else None
    named = held.verdict.works if held.verdict else ()
    works = [
        (work, await latest_registration(connection, EVERYTHING, work.rightsholder_id, work.work_id)) for work in named
    ]
    found = submission if isinstance(submission, UploadSubmitted) else None
    return FoundUpload(held.upload, held.verdict, found, works, places.written(held.upload.mark))


async def _work(connection: AsyncConnection, held: HeldWork) -> FoundWork:
    found = await rightsholders(connection, Scope(held.rightsholder_id), limit=1)
    counted = await standing_of(connection, EVERYTHING, Standee(Standee.Kind.RIGHTSHOLDER, held.rightsholder_id))
    enrolled = found[0] if found else None
    standing = str(counted[0].standing) if counted else enrolled.standing if enrolled else ""
    return FoundWork(held, enrolled.name if enrolled else "", standing, places.written(held.mark))
