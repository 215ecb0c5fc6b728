import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from services.archive.engine import archive_url, open_archive
from services.archive.migrating import check_schema


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
