"""Stores on a database of their own."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.engine import archive_url, open_archive
from services.archive.migrating import migrate
from services.archive.tables import DELIVERIES
from services.notifier.receivers import Receiver
from services.notifier.schedule import State
from services.notifier.store import Claimed, Settled, Store
from tests.notifier.facts import NOW


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Give an engine of the database_url, with its tables."""
    engine = open_archive(archive_url(database_url))
    try:
        await migrate(engine)
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def a_store(database_url: str, *receivers: Receiver, holder: str = "0") -> AsyncIterator[Store]:
    """Give a store that knows these receivers."""
    async with opened(database_url) as engine:
        store = Store(engine, holder)
        await store.begin(receivers, NOW)
        yield store


async def rows(engine: AsyncEngine) -> Sequence[Row[Any]]:
    """Return all deliveries, in the order of their ids."""
    async with engine.connect() as connection:
        return (await connection.execute(select(DELIVERIES).order_by(DELIVERIES.c.delivery_id))).fetchall()


def ids(claimed: Iterable[Claimed]) -> list[str]:
    """Return the ids of what was taken, sorted."""
    return sorted(each.id for each in claimed)


def done(claimed: Claimed) -> list[Settled]:
    """Return that a try went well."""
    return [Settled(row.delivery_id, State.DELIVERED, row.attempts + 1, NOW, "200") for row in claimed.rows]


def failed(claimed: Claimed, next_ms: int) -> list[Settled]:
    """Return that a try went wrong."""
    return [Settled(row.delivery_id, State.WAITING, row.attempts + 1, next_ms, "500 no") for row in claimed.rows]


def given_up(claimed: Claimed) -> list[Settled]:
    """Return that there will be no other try."""
    return [Settled(row.delivery_id, State.GIVEN_UP, row.attempts + 1, NOW, "550") for row in claimed.rows]
