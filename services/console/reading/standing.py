"""Who stands otherwise than everybody does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.scope import EVERYTHING
from services.archive.queries.standing import standings
from services.contracts.standing import Standee, StrikesChanged

Standing = StrikesChanged.Standing
OTHER = (Standing.RESTRICTED, Standing.WATCHED, Standing.PROBATION)


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody's standing; `until` is when it ends by itself."""

    id: str
    standing: Standing
    strikes: int
    until: datetime | None


async def latest(connection: AsyncConnection, rows_max: int) -> Mapping[Standee.Kind, Sequence[Line]]:
    """Return those of each kind, the most restricted first, the latest change first."""
    found: dict[Standee.Kind, list[Line]] = {kind: [] for kind in Standee.Kind}
    for standing in OTHER:
        for row in await standings(connection, EVERYTHING, standing, limit=rows_max):
            found[row.subject.kind].append(Line(row.subject.id, standing, row.strikes, row.expires_at))
    return found
