import asyncio
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from loadtest.archive.asking import QUESTIONS, Drawn
from loadtest.archive.browsing import PAGES, browse
from loadtest.archive.filling import AGAIN, fill
from loadtest.archive.story import Told, tell
from loadtest.archive.truth import compare, is_row
from loadtest.target import LoadTestError
from services.archive.engine import archive_url, open_archive
from services.archive.migrating import migrate
from services.archive.queries.reviews import held_uploads
from services.archive.queries.scope import EVERYTHING
from services.archive.queries.uploads import Happening, upload_life
from services.archive.queries.works import work_life
from services.archivist import ARCHIVIST
from tests.archive.rows import Rows, all_rows, an_archive

UPLOADS, WORKS = 2_000, 200
# What a small record has none of, whoever asks.
MAY_BE_EMPTY = (
    "copies of another",
    "  their figures then",
    "  its disputes",
    "  its takedowns",
    "  its days",
    "  about works of one",
    "how somebody stands",
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fill a small record in two pieces, and return its file."""
    path = tmp_path_factory.mktemp("filled") / "archive.sqlite"
    asyncio.run(_migrated(path))
    assert fill(path, UPLOADS // 2, 60, WORKS) == UPLOADS // 2
    assert fill(path, UPLOADS, 60, WORKS) == UPLOADS
    return path


def test_filling_goes_on_where_it_stopped(filled: Path, tmp_path: Path) -> None:
    """Two pieces come to the same rows as one."""
    whole = tmp_path / "whole.sqlite"
    asyncio.run(_migrated(whole))
    fill(whole, UPLOADS, 60, WORKS)
    assert asyncio.run(_rows(whole)) == asyncio.run(_rows(filled))


def test_what_is_filled_is_what_the_archivist_would_have_written(filled: Path) -> None:
    """Rows belong to one another, and counters count them."""
    rows = asyncio.run(_rows(filled))
    now = Counter(row["verdict"] for row in rows["uploads"])
    ever = {(row["measure"], row["value"]): row["count"] for row in rows["counters"] if row["span"] == "ever"}
    assert {verdict: count for (measure, verdict), count in ever.items() if measure == "present"} == now
    assert ever["submitted", "submission"] == len(rows["submissions"]) == UPLOADS + AGAIN
    assert ever["issued", "STAYDOWN"] == len(rows["takedowns"]) == now["BLOCKED"]
    assert sum(row["count"] for row in rows["work_counters"]) == len(rows["takedowns"])

    async def ask(on: Any) -> None:
        life = await upload_life(on, EVERYTHING, f"u-{500:09}")
        assert life is not None
        assert life.verdict is not None
        assert {event.happening for event in life.events} == {
            *(Happening.SUBMITTED, Happening.DECIDED, Happening.ISSUED, Happening.NOTIFIED, Happening.DISPUTED)
        }
        work = await work_life(on, EVERYTHING, "rightsholder-0", "song-0")
        assert work is not None
        assert work.takedowns.refused == UPLOADS // 200
        assert len(work.submissions) == len(work.receipts) == 1
        assert all(held.verdict is not None for held in await held_uploads(on, EVERYTHING))

    asyncio.run(_asked(filled, ask))


def test_every_question_finds_something(filled: Path) -> None:
    """A question that finds nothing measures nothing."""

    async def ask(on: Any) -> None:
        drawn = Drawn(Random(1), UPLOADS, WORKS)
        for name, question in QUESTIONS.items():
            found = [await question(on, drawn) for _ in range(20)]
            assert any(found) or name in MAY_BE_EMPTY, name

    asyncio.run(_asked(filled, ask))


def test_every_page_is_asked_for_by_who_may_see_it(filled: Path) -> None:
    """On a real server, of a record that was filled; what is answered otherwise ends the load test."""

    async def run() -> None:
        engine = open_archive(archive_url(f"sqlite:///{filled}"))
        found = await browse(engine, Drawn(Random(1), UPLOADS, WORKS), 1)
        await engine.dispose()
        assert {name: each.percentiles().count for name, each in found.items()} == dict.fromkeys(PAGES, 1)

    asyncio.run(run())


def test_the_story_tells_as_much_as_is_asked_on_every_topic() -> None:
    """Each topic's facts are in their order, in the partition of their key."""
    told = tell(3_000, 4, seed=1)
    assert len(told) == 3_000
    assert {each.topic for each in told} == {topic.name for topic in ARCHIVIST.reads}
    assert {each.partition for each in told} == set(range(4))


def test_a_story_that_is_too_short_is_no_load() -> None:
    """It is said, rather than less measured."""
    with pytest.raises(LoadTestError, match="are asked for"):
        tell(30_000, 4, seed=1, facts_of_one=1_500)


def test_what_is_not_in_the_record_is_missed(tmp_path: Path) -> None:
    """A verdict that is taken back has no row."""
    told = tell(1_000, 4, seed=1)

    async def run() -> None:
        await _migrated(tmp_path / "a.sqlite")
        async with an_archive(archive_url("", str(tmp_path)).set(database=str(tmp_path / "a.sqlite"))) as engine:
            tally = await compare(engine, told)
        assert tally.missed == sum(map(is_row, told)) < len([*told, Told("", 0, b"", None)])
        assert not tally.is_right

    asyncio.run(run())


async def _migrated(path: Path) -> None:
    engine = open_archive(archive_url(f"sqlite:///{path}"))
    await migrate(engine)
    await engine.dispose()


async def _rows(path: Path) -> Rows:
    engine = open_archive(archive_url(f"sqlite:///{path}"))
    rows = await all_rows(engine)
    await engine.dispose()
    return rows


async def _asked(path: Path, ask: Any) -> None:
    engine: AsyncEngine = open_archive(archive_url(f"sqlite:///{path}"))
    async with engine.connect() as connection:
        await ask(connection)
    await engine.dispose()
