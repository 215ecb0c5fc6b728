"""Opening the record: SQLite, or PostgreSQL where that is outgrown, by one URL.

Promises: what was committed survives a kill; on SQLite readers never wait for the writer, and a transaction that is
going to write takes its turn at its begin, so that none fails in its middle for being too late.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from services.runtime.variables import SettingsError

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
# A part of the URL. libpq takes its own `passfile` only if nobody else can read it, and a mounted secret has a group.
SECRET_IN = "password_file"  # noqa: S105  # a name and no password
# Another writer holds the database for a batch, which takes milliseconds; a rebuild that empties it, for seconds.
BUSY_SECONDS = 30.0
# 64 MiB: the upper levels of the indexes of ten million uploads.
CACHE_KIB = 65_536
# What is read in one transaction is written back at its size by the next checkpoint; 16 MiB bound the log.
CHECKPOINT_PAGES = 4_000


def archive_url(given: str, state_dir: str = "") -> URL:
    """Return the URL that is given, or that of a file in `state_dir`; SettingsError if there is neither."""
    if not given and not state_dir:
        raise SettingsError("STAYDOWN_ARCHIVE_URL must be set, or STAYDOWN_STATE_DIR, for a file in that directory.")
    try:
        url = make_url(given or f"sqlite:///{state_dir}/archive.sqlite")
    except ArgumentError:
        url = None
    kind = "" if url is None else url.get_backend_name()
    if url is None or kind not in DRIVERS or not url.database:
        raise SettingsError("STAYDOWN_ARCHIVE_URL must be sqlite:////FILE or postgresql://USER@HOST/DATABASE.")
    _check_password(url)
    return url.set(drivername=DRIVERS[kind])


def open_archive(url: URL) -> AsyncEngine:
    """Return an engine of the database; nothing is opened yet. `dispose` it in the end."""
    if url.get_backend_name() == "postgresql":
        return _open_postgresql(url)
    # What was asked for is anybody's, and no error says it: errors end in logs.
    engine = create_async_engine(url, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _open_postgresql(url: URL) -> AsyncEngine:
    """Return an engine whose every connection reads the password's file, so that a new one needs no restart."""
    file = url.query.get(SECRET_IN)
    engine = create_async_engine(url.difference_update_query([SECRET_IN]), pool_pre_ping=True, hide_parameters=True)

    def give_password(_dialect: object, _record: object, _arguments: object, options: dict[str, Any]) -> None:
        options["password"] = Path(str(file)).read_text(encoding="utf-8").strip()

    if file:
        event.listen(engine.sync_engine, "do_connect", give_password)
    return engine


def _check_password(url: URL) -> None:
    if file := url.query.get(SECRET_IN):
        try:
            Path(str(file)).read_text(encoding="utf-8")
        except (OSError, ValueError):
            raise SettingsError(f"STAYDOWN_ARCHIVE_URL: the file {file} cannot be read.") from None


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Set up a connection; transactions are begun by us (see `_begin_sqlite`)."""
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: a commit that is acknowledged to Kafka must outlive the machine's power, since it is not read again.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"cache_size=-{CACHE_KIB}",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    """Begin as the connection's options say: to write, or to read."""
    kind = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {kind}")


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Give a connection in a transaction that is going to write, and commit it in the end."""
    async with engine.connect() as connection:
        await connection.execution_options(writes=True)
        async with connection.begin():
            yield connection
