import asyncio
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.engine import archive_url, open_archive
from services.runtime.variables import SettingsError
from tests.databases import new_database


@pytest.fixture
def guarded(postgres: URL) -> str:
    """Give the URL of a database, as a user of whom the server asks a password."""
    url = new_database(postgres)
    hba = Path(str(postgres.query["host"])) / "pg_hba.conf"
    hba.write_text(f"local all guarded scram-sha-256\n{hba.read_text()}")
    _as_owner(
        url, "DROP ROLE IF EXISTS guarded", "CREATE ROLE guarded LOGIN PASSWORD 'first'", "SELECT pg_reload_conf()"
    )
    return url.replace("postgres@", "guarded@", 1)


def _as_owner(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for each in statements:
            connection.execute(each.encode())


def _ask(engine: AsyncEngine) -> None:
    asyncio.run(_asked(engine))


async def _asked(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    await engine.dispose()


def test_a_new_password_needs_no_restart(guarded: str, tmp_path: Path) -> None:
    """Each connection reads the file; with the wrong password there is none."""
    file = tmp_path / "password"
    file.write_text("first\n")
    engine = open_archive(archive_url(f"{guarded}&password_file={file}"))
    _ask(engine)
    _as_owner(guarded.replace("guarded@", "postgres@", 1), "ALTER ROLE guarded PASSWORD 'second'")
    with pytest.raises(OperationalError, match="password authentication failed"):
        _ask(engine)
    file.write_text("second\n")
    _ask(engine)


def test_a_password_that_cannot_be_read_is_told_by_its_file(tmp_path: Path) -> None:
    """A service refuses it when it starts."""
    with pytest.raises(SettingsError, match=f"{tmp_path}/none cannot be read"):
        archive_url(f"postgresql://staydown@archive/staydown?password_file={tmp_path}/none")
