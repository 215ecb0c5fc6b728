"""Writing rows, the same on SQLite and PostgreSQL, so that any order and any redelivery come to the same rows.

A fact is inserted once, and who inserts it learns whether it was new. What is so at present is replaced by what is
later, and by nothing else. Counters are added to.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Table, and_, case, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.columns import stored
from services.archive.tables import (
    ANSWERS,
    DISPUTES,
    POSITIONS,
    RESTRICTIONS,
    RIGHTSHOLDERS,
    STANDINGS,
    TAKEDOWNS,
    UPLOADS,
    WORKS,
)

Rows = Sequence[dict[str, Any]]


class Order(NamedTuple):
    """Columns that are replaced together, by whoever is later in the column `by`, or earlier."""

    by: str
    columns: tuple[str, ...]
    earlier: bool = False


ORDERS = {
    UPLOADS: (
        Order("submission", ("submitted_ms", "deleted_ms")),
        Order("verdict_offset", ("verdict", "decision_id", "revision", "decided_ms")),
    ),
    RESTRICTIONS: (
        Order("blocked_offset", ("blocked_ms",), earlier=True),
        Order("reversed_offset", ("reversed_ms",), earlier=True),
    ),
    TAKEDOWNS: (Order("record_offset", ("basis", "status", "decided_ms")),),
    WORKS: (Order("registered_offset", ("title",)), Order("receipt_offset", ("status", "decided_ms"))),
    ANSWERS: (Order("record_offset", ("work_id", "status", "decided_ms")),),
    RIGHTSHOLDERS: (
        Order("enrolled_offset", ("name", "contact", "standing")),
        Order("suspended_offset", ("suspended_for",)),
    ),
    DISPUTES: (
        Order("opened_offset", ("opened_ms", "ground", "takedown_id"), earlier=True),
        Order("record_offset", ("step", "at_ms")),
    ),
    STANDINGS: (Order("record_offset", ("standing", "strikes", "expires_ms", "changed_ms")),),
    POSITIONS: (Order("next_offset", ("at_ms",)),),
}
"""What orders the facts of which a row of the present is made; a row may have parts, each with an order of its own."""


async def insert_new(connection: AsyncConnection, table: Table, rows: Rows) -> set[tuple[Any, ...]]:
    """Insert the rows whose key is not there yet, and return their keys."""
    found = await connection.execute(_insert_new(table, connection.dialect.name), list(rows))
    return {tuple(row) for row in found}


async def replace_older(connection: AsyncConnection, table: Table, rows: Rows) -> None:
    """Put each row in the place of an older one, part by part."""
    await connection.execute(_replace_older(table, connection.dialect.name), list(rows))


async def add_up(connection: AsyncConnection, table: Table, rows: Rows) -> None:
    """Add each row's count to the one that is there. In one order, so that two who do it wait and never block."""
    ordered = sorted(rows, key=lambda row: key_of(table, row))
    await connection.execute(_add_up(table, connection.dialect.name), ordered)


def key_of(table: Table, row: dict[str, Any]) -> tuple[Any, ...]:
    """Return a row's key as the database gives it back."""
    return tuple(stored(row[column.name]) for column in table.primary_key)


def _insert(table: Table, dialect: str) -> "sqlite.Insert | postgresql.Insert":
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def _insert_new(table: Table, dialect: str) -> Any:
    return _insert(table, dialect).on_conflict_do_nothing().returning(*table.primary_key)


@cache
def _replace_older(table: Table, dialect: str) -> Any:
    new = _insert(table, dialect)
    later = {order: _is_later(table, new, order) for order in ORDERS[table]}
    values = {
        name: case((is_later, new.excluded[name]), else_=table.c[name])
        for order, is_later in later.items()
        for name in (order.by, *order.columns)
    }
    return new.on_conflict_do_update(index_elements=table.primary_key, set_=values, where=or_(*later.values()))


def _is_later(table: Table, new: Any, order: Order) -> Any:
    there, coming = table.c[order.by], new.excluded[order.by]
    return or_(and_(there.is_(None), coming.is_not(None)), coming < there if order.earlier else coming > there)


@cache
def _add_up(table: Table, dialect: str) -> Any:
    new = _insert(table, dialect)
    return new.on_conflict_do_update(
        index_elements=table.primary_key, set_={"count": table.c["count"] + new.excluded["count"]}
    )
