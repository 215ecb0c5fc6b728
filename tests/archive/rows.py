"""Writing records into a database and reading all rows back, for tests that compare."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import URL, delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.emptying import empty
from services.archive.engine import open_archive, writing
from services.archive.tables import ERASURES, RECORD
from services.archivist.entries import Recorded
from services.archivist.writing import Place, write

Rows = dict[str, list[dict[str, Any]]]


@asynccontextmanager
async def an_archive(url: URL) -> AsyncIterator[AsyncEngine]:
    """Give an archive without rows."""
    engine = open_archive(url)
    try:
        await empty(engine)
        await forget_erasures(engine)
        yield engine
    finally:
        await engine.dispose()


async def forget_erasures(engine: AsyncEngine) -> None:
    """Take away what an emptied archive keeps."""
    async with writing(engine) as connection:
        await connection.execute(delete(ERASURES))


async def write_all(engine: AsyncEngine, *batches: Iterable[Recorded]) -> None:
    """Write each batch in a transaction of its own."""
    for records in filter(None, map(list, batches)):
        place = Place()
        for each in records:
            place.pass_by(each.topic.name, each.partition, each.offset, each.at_ms)
        await write(engine, records, place)


async def all_rows(engine: AsyncEngine, *, but: Sequence[str] = ("erasures",)) -> Rows:
    """Return the rows of every table in one order; a counter that has come to nothing is as good as none."""
    found: Rows = {}
    async with engine.connect() as connection:
        for table in RECORD.sorted_tables:
            if table.name not in but:
                rows = await connection.execute(select(table).order_by(*table.primary_key))
                found[table.name] = [dict(row) for row in rows.mappings() if row.get("count") != 0]
    return found
