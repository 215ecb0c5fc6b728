"""What concerns one rightsholder's works as a whole, or everybody's: copies, figures, and what waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.counting import Counts
from services.archive.queries.scope import ROWS_MAX, Mark, Scope, earlier
from services.archive.tables import ANSWERS, DISPUTED_TAKEDOWNS, TAKEDOWNS, UPLOADS, WORK_COUNTERS
from services.contracts.decided import TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.types import timestamp


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A copy of somebody's work that is down, or is back, since `decided_at`. `mark`: where the list goes on."""

    upload_id: str
    rightsholder_id: str
    work_id: str
    status: TakedownIssued.Status
    decided_at: datetime
    mark: Mark


async def own_copies(
    connection: AsyncConnection, scope: Scope, *, after: Mark | None = None, limit: int = 50
) -> Sequence[CopyRow]:
    """Return the copies of a rightsholder's works, the latest first."""
    table = TAKEDOWNS.c
    asked = select(TAKEDOWNS).where(table.rightsholder_id == (scope.rightsholder_id or ""))
    return await _copies(connection, asked.where(*earlier(after, table.decided_ms, table.takedown_id)), limit)


async def down_last(connection: AsyncConnection, scope: Scope, *, limit: int = 50) -> Sequence[CopyRow]:
    """Return the takedowns of the uploads that came down last and are down; for whoever sees everything."""
    if not scope.is_everything:
        return ()
    blocked = select(UPLOADS.c.upload_id).where(UPLOADS.c.verdict == VerdictDecided.Verdict.BLOCKED.value)
    latest = blocked.order_by(UPLOADS.c.decided_ms.desc(), UPLOADS.c.upload_id.desc()).limit(limit)
    return await _copies(connection, select(TAKEDOWNS).where(TAKEDOWNS.c.upload_id.in_(latest)), limit)


async def own_figures(connection: AsyncConnection, scope: Scope) -> Counts:
    """Return how often copies of a rightsholder's works came down and back, by status and basis."""
    many = func.sum(WORK_COUNTERS.c.count).label("many")
    asked = select(WORK_COUNTERS.c.value, many).where(WORK_COUNTERS.c.rightsholder_id == (scope.rightsholder_id or ""))
    found = await connection.execute(asked.group_by(WORK_COUNTERS.c.value))
    return {row.value: int(row.many) for row in found}


async def own_days(connection: AsyncConnection, scope: Scope, since_ms: int) -> Mapping[int, Counts]:
    """Return the same of each day that begins from a time on."""
    table = WORK_COUNTERS.c
    asked = select(table.day_ms, table.value, func.sum(table.count).label("many"))
    asked = asked.where(table.rightsholder_id == (scope.rightsholder_id or ""), table.day_ms >= since_ms)
    found: dict[int, dict[str, int]] = {}
    for row in await connection.execute(asked.group_by(table.day_ms, table.value)):
        found.setdefault(row.day_ms, {})[row.value] = int(row.many)
    return found


async def count_held_works(connection: AsyncConnection, scope: Scope) -> int:
    """Return how many registrations wait for a person."""
    asked = select(func.count()).select_from(ANSWERS).where(ANSWERS.c.status == WorkReceipt.Status.HELD.value)
    if scope.rightsholder_id is not None:
        asked = asked.where(ANSWERS.c.rightsholder_id == scope.rightsholder_id)
    return await connection.scalar(asked) or 0


async def count_disputed(connection: AsyncConnection, scope: Scope) -> int:
    """Return how many takedowns are disputed and still stand."""
    linked = DISPUTED_TAKEDOWNS.c
    asked = select(func.count(linked.takedown_id.distinct())).where(linked.is_open)
    if scope.rightsholder_id is not None:
        asked = asked.where(linked.rightsholder_id == scope.rightsholder_id)
    return await connection.scalar(asked) or 0


async def _copies(connection: AsyncConnection, asked: "Select[Any]", limit: int) -> list[CopyRow]:
    order = (TAKEDOWNS.c.decided_ms.desc(), TAKEDOWNS.c.takedown_id.desc())
    return [
        CopyRow(
            row["upload_id"],
            row["rightsholder_id"],
            row["work_id"],
            TakedownIssued.Status(row["status"]),
            timestamp(row["decided_ms"]),
            Mark(row["decided_ms"], (row["takedown_id"],)),
        )
        for row in (await connection.execute(asked.order_by(*order).limit(min(limit, ROWS_MAX)))).mappings()
    ]
