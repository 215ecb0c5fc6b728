"""Emptying the record, so that it can be written anew from the topics."""

from sqlalchemy import Table, delete
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.engine import writing
from services.archive.locks import hold_erasure
from services.archive.tables import DELIVERIES, ERASURES, RECEIVERS, RECORD

KEPT: tuple[Table, ...] = (ERASURES, RECEIVERS, DELIVERIES)


async def empty(engine: AsyncEngine) -> None:
    """Take every row away but whose data was erased, so that it stays so, and deliveries: no topic has them."""
    async with writing(engine) as connection:
        await hold_erasure(connection)
        for table in RECORD.sorted_tables:
            if table not in KEPT:
                await connection.execute(delete(table))
