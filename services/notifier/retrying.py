"""Trying again what was given up, by a person's command; a notifier that runs sees it within a second."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.engine import writing
from services.archive.tables import DELIVERIES, RECEIVERS
from services.notifier.schedule import State


async def retry(engine: AsyncEngine, now: int, *, receiver: str = "", ids: Sequence[str] = ()) -> int:
    """Let what was given up be tried anew, from its first try on, and return how much that is.

    `receiver`: of this one alone, which is enabled again if it had gone. `ids`: these deliveries alone.
    """
    which = [DELIVERIES.c.state == State.GIVEN_UP]
    which += [DELIVERIES.c.receiver == receiver] if receiver else []
    which += [DELIVERIES.c.delivery_id.in_(ids)] if ids else []
    again = update(DELIVERIES).where(*which)
    enabled = update(RECEIVERS).where(RECEIVERS.c.receiver == receiver).values(disabled_ms=None)
    async with writing(engine) as connection:
        await connection.execute(enabled)
        anew = again.values(state=State.WAITING, attempts=0, next_ms=now, finished_ms=None, letter=None)
        return (await connection.execute(anew)).rowcount
