"""`pages`: how long the console's pages take, and what they ask, when millions of uploads are in the record."""

import asyncio
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number as Within
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from loadtest.archive.asking import QUESTIONS, Drawn
from loadtest.archive.browsing import browse
from loadtest.archive.filling import WORKS, fill
from loadtest.cpu import snapshot, used_between
from loadtest.latency import Latencies
from loadtest.machine import describe
from loadtest.report import Goal, Number, Report, save
from loadtest.showing import show
from loadtest.target import Cluster, progress
from loadtest.truth import Tally
from services.archive.engine import archive_url, open_archive
from services.archive.migrating import migrate

PERCENT = 95
MS_MAX = 200
"""Issue 6: ten million uploads, and 95 of 100 pages are there within it."""


def pages(
    *,
    uploads: Annotated[int, Parameter(validator=Within(gte=1_000, lte=100_000_000), help="In the record.")] = 1_000_000,
    asked: Annotated[int, Parameter(validator=Within(gte=1, lte=100_000), help="Times that each is asked.")] = 200,
    database: Annotated[
        Path | None, Parameter(help="A file to be filled and kept, and to go on with; otherwise it is taken away.")
    ] = None,
    fill_seconds: Annotated[
        float, Parameter(validator=Within(gt=0, lte=86_400), help="Fill for so long, and go on the next time.")
    ] = 3_600.0,
    seed: Annotated[int | None, Parameter(help="Draws what is asked about; another each time unless given.")] = None,
    json: Annotated[Path | None, Parameter(help="A file to be written with all figures.")] = None,
) -> Report:
    """Fill a SQLite with uploads and all that is said of them, and ask for the console's pages, and what they ask."""
    drawn = random.SystemRandom().randrange(2**32) if seed is None else seed
    load_before = os.getloadavg()[0]
    with _kept(database) as path:
        there, filled_seconds = _filled(path, uploads, fill_seconds)
        before = snapshot({"asking": os.getpid()})
        latencies = asyncio.run(_ask_all(path, Drawn(random.Random(drawn), there, WORKS), asked))
        used = used_between(before, snapshot({"asking": os.getpid()}))
        size = path.stat().st_size
    report = Report(
        profile="pages",
        seed=drawn,
        load={"uploads": there, "asked": asked},
        machine=describe(Cluster("", path, f"SQLite {sqlite3.sqlite_version}", dict), load_before),
        void=() if there == uploads else (f"{there:,} uploads of {uploads:,} are filled; run it again to go on",),
        truth=Tally(there, 0, 0, 0, ()),
        figures_ms={name: one.percentiles() for name, one in latencies.items()},
        goals=tuple(Goal(f"{name}, p{PERCENT}", MS_MAX, one.ms(PERCENT)) for name, one in latencies.items()),
        cost=(),
        others_cores=used.others / used.seconds,
        offered=f"{there:,} uploads, each page and question {asked} times, one after another",
        numbers=(Number("filled in", filled_seconds, "seconds"), Number("size", size / 1e9, "GB")),
    )
    show(report, Console())
    if json is not None:
        save(report, json)
    return report


@contextmanager
def _kept(database: Path | None) -> Iterator[Path]:
    if database is not None:
        yield database.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="staydown-load-") as folder:
        yield Path(folder) / "archive.sqlite"


def _filled(path: Path, uploads: int, seconds: float) -> tuple[int, float]:
    """Bring a database up to so many uploads, or as far as one gets in that time; return how many, and how long."""
    asyncio.run(_migrate(path))
    progress(f"filling {path} up to {uploads:,} uploads")
    began = time.monotonic()
    return fill(path, uploads, seconds), time.monotonic() - began


async def _migrate(path: Path) -> None:
    engine = _open(path)
    await migrate(engine)
    await engine.dispose()


def _open(path: Path) -> AsyncEngine:
    return open_archive(archive_url(f"sqlite:///{path}"))


async def _ask_all(path: Path, drawn: Drawn, asked: int) -> Mapping[str, Latencies]:
    """Ask for every page and every question so often, in turn, so that none has what another one has just read."""
    engine = _open(path)
    pages_took = await browse(engine, drawn, asked)
    latencies = {name: Latencies() for name in QUESTIONS}
    for _ in range(asked):
        for name, ask in QUESTIONS.items():
            began = time.monotonic()
            async with engine.connect() as connection:
                await ask(connection, drawn)
            latencies[name].record(time.monotonic() - began)
    await engine.dispose()
    return {**pages_took, **latencies}
