"""Works, their takedowns, and their rightsholders."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.scope import ROWS_MAX, Mark, Scope, earlier, time_of
from services.archive.tables import (
    RECEIPTS,
    RIGHTSHOLDERS,
    TAKEDOWNS,
    WORK_COUNTERS,
    WORK_SUBMISSIONS,
    WORKS,
)
from services.contracts.codec import decode
from services.contracts.decided import TakedownIssued, WorkReceipt
from services.contracts.submitted import WorkSubmitted
from services.contracts.types import timestamp

FACTS_MAX = 1_000
"""Of what was submitted and answered about a work the latest so many are given."""

Basis = TakedownIssued.Basis
Status = TakedownIssued.Status


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A work in a list: its latest title, and its latest answer."""

    rightsholder_id: str
    work_id: str
    title: str
    status: WorkReceipt.Status | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class WorkTakedowns:
    """How often copies of a work came down (NOTICE), were refused when posted again (STAYDOWN), and came back.

    What came down again after it was back counts again; `down_now` are the copies that are down at present.
    """

    taken_down: int
    refused: int
    reinstated: int

    @property
    def down_now(self) -> int:
        """Copies that are down at present: the two statuses of a takedown alternate."""
        return self.taken_down + self.refused - self.reinstated


@dataclass(frozen=True, slots=True)
class WorkLife:
    """What is known of a work: what was submitted and answered, in order, of everything its rightsholder holds too."""

    row: WorkRow
    submissions: tuple[WorkSubmitted, ...]
    receipts: tuple[WorkReceipt, ...]
    takedowns: WorkTakedowns


@dataclass(frozen=True, slots=True)
class WorkDay:
    """What happened to copies of a work on one day of UTC."""

    day: datetime
    takedowns: WorkTakedowns


@dataclass(frozen=True, slots=True)
class TakedownRow:
    """A copy of a work that is down, or is back, since `decided_at`."""

    takedown_id: str
    upload_id: str
    basis: Basis
    status: Status
    decided_at: datetime
    mark: Mark


@dataclass(frozen=True, slots=True)
class Rightsholder:
    """Who may register works; without a name they were never enrolled as far as is known."""

    rightsholder_id: str
    name: str
    contact: str
    standing: str
    suspended_for: str | None


async def works(
    connection: AsyncConnection,
    scope: Scope,
    rightsholder_id: str | None = None,
    *,
    after: tuple[str, str] | None = None,
    limit: int = 50,
) -> Sequence[WorkRow]:
    """Return works by rightsholder and name; `after`: both of the last one."""
    asked = select(WORKS).order_by(WORKS.c.rightsholder_id, WORKS.c.work_id).limit(min(limit, ROWS_MAX))
    for only in (scope.rightsholder_id, rightsholder_id):
        asked = asked if only is None else asked.where(WORKS.c.rightsholder_id == only)
    if after is not None:
        asked = asked.where(tuple_(WORKS.c.rightsholder_id, WORKS.c.work_id) > tuple_(*after))
    return [
        WorkRow(
            row["rightsholder_id"],
            row["work_id"],
            row["title"] or "",
            None if row["status"] is None else WorkReceipt.Status(row["status"]),
            time_of(row["decided_ms"]),
        )
        for row in (await connection.execute(asked)).mappings()
    ]


async def work_life(connection: AsyncConnection, scope: Scope, rightsholder_id: str, work_id: str) -> WorkLife | None:
    """Return what is known of a work; None if that is nothing, or none of the viewer's.

    `services.client.standing.add_up` tells from its facts how it stands.
    """
    if not scope.may_see(rightsholder_id):
        return None
    asked = select(WORKS).where(WORKS.c.rightsholder_id == rightsholder_id, WORKS.c.work_id == work_id)
    row = (await connection.execute(asked)).mappings().first()
    if row is None:
        return None
    status = None if row["status"] is None else WorkReceipt.Status(row["status"])
    days = await work_days(connection, scope, rightsholder_id, work_id)
    return WorkLife(
        WorkRow(rightsholder_id, work_id, row["title"] or "", status, time_of(row["decided_ms"])),
        submissions=tuple(await _submissions(connection, rightsholder_id, work_id)),
        receipts=tuple(await _receipts(connection, rightsholder_id, work_id)),
        takedowns=_sum([each.takedowns for each in days]),
    )


async def work_days(
    connection: AsyncConnection,
    scope: Scope,
    rightsholder_id: str,
    work_id: str,
    *,
    since_ms: int = 0,
    until_ms: int = 2**62,
) -> Sequence[WorkDay]:
    """Return what happened to a work's copies day by day, from the day that begins at a time up to before another."""
    if not scope.may_see(rightsholder_id):
        return ()
    table = WORK_COUNTERS.c
    asked = select(table.day_ms, table.value, table.count).where(
        table.rightsholder_id == rightsholder_id,
        table.work_id == work_id,
        table.day_ms >= since_ms,
        table.day_ms < until_ms,
    )
    found: dict[int, dict[str, int]] = {}
    for day_ms, value, count in await connection.execute(asked.order_by(table.day_ms)):
        found.setdefault(day_ms, {})[value] = count
    return [WorkDay(timestamp(day_ms), _takedowns(counts)) for day_ms, counts in found.items()]


