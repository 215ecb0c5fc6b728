"""Whose data was erased, by pseudonym: when, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.scope import ROWS_MAX, Scope
from services.archive.tables import ERASURES
from services.contracts.types import timestamp


@dataclass(frozen=True, slots=True)
class Erasure:
    """One of them; without an author it was done before authors were recorded."""

    pseudonym: str
    author: str
    at: datetime


async def erasures(connection: AsyncConnection, scope: Scope, *, limit: int = 50) -> Sequence[Erasure]:
    """Return the latest erasures, the latest first; for whoever sees everything."""
    if not scope.is_everything:
        return ()
    columns = ERASURES.c
    asked = select(columns.pseudonym, columns.author, columns.erased_ms)
    ordered = asked.order_by(columns.erased_ms.desc(), columns.pseudonym).limit(min(limit, ROWS_MAX))
    return [Erasure(name, author, timestamp(at_ms)) for name, author, at_ms in await connection.execute(ordered)]
