"""`staydown archive`: the readable record's tables, its rebuilding, and erasures."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.emptying import empty
from services.archive.engine import archive_url, open_archive
from services.archive.erasing import erase as erase_uploader
from services.archive.migrating import SchemaError, check_schema, newest
from services.archive.migrating import migrate as bring_up_to_date
from services.archivist.rebuilding import rebuild as write_anew
from services.cli.options import HERE, Target
from services.cli.terminal import say, working
from services.client.errors import ClientError
from services.cluster.launch import default_archive
from services.runtime.variables import SettingsError, own

ARCHIVE = App(name="archive", help="The readable record: its tables, its rebuilding, and erasures.")


VARIABLE = "STAYDOWN_ARCHIVE_URL"
BY_COMMAND = "the command line"
"""Who had somebody erased, where nobody signs in."""


def check_archive(_kind: Any, archive: str | None) -> None:
    """Refuse what is no URL of a database that can hold the record."""
    try:
        archive_url(archive or "sqlite:///file")
    except SettingsError as error:
        raise ValueError(str(error)) from None


Url = Annotated[
    str | None,
    Parameter(
        "--archive",
        validator=check_archive,
        help="sqlite:////FILE or postgresql://USER@HOST/DATABASE; otherwise STAYDOWN_ARCHIVE_URL, or the file in the "
        "state directory.",
    ),
]


@ARCHIVE.command
async def migrate(*, archive: Url = None, target: Target = HERE) -> None:
    """Bring the tables to what this version has; the archivist does so when it starts."""
    async with opened(archive, target.state) as engine:
        await bring_up_to_date(engine)
    say(f"the tables are at step {newest()}")


@ARCHIVE.command
async def rebuild(
    *,
    archive: Url = None,
    begin_empty: Annotated[
        bool,
        Parameter(
            name="--empty",
            help="Take away first what is there. Some topics are kept for a week: what only those said is gone then.",
        ),
    ] = False,
    target: Target = HERE,
) -> None:
    """Write the record anew from the beginning of the topics, over what is there.

    Whose data was erased stays erased.
    """
    bootstrap = target.bootstrap
    async with opened(archive, target.state) as engine:
        await bring_up_to_date(engine)
        if begin_empty:
            await empty(engine)
        with working("writing"):
            facts, unreadable = await write_anew(engine, bootstrap)
    say(f"{facts:,} facts are in the record" + (f"; {unreadable:,} could not be read" if unreadable else ""))


@ARCHIVE.command
async def erase(uploader: str, /, *, archive: Url = None, target: Target = HERE) -> None:
    """Erase what is personal of an uploader: a pseudonym in place of the id, and nothing that they wrote.

    What was decided stays. It stays erased when the record is rebuilt; the topics are yours to erase.
    """
    async with opened(archive, target.state) as engine:
        await check_schema(engine)
        pseudonym = await erase_uploader(engine, uploader, BY_COMMAND)
    say(f"erased; in the record they are {pseudonym} from now on")


@asynccontextmanager
async def opened(archive: str | None, state: Path) -> AsyncIterator[AsyncEngine]:
    """Give the database; ClientError if it does not answer, or has other tables."""
    given = archive or own(VARIABLE, os.environ.get(VARIABLE, "")) or default_archive(state)
    engine = open_archive(archive_url(given))
    try:
        yield engine
    except SchemaError as error:
        raise ClientError(str(error)) from None
    except SQLAlchemyError as error:
        raise ClientError(f"The archive does not answer: {type(error).__name__}.") from error
    finally:
        await engine.dispose()
