import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, Connection, text

from services.archive.engine import archive_url, open_archive, writing
from services.archive.migrating import check_schema, migrate
from services.archive.tables import RECORD
from services.contracts.decided import VerdictDecided
from tests.archive.facts import (
    BEGIN_MS,
    counter_notice,
    dispute,
    recorded,
    release_claim,
    submission,
    takedown,
    verdict,
)
from tests.archive.rows import all_rows, an_archive, write_all

BLOCKED, WON = VerdictDecided.Verdict.BLOCKED, (VerdictDecided.Reason.DISPUTE_WON,)
STORY = (
    submission("u-1"),
    verdict("u-1", BLOCKED, at_ms=BEGIN_MS + 9_000),
    verdict("u-1", BLOCKED, at_ms=BEGIN_MS + 99_000, revision=2),
    verdict("u-1", at_ms=BEGIN_MS + 100_000, revision=3, reasons=WON),
    verdict("u-1", at_ms=BEGIN_MS + 200_000, revision=4, reasons=WON),
    verdict("u-2", BLOCKED, reasons=WON),
    verdict("u-3", reasons=WON),
    takedown("u-1"),
    takedown("u-1", "film", rightsholder="studio"),
    dispute("u-1"),
    release_claim("u-1"),
    takedown("u-2"),
    counter_notice("u-2"),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """Return the URL of a database of each kind that has no tables."""
    if request.param == "sqlite":
        return archive_url("", str(tmp_path))
    there: URL = request.getfixturevalue("postgres")
    asyncio.run(_create(there, "fresh"))
    return there.set(database="fresh")


def test_two_processes_that_migrate_at_once_wait_for_each_other(fresh: URL) -> None:
    """Both end well, and every step is taken once."""
    url = fresh.set(drivername=fresh.get_backend_name()).render_as_string(hide_password=False)
    command = (sys.executable, "-m", "services.cli", "archive", "migrate", "--archive", url)
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    said = [each.communicate() for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    asyncio.run(_check(fresh))


def test_what_is_derived_anew_is_what_the_archivist_derives(database: URL) -> None:
    """A record that is brought to this version has the same rows as one that is written by it."""

    async def run() -> None:
        async with an_archive(database) as engine:
            await write_all(engine, recorded(*STORY))
            written = await all_rows(engine)
            async with writing(engine) as connection:
                await connection.execute(text("DROP TABLE restrictions"))
                await connection.execute(text("DROP INDEX ix_takedowns_latest"))
                await connection.execute(text("ALTER TABLE erasures DROP COLUMN author"))
                await connection.execute(text("ALTER TABLE deliveries DROP COLUMN traceparent"))
                await connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
            await migrate(engine)
            assert await all_rows(engine) == written
            assert len(written["disputed_takedowns"]) == len(written["restrictions"]) == 3
            async with engine.connect() as connection:
                assert await connection.run_sync(_differences) == []

    asyncio.run(run())


def _differences(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection), RECORD))


async def _create(url: URL, name: str) -> None:
    engine = open_archive(url)
    async with engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text(f"CREATE DATABASE {name}"))
    await engine.dispose()


async def _check(url: URL) -> None:
    engine = open_archive(url)
    await check_schema(engine)
    await engine.dispose()
