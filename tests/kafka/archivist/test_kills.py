import asyncio
import random
import signal
from pathlib import Path

import pytest
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.engine import archive_url, open_archive
from tests.archive.rows import all_rows
from tests.kafka.archivist.process import Archivist, running_archivist
from tests.kafka.archivist.telling import as_the_topics_say, lives, tell, until_written

pytestmark = pytest.mark.kafka

UPLOADS_A_ROUND = 150
LATEST_KILL_SECONDS = 0.6


def test_a_kill_loses_nothing_and_doubles_nothing(topics: str, database: URL, tmp_path: Path) -> None:
    """Killed while it is idle and while it is busy, the record holds what the topics say, each fact once."""
    asyncio.run(_rounds(topics, database, tmp_path, rounds=3))


@pytest.mark.nightly
def test_many_kills_lose_nothing_and_double_nothing(topics: str, database: URL, tmp_path: Path) -> None:
    """The same in two dozen rounds."""
    asyncio.run(_rounds(topics, database, tmp_path, rounds=24))


async def _rounds(kafka: str, url: URL, folder: Path, rounds: int) -> None:
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    engine = open_archive(url)
    async with running_archivist(kafka, url, folder / "archivist.log") as archivist:
        for number in range(rounds):
            is_idle = number % 2 == 1
            said = lives(range(number * UPLOADS_A_ROUND, (number + 1) * UPLOADS_A_ROUND))
            await tell(kafka, said)
            await _kill(archivist, engine, kafka, dice, is_idle=is_idle)
        await until_written(kafka, engine)
    found = await all_rows(engine)
    await engine.dispose()
    anew = archive_url(f"sqlite:///{folder / 'anew.sqlite'}")
    assert found == await as_the_topics_say(kafka, anew), f"seed {seed}"
    assert len(found["submissions"]) == len(found["notices"]) == rounds * UPLOADS_A_ROUND, f"seed {seed}"


async def _kill(archivist: Archivist, engine: AsyncEngine, kafka: str, dice: random.Random, *, is_idle: bool) -> None:
    """Kill it once all is written, or somewhere on the way, and start another."""
    if is_idle:
        await until_written(kafka, engine)
    await asyncio.sleep(dice.uniform(0, LATEST_KILL_SECONDS))  # the moment is what is tried
    await archivist.end(signal.SIGKILL)
    await archivist.start()
    await archivist.until_ready()
