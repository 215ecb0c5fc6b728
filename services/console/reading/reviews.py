"""What waits for a person, beside what it has to be compared with."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.reviews import HeldUpload, HeldWork, held_uploads, held_works
from services.archive.queries.scope import EVERYTHING, Scope
from services.archive.queries.standing import standing_of
from services.archive.queries.uploads import upload_life
from services.archive.queries.works import rightsholders, work_life
from services.console.reading import places
from services.console.reading.uploads import recorded
from services.console.views.held import FoundUpload, FoundWork
from services.contracts.decided import WorkRef
from services.contracts.standing import Standee
from services.contracts.submitted import Register, UploadSubmitted


async def waiting_uploads(connection: AsyncConnection, after: str, rows_max: int) -> Sequence[FoundUpload]:
    """Return held uploads, the longest wait first."""
    found = await held_uploads(connection, EVERYTHING, after=places.read_of(after, 1), limit=rows_max)
    return [await _upload(connection, each) for each in found]


async def waiting_works(connection: AsyncConnection, after: str, rows_max: int) -> Sequence[FoundWork]:
    """Return held registrations, the longest wait first."""
    found = await held_works(connection, EVERYTHING, after=places.read_of(after, 2), limit=rows_max)
    return [await _work(connection, each) for each in found]


async def _upload(connection: AsyncConnection, held: HeldUpload) -> FoundUpload:
    life = await upload_life(connection, EVERYTHING, held.upload.upload_id)
    facts = [each.fact for each in recorded(life)] if life else []
    submission = next((each for each in reversed(facts) if isinstance(each, UploadSubmitted)), None)
    named = held.verdict.works if held.verdict else ()
    works = [(work, await _registration(connection, work)) for work in named]
    return FoundUpload(held.upload, held.verdict, submission, works, places.written(held.upload.mark))


async def _registration(connection: AsyncConnection, work: WorkRef) -> Register | None:
    """Return the latest registration of a work."""
    life = await work_life(connection, EVERYTHING, work.rightsholder_id, work.work_id)
    submissions = reversed(life.submissions) if life else ()
    return next((each.register for each in submissions if each.register), None)


async def _work(connection: AsyncConnection, held: HeldWork) -> FoundWork:
    found = await rightsholders(connection, Scope(held.rightsholder_id), limit=1)
    counted = await standing_of(connection, EVERYTHING, Standee(Standee.Kind.RIGHTSHOLDER, held.rightsholder_id))
    enrolled = found[0] if found else None
    standing = str(counted[0].standing) if counted else enrolled.standing if enrolled else ""
    return FoundWork(held, enrolled.name if enrolled else "", standing, places.written(held.mark))
