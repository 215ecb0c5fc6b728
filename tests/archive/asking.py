"""Asking the record, for tests of queries."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.archive.facts import Said, recorded
from tests.archive.rows import an_archive, write_all

Found = TypeVar("Found")


def asked(database: URL, said: Sequence[Said], ask: Callable[[AsyncConnection], Coroutine[Any, Any, Found]]) -> Found:
    """Return what a query gives after all of this was said."""

    async def run() -> Found:
        async with an_archive(database) as engine:
            await write_all(engine, recorded(*said))
            async with engine.connect() as connection:
                return await ask(connection)

    return asyncio.run(run())
