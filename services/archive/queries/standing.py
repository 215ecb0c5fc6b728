"""How uploaders, communities and rightsholders stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.scope import ROWS_MAX, Mark, Scope, earlier, time_of
from services.archive.tables import STANDING_CHANGES, STANDINGS
from services.contracts.standing import Standee, StrikesChanged
from services.contracts.types import timestamp

CHANGES_MAX = 200
"""Of changes the latest so many are given."""


@dataclass(frozen=True, slots=True)
class StandingRow:
    """How somebody stands, or stood since then. `mark`: where a list goes on after it."""

    subject: Standee
    standing: StrikesChanged.Standing
    strikes: int
    expires_at: datetime | None
    changed_at: datetime
    mark: Mark


async def standings(
    connection: AsyncConnection,
    scope: Scope,
    standing: StrikesChanged.Standing,
    *,
    after: Mark | None = None,
    limit: int = 50,
) -> Sequence[StandingRow]:
    """Return who stands so, the latest change first; for whoever sees everything."""
    if not scope.is_everything:
        return ()
    order = (STANDINGS.c.changed_ms, STANDINGS.c.subject_id, STANDINGS.c.kind)
    asked = select(STANDINGS).where(STANDINGS.c.standing == standing.value, *earlier(after, *order))
    found = await connection.execute(asked.order_by(*(column.desc() for column in order)).limit(min(limit, ROWS_MAX)))
    return [_row(row) for row in found.mappings()]


async def standing_of(connection: AsyncConnection, scope: Scope, subject: Standee) -> Sequence[StandingRow]:
    """Return how somebody stands and stood, the latest first; a rightsholder may ask about themselves.

    None of them: nothing but the ordinary is known.
    """
    if not (scope.is_everything or subject == Standee(Standee.Kind.RIGHTSHOLDER, scope.rightsholder_id or "")):
        return ()
    table = STANDING_CHANGES.c
    asked = select(STANDING_CHANGES).where(table.kind == subject.kind.value, table.subject_id == subject.id)
    found = await connection.execute(asked.order_by(table.record_offset.desc()).limit(CHANGES_MAX))
    return [_row(row) for row in found.mappings()]


async def count_standings(
    connection: AsyncConnection, scope: Scope, standings: Sequence[StrikesChanged.Standing]
) -> Mapping[str, int]:
    """Return how many stand so at present, by kind and standing; for whoever sees everything."""
    if not scope.is_everything:
        return {}
    asked = select(STANDINGS.c.kind, STANDINGS.c.standing, func.count().label("many"))
    asked = asked.where(STANDINGS.c.standing.in_([each.value for each in standings]))
    found = await connection.execute(asked.group_by(STANDINGS.c.kind, STANDINGS.c.standing))
    return {f"{row.kind} {row.standing}": row.many for row in found}


def _row(row: RowMapping) -> StandingRow:
    return StandingRow(
        Standee(Standee.Kind(row["kind"]), row["subject_id"]),
        StrikesChanged.Standing(row["standing"]),
        row["strikes"],
        time_of(row["expires_ms"]),
        timestamp(row["changed_ms"]),
        Mark(row["changed_ms"], (row["subject_id"], row["kind"])),
    )
