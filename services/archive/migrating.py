"""Bringing a database to this version's tables: when the archivist starts, and by `staydown archive migrate`.

Promises: the steps are taken in one transaction, by one process at a time; who comes second finds them taken.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.engine import writing
from services.archive.locks import hold_migration

FOLDER = Path(__file__).parent / "migrations"


class SchemaError(Exception):
    """The database has not the tables that this version needs. The message says what to do."""


async def migrate(engine: AsyncEngine) -> None:
    """Take every step that is not taken yet."""
    async with writing(engine) as connection:
        await hold_migration(connection)
        await connection.run_sync(_upgrade)


async def check_schema(engine: AsyncEngine) -> None:
    """Raise `SchemaError` unless every step is taken, and no other."""
    async with engine.connect() as connection:
        there = await connection.run_sync(_revision)
    if there != newest():
        raise SchemaError(
            f"The archive is at step {there or 'none'} and should be at {newest()}: run `staydown archive migrate`."
        )


def newest() -> str:
    """Return the name of the last step."""
    return ScriptDirectory(str(FOLDER)).get_current_head() or ""


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
