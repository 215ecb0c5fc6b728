"""Disputes, those with the latest step first: what views take is read of each upload that they are on."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.disputes import disputes
from services.archive.queries.scope import Scope
from services.console.reading import places
from services.console.reading.uploads import life
from services.console.views.objecting import Objection
from services.console.views.upload import disputes_in


@dataclass(frozen=True, slots=True)
class Line:
    """A dispute in a list; it is None to whom none of its claims is shown."""

    objection: Objection | None
    place: str


async def latest(connection: AsyncConnection, scope: Scope, before: str, rows_max: int) -> Sequence[Line]:
    """Return disputes; of one rightsholder, those of takedowns for their works."""
    found = []
    for row in await disputes(connection, scope, after=places.read_of(before, 2), limit=rows_max):
        recorded = await life(connection, scope, row.upload_id)
        mine = (each for each in disputes_in(recorded, scope.rightsholder_id) if each.dispute_id == row.dispute_id)
        found.append(Line(next(mine, None), places.written(row.mark)))
    return found