async def takedowns_of(
    connection: AsyncConnection,
    scope: Scope,
    rightsholder_id: str,
    work_id: str,
    *,
    bases: Sequence[Basis] = tuple(Basis),
    after: Mark | None = None,
    limit: int = 50,
) -> Sequence[TakedownRow]:
    """Return the copies of a work that are or were down, the latest first."""
    if not scope.may_see(rightsholder_id):
        return ()
    found = [
        await _takedown_rows(connection, _newest(rightsholder_id, work_id, basis, after, min(limit, ROWS_MAX)))
        for basis in bases
    ]
    merged = heapq.merge(*found, key=lambda row: (row.mark.ms, row.mark.ids), reverse=True)
    return [row for row, _ in zip(merged, range(min(limit, ROWS_MAX)), strict=False)]


async def rightsholders(
    connection: AsyncConnection, scope: Scope, *, after: str = "", limit: int = 50
) -> Sequence[Rightsholder]:
    """Return rightsholders by their ids; themselves alone, if a rightsholder asks."""
    asked = select(RIGHTSHOLDERS).where(RIGHTSHOLDERS.c.rightsholder_id > after)
    if scope.rightsholder_id is not None:
        asked = asked.where(RIGHTSHOLDERS.c.rightsholder_id == scope.rightsholder_id)
    found = await connection.execute(asked.order_by(RIGHTSHOLDERS.c.rightsholder_id).limit(min(limit, ROWS_MAX)))
    return [
        Rightsholder(
            row["rightsholder_id"],
            row["name"] or "",
            row["contact"] or "",
            row["standing"] or "",
            row["suspended_for"],
        )
        for row in found.mappings()
    ]


async def count_works(connection: AsyncConnection, rightsholder_id: str) -> int:
    """Return how many works a rightsholder has named."""
    asked = select(func.count()).select_from(WORKS).where(WORKS.c.rightsholder_id == rightsholder_id)
    return await connection.scalar(asked) or 0


async def _submissions(connection: AsyncConnection, rightsholder_id: str, work_id: str) -> list[WorkSubmitted]:
    is_readable = WORK_SUBMISSIONS.c.action != "unreadable"
    records = await _records(connection, WORK_SUBMISSIONS, rightsholder_id, work_id, is_readable)
    return [decode(WorkSubmitted, record.encode()) for record in records]


async def _receipts(connection: AsyncConnection, rightsholder_id: str, work_id: str) -> list[WorkReceipt]:
    records = await _records(connection, RECEIPTS, rightsholder_id, work_id, true())
    return [decode(WorkReceipt, record.encode()) for record in records]


async def _records(
    connection: AsyncConnection, table: Table, rightsholder_id: str, work_id: str, where: ColumnElement[bool]
) -> list[str]:
    """Return the latest records about a work, or about all of its rightsholder's, in their order.

    Asked for both at once, a database may go through everything that the rightsholder ever submitted.
    """
    found: dict[int, str] = {}
    for name in {work_id, ""}:
        of_work = (table.c.rightsholder_id == rightsholder_id, table.c.work_id == name, where)
        asked = select(table.c.record_offset, table.c.record).where(*of_work)
        rows = await connection.execute(asked.order_by(table.c.record_offset.desc()).limit(FACTS_MAX))
        found.update((row.record_offset, row.record) for row in rows)
    return [record for _, record in sorted(found.items())][-FACTS_MAX:]


def _newest(rightsholder_id: str, work_id: str, basis: Basis, after: Mark | None, limit: int) -> "Select[Any]":
    table = TAKEDOWNS.c
    of_work = (table.rightsholder_id == rightsholder_id, table.work_id == work_id, table.basis == basis.value)
    asked = select(TAKEDOWNS).where(*of_work, *earlier(after, table.decided_ms, table.takedown_id))
    return asked.order_by(table.decided_ms.desc(), table.takedown_id.desc()).limit(limit)


async def _takedown_rows(connection: AsyncConnection, asked: "Select[Any]") -> list[TakedownRow]:
    return [
        TakedownRow(
            row["takedown_id"],
            row["upload_id"],
            Basis(row["basis"]),
            Status(row["status"]),
            timestamp(row["decided_ms"]),
            Mark(row["decided_ms"], (row["takedown_id"],)),
        )
        for row in (await connection.execute(asked)).mappings()
    ]


def _takedowns(counts: dict[str, int]) -> WorkTakedowns:
    came_back = [counts.get(f"{Status.REINSTATED.value} {basis.value}", 0) for basis in Basis]
    down = {basis: counts.get(f"{Status.ISSUED.value} {basis.value}", 0) for basis in Basis}
    return WorkTakedowns(down[Basis.NOTICE], down[Basis.STAYDOWN], sum(came_back))


def _sum(days: Sequence[WorkTakedowns]) -> WorkTakedowns:
    return WorkTakedowns(
        sum(each.taken_down for each in days),
        sum(each.refused for each in days),
        sum(each.reinstated for each in days),
    )
