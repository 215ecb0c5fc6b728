"""What the notifier delivers, for whoever looks after it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.tables import DELIVERIES


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery. `next_ms`: when it is tried next, if it waits; `finished_ms`: since when it is over, if it is."""

    delivery_id: str
    receiver: str
    about: str
    state: str
    attempts: int
    said_ms: int
    next_ms: int
    finished_ms: int | None
    detail: str


async def find_deliveries(engine: AsyncEngine, *, states: Sequence[str], receiver: str, limit: int) -> list[Delivered]:
    """Return the latest deliveries in these states, the newest first; of one receiver if it is named."""
    columns = [DELIVERIES.c[name] for name in Delivered.__dataclass_fields__]
    found = select(*columns).where(DELIVERIES.c.state.in_(states))
    if receiver:
        found = found.where(DELIVERIES.c.receiver == receiver)
    newest = found.order_by(DELIVERIES.c.created_ms.desc(), DELIVERIES.c.delivery_id).limit(limit)
    async with engine.connect() as connection:
        return [Delivered(*row) for row in await connection.execute(newest)]
