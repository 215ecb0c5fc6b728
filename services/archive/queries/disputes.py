"""Disputes with their clocks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.pieces import pieces
from services.archive.queries.scope import ROWS_MAX, Mark, Scope, earlier
from services.archive.tables import DISPUTED_TAKEDOWNS, DISPUTES, NOTICES, TAKEDOWNS
from services.contracts.decided import TakedownIssued
from services.contracts.types import timestamp

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DisputedTakedown:
    """A takedown that a dispute is about, and how it is at present."""

    takedown_id: str
    rightsholder_id: str
    work_id: str
    status: TakedownIssued.Status


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute in a list. `step`: its latest. `respond_until`: what the latest letter about it asks somebody to keep.

    `is_open`: something that it is about is still down, and it was not withdrawn.
    """

    upload_id: str
    dispute_id: str
    ground: str
    opened_at: datetime
    step: str
    stepped_at: datetime
    respond_until: datetime | None
    takedowns: tuple[DisputedTakedown, ...]
    mark: Mark

    @property
    def is_open(self) -> bool:
        """Tell whether it waits for anybody."""
        return self.step != "withdraw" and any(each.status is TakedownIssued.Status.ISSUED for each in self.takedowns)


async def disputes(
    connection: AsyncConnection, scope: Scope, *, after: Mark | None = None, limit: int = 50
) -> Sequence[DisputeRow]:
    """Return disputes, those with the latest step first; of a rightsholder, those about their works."""
    if scope.rightsholder_id is None:
        asked = select(DISPUTES).where(*earlier(after, *_ORDER))
    else:
        asked = _about(after, limit, DISPUTED_TAKEDOWNS.c.rightsholder_id == scope.rightsholder_id)
    return await _rows(connection, scope, asked, limit)


async def disputes_of_work(
    connection: AsyncConnection,
    scope: Scope,
    rightsholder_id: str,
    work_id: str,
    *,
    after: Mark | None = None,
    limit: int = 50,
) -> Sequence[DisputeRow]:
    """Return the disputes about takedowns for a work, those with the latest step first."""
    if not scope.may_see(rightsholder_id):
        return ()
    linked = DISPUTED_TAKEDOWNS.c
    asked = _about(after, limit, linked.rightsholder_id == rightsholder_id, linked.work_id == work_id)
    return await _rows(connection, scope, asked, limit)


async def dispute(connection: AsyncConnection, scope: Scope, upload_id: str, dispute_id: str) -> DisputeRow | None:
    """Return a dispute; None if there is none that the viewer may see."""
    asked = select(DISPUTES).where(DISPUTES.c.upload_id == upload_id, DISPUTES.c.dispute_id == dispute_id)
    rows = await _rows(connection, scope, asked, 1)
    return rows[0] if rows and (scope.is_everything or rows[0].takedowns) else None


_ORDER = (DISPUTES.c.at_ms, DISPUTES.c.upload_id, DISPUTES.c.dispute_id)


def _about(after: Mark | None, limit: int, *takedowns: ColumnElement[bool]) -> Select[Any]:
    """Return what asks for the latest disputes about takedowns of a kind, by those alone that are shown."""
    linked = DISPUTED_TAKEDOWNS.c
    order = (linked.at_ms, linked.upload_id, linked.dispute_id)
    latest = select(*order).distinct().where(*takedowns, *earlier(after, *order))
    shown = latest.order_by(*(column.desc() for column in order)).limit(min(limit, ROWS_MAX)).subquery()
    same = (shown.c.upload_id == DISPUTES.c.upload_id) & (shown.c.dispute_id == DISPUTES.c.dispute_id)
    return select(DISPUTES).join(shown, same)


async def _rows(connection: AsyncConnection, scope: Scope, asked: Select[Any], limit: int) -> list[DisputeRow]:
    ordered = asked.order_by(*(column.desc() for column in _ORDER)).limit(min(limit, ROWS_MAX))
    found = (await connection.execute(ordered)).mappings().all()
    upload_ids = [row["upload_id"] for row in found]
    takedowns = await _takedowns(connection, scope, upload_ids)
    clocks = await _clocks(connection, upload_ids)
    return [_row(row, takedowns, clocks) for row in found]


def _row(row: RowMapping, takedowns: dict[Key, list[DisputedTakedown]], clocks: dict[Key, datetime]) -> DisputeRow:
    key = (row["upload_id"], row["dispute_id"])
    return DisputeRow(
        *key,
        row["ground"],
        timestamp(row["opened_ms"]),
        row["step"],
        timestamp(row["at_ms"]),
        clocks.get(key),
        tuple(takedowns[key]),
        Mark(row["at_ms"], key),
    )


async def _takedowns(
    connection: AsyncConnection, scope: Scope, upload_ids: Sequence[str]
) -> dict[Key, list[DisputedTakedown]]:
    found: dict[Key, list[DisputedTakedown]] = defaultdict(list)
    linked = DISPUTED_TAKEDOWNS.c
    asked = select(DISPUTED_TAKEDOWNS, TAKEDOWNS.c.status).join(
        TAKEDOWNS, TAKEDOWNS.c.takedown_id == linked.takedown_id
    )
    for piece in pieces(upload_ids):
        rows = await connection.execute(asked.where(linked.upload_id.in_(piece)).order_by(linked.takedown_id))
        for row in rows.mappings():
            if scope.may_see(row["rightsholder_id"]):
                ids = row["takedown_id"], row["rightsholder_id"], row["work_id"]
                disputed = DisputedTakedown(*ids, TakedownIssued.Status(row["status"]))
                found[row["upload_id"], row["dispute_id"]].append(disputed)
    return found


async def _clocks(connection: AsyncConnection, upload_ids: Iterable[str]) -> dict[Key, datetime]:
    """Return what the latest letter that asks for an answer says of each dispute."""
    found: dict[Key, datetime] = {}
    letters = NOTICES.c
    asked = select(letters.upload_id, letters.dispute_id, letters.respond_until_ms).where(
        letters.dispute_id != "", letters.respond_until_ms.is_not(None)
    )
    for piece in pieces(list(upload_ids)):
        rows = await connection.execute(asked.where(letters.upload_id.in_(piece)).order_by(letters.issued_ms))
        found |= {(upload_id, dispute_id): timestamp(until) for upload_id, dispute_id, until in rows}
    return found
