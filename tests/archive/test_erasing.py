import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, Connection, inspect, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.erasing import erase
from services.archive.queries.facts import DisputeStep
from services.archive.queries.scope import EVERYTHING
from services.archive.queries.uploads import upload_life
from services.archive.tables import RECORD
from services.archivist.entries import Recorded
from tests.archive.facts import (
    HISTORIES,
    counter_notice,
    dispute,
    notice,
    recorded,
    standing,
    submission,
    takedown,
    uphold,
    verdict,
)
from tests.archive.rows import Rows, all_rows, an_archive, write_all

Found = TypeVar("Found")
PERSONAL = ("ann", "A title", "file:/u-1", "I made it.", "A street", "hear")
HISTORY = recorded(
    submission("u-1"),
    verdict("u-1"),
    takedown("u-1"),
    notice("n-1", "ann", "u-1"),
    notice("n-2", "ann"),
    dispute("u-1"),
    counter_notice("u-1"),
    uphold("u-1"),
    standing("ann"),
    submission("u-2", "bob", "Another"),
)


def test_nothing_personal_of_who_is_erased_is_left(database: URL) -> None:
    """Neither the id nor what they wrote is in any column, and what others wrote is."""

    async def erased(engine: AsyncEngine) -> None:
        await write_all(engine, HISTORY)
        pseudonym = await erase(engine, "ann", "olga")
        texts = await _texts(engine)
        assert not [text for text in texts if any(word in text for word in PERSONAL)]
        assert pseudonym in texts
        assert {"bob", "Another"} <= texts
        assert any("It is ours." in text for text in texts)

    _run(database, erased)


def test_a_second_erasure_finds_the_same_pseudonym(database: URL) -> None:
    """Who asks twice is nobody else the second time."""

    async def erased(engine: AsyncEngine) -> None:
        await write_all(engine, HISTORY)
        assert (
            await erase(engine, "ann", "olga")
            == await erase(engine, "ann", "olga")
            != await erase(engine, "bob", "olga")
        )

    _run(database, erased)


def test_what_was_decided_stays(database: URL) -> None:
    """The upload's life is there, without what was personal in it."""

    async def erased(engine: AsyncEngine) -> None:
        await write_all(engine, HISTORY)
        pseudonym = await erase(engine, "ann", "olga")
        async with engine.connect() as connection:
            life = await upload_life(connection, EVERYTHING, "u-1")
        assert life is not None
        assert life.submission is not None
        assert (life.submission.uploader_id, life.submission.erased) == (pseudonym, True)
        assert len(life.events) == len([each for each in HISTORY if each.key == "u-1"]) + 1
        opened, countered, _ = [event.said.fact for event in life.events if isinstance(event.said, DisputeStep)]
        assert opened is not None, "its claimant still has to answer"
        assert opened.dispute is not None
        assert countered is not None
        assert countered.counter_notice is not None

    _run(database, erased)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HISTORIES, st.randoms(use_true_random=False))
def test_what_is_read_again_is_erased_again(database: URL, history: list[Recorded], dice: Any) -> None:
    """Erased before, amid or after, in whatever order facts come: nothing personal is left, and the rows are one."""
    shuffled = dice.sample(history, len(history))
    cut = dice.randint(0, len(shuffled))

    async def at_last(engine: AsyncEngine) -> Rows:
        await write_all(engine, history)
        return await _erased_rows(engine)

    async def amid(engine: AsyncEngine) -> Rows:
        await write_all(engine, shuffled[:cut])
        await erase(engine, "ann", "olga")
        await write_all(engine, shuffled[cut:])
        return await _erased_rows(engine)

    assert _run(database, at_last) == _run(database, amid)


async def _erased_rows(engine: AsyncEngine) -> Rows:
    await erase(engine, "ann", "olga")
    rows = await all_rows(engine)
    assert "ann" not in {value for table in rows.values() for row in table for value in row.values()}
    return {
        name: [dict(zip(row, map(_unnamed, row.values()), strict=True)) for row in table]
        for name, table in rows.items()
    }


def _unnamed(value: Any) -> Any:
    """Return a value without the chance in it."""
    return "erased" if isinstance(value, str) and value.startswith("erased-") else value


async def _texts(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        assert set(await connection.run_sync(_tables)) >= set(RECORD.tables)
        rows = [row for table in RECORD.sorted_tables for row in await connection.execute(select(table))]
    return {value for row in rows for value in row if isinstance(value, str)}


def _tables(connection: Connection) -> list[str]:
    return inspect(connection).get_table_names()


def _run(database: URL, what: Callable[[AsyncEngine], Coroutine[Any, Any, Found]]) -> Found:
    async def run() -> Found:
        async with an_archive(database) as engine:
            return await what(engine)

    return asyncio.run(run())
