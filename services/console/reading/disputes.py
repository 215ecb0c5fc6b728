"""Disputes, those with the latest step first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.dispute_lives import DisputeLife, dispute_lives
from services.archive.queries.disputes import disputes
from services.archive.queries.scope import Scope
from services.console.reading import places
from services.console.views.objecting import Objection, objections


@dataclass(frozen=True, slots=True)
class Line:
    """A dispute in a list; it is None to whom none of its claims is shown."""

    objection: Objection | None
    place: str


async def latest(connection: AsyncConnection, scope: Scope, before: str, rows_max: int) -> Sequence[Line]:
    """Return disputes; of one rightsholder, those of takedowns for their works."""
    rows = await disputes(connection, scope, after=places.read_of(before, 2), limit=rows_max)
    lives = await dispute_lives(connection, scope, rows)
    return [Line(_objection(each, scope.rightsholder_id), places.written(each.row.mark)) for each in lives]


def _objection(life: DisputeLife, rightsholder_id: str | None) -> Objection | None:
    steps = [(each.at, each.fact) for each in life.steps if each.fact is not None]
    for found in objections(steps, life.notices, life.row.takedowns):
        mine = found.of(rightsholder_id)
        return mine if mine.claims or rightsholder_id is None else None
    return None
