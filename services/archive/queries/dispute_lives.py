"""Disputes with their steps and letters: one, or all of a page at once, each to a bounded length."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Table, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.pieces import pieces
from services.archive.queries.disputes import DisputeRow, dispute
from services.archive.queries.facts import DisputeStep, dispute_step_of, notice_of
from services.archive.queries.scope import Scope
from services.archive.tables import DISPUTE_STEPS, NOTICES
from services.contracts.decided import NoticeIssued, Recipient

STEPS_MAX = 50
"""Of steps and of letters the latest so many are given, and the first of all: a dispute has about five."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DisputeLife:
    """A dispute with its steps, and the letters about it, in their order."""

    row: DisputeRow
    steps: tuple[DisputeStep, ...]
    notices: tuple[NoticeIssued, ...]


async def dispute_life(
    connection: AsyncConnection, scope: Scope, upload_id: str, dispute_id: str
) -> DisputeLife | None:
    """Return a dispute; None if there is none that the viewer may see."""
    row = await dispute(connection, scope, upload_id, dispute_id)
    return None if row is None else (await dispute_lives(connection, scope, [row]))[0]


async def dispute_lives(connection: AsyncConnection, scope: Scope, rows: Sequence[DisputeRow]) -> Sequence[DisputeLife]:
    """Return what these disputes have come to; a rightsholder sees their own letters, and no other claimant's steps."""
    theirs = scope.rightsholder_id
    own_steps = [] if theirs is None else [DISPUTE_STEPS.c.claimant.in_(("", theirs))]
    to = (NOTICES.c.recipient_kind == Recipient.Kind.RIGHTSHOLDER.value, NOTICES.c.recipient_id == theirs)
    own_letters = [] if theirs is None else list(to)
    steps = await _found(connection, rows, DISPUTE_STEPS, "record_offset", own_steps)
    letters = await _found(connection, rows, NOTICES, "issued_ms", own_letters)
    return [
        DisputeLife(row, tuple(map(dispute_step_of, steps[key])), tuple(map(notice_of, letters[key])))
        for row in rows
        for key in [(row.upload_id, row.dispute_id)]
    ]


async def _found(
    connection: AsyncConnection,
    rows: Sequence[DisputeRow],
    table: Table,
    by: str,
    where: Sequence[ColumnElement[bool]],
) -> Mapping[Key, list[RowMapping]]:
    found: dict[Key, list[RowMapping]] = defaultdict(list)
    for piece in pieces(rows):
        asked = or_(*(and_(table.c.upload_id == row.upload_id, table.c.dispute_id == row.dispute_id) for row in piece))
        for row in (await connection.execute(_bounded(table, by, asked, *where))).mappings():
            found[row["upload_id"], row["dispute_id"]].append(row)
    return found


def _bounded(table: Table, by: str, *where: ColumnElement[bool]) -> Any:
    """Return what asks for the first and the latest rows of each dispute, in their order."""
    each = (table.c.upload_id, table.c.dispute_id)
    first = func.row_number().over(partition_by=each, order_by=table.c[by]).label("first")
    last = func.row_number().over(partition_by=each, order_by=table.c[by].desc()).label("last")
    numbered = select(table, first, last).where(*where).subquery()
    return select(numbered).where(or_(numbered.c.first == 1, numbered.c.last <= STEPS_MAX)).order_by(numbered.c[by])
