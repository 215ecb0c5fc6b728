"""A fixture of real databases of both kinds, with the tables of the record."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import URL

from services.archive.engine import archive_url, open_archive
from services.archive.migrating import migrate
from tests.archive.rows import an_archive


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """Return the URL of a database of each kind, with its tables."""
    is_sqlite = request.param == "sqlite"
    url: URL = archive_url("", str(tmp_path)) if is_sqlite else request.getfixturevalue("postgres")
    asyncio.run(_migrate(url))
    return url


async def _migrate(url: URL) -> None:
    engine = open_archive(url)
    await migrate(engine)
    await engine.dispose()
    async with an_archive(url):
        pass  # what another test left in it is gone
