"""On a real Kafka and PostgreSQL: two archivists share the work, and one goes on when the other is gone."""

import asyncio
import signal
from pathlib import Path

import pytest
from sqlalchemy import URL

from services.archive.engine import archive_url, open_archive
from tests.archive.rows import all_rows
from tests.kafka.archivist.process import SECONDS_MAX, Archivist, running_archivist
from tests.kafka.archivist.telling import as_the_topics_say, lives, tell, until_written

pytestmark = pytest.mark.kafka

UPLOADS = 100


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_members_come_and_go_and_each_fact_is_written_once(topics: str, database: URL, tmp_path: Path) -> None:
    """A second one takes over some partitions, is killed, and its partitions are the first one's again."""

    async def scenario() -> None:
        engine = open_archive(database)
        async with running_archivist(topics, database, tmp_path / "first.log") as first:
            await tell(topics, lives(range(UPLOADS)))
            second = {"STAYDOWN_INSTANCE": "1"}
            async with running_archivist(topics, database, tmp_path / "second.log", more=second) as other:
                await _until_units(first, 2)
                await _until_units(other, 2)
                await tell(topics, lives(range(UPLOADS, 2 * UPLOADS)))
                await other.end(signal.SIGKILL)
            await tell(topics, lives(range(2 * UPLOADS, 3 * UPLOADS)))
            await until_written(topics, engine)
            await _until_units(first, 4)
        found = await all_rows(engine)
        await engine.dispose()
        assert found == await as_the_topics_say(topics, archive_url(f"sqlite:///{tmp_path / 'anew.sqlite'}"))
        assert len(found["submissions"]) == 3 * UPLOADS

    asyncio.run(scenario())


async def _until_units(archivist: Archivist, units: int) -> None:
    """Return when it serves so many partition numbers."""
    async with asyncio.timeout(SECONDS_MAX):
        while f"staydown_units_assigned {units}.0" not in await archivist.page("/metrics"):  # noqa: ASYNC110  # another process tells only when asked
            await asyncio.sleep(0.1)
