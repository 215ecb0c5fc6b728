"""`archive`: how far the readable record is behind what is said, what that costs, and how fast it is written anew."""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number as Within
from rich.console import Console
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from loadtest.archive.archivist import NAME, PARTITIONS, Bench, running_bench
from loadtest.archive.arriving import Arrivals
from loadtest.archive.story import Told, tell
from loadtest.archive.truth import compare
from loadtest.cpu import Used
from loadtest.even_load import settle_memory
from loadtest.latency import Percentiles
from loadtest.machine import Machine, describe
from loadtest.report import Cost, Goal, Number, Report, save
from loadtest.running import go_first
from loadtest.schedule import Schedule, lateness, send_on_time, void_because
from loadtest.sending import Sender, sending
from loadtest.showing import show
from loadtest.target import Cluster, LoadTestError, progress
from loadtest.truth import Tally
from services.archive.engine import archive_url, open_archive
from services.archive.migrating import migrate
from services.cluster.jars import KAFKA_VERSION

HEAD_START_SECONDS = 0.5
IDLE_SECONDS = 5.0
# Issue 6: at this rate it is never further behind, on one core, and it is written anew as fast as that.
LATE_MS_MAX = 2_000
CORES_MAX = 1.0
REBUILT_PER_SECOND = 3_000


@dataclass(frozen=True, slots=True)
class Held:
    """What one rate came to."""

    rate: float
    latencies: Percentiles
    late: Percentiles
    used: Used
    facts: int

    @property
    def cores(self) -> float:
        """Cores that the archivist used."""
        return self.used.by_process[NAME] / self.used.seconds


Rates = Annotated[
    tuple[float, ...], Parameter(validator=Within(gt=0, lte=20_000), help="Facts a second, one rate after another.")
]


def archive(
    *,
    rates: Rates = (500.0, 2_000.0),
    seconds: Annotated[float, Parameter(validator=Within(gt=0, lte=600), help="How long each.")] = 30.0,
    postgres: Annotated[bool, Parameter(negative=(), help="Into a PostgreSQL of its own, instead of SQLite.")] = False,
    seed: Annotated[int | None, Parameter(help="Draws the facts; another each time unless given.")] = None,
    json: Annotated[Path | None, Parameter(help="A file to be written with all figures.")] = None,
) -> Report:
    """Tell facts at even rates with only the archivist running: how late each is in the record; then write it anew."""
    drawn = random.SystemRandom().randrange(2**32) if seed is None else seed
    with tempfile.TemporaryDirectory(prefix="staydown-load-") as name, _database(Path(name), postgres) as url:
        report = asyncio.run(_run(Path(name), url, rates, seconds, drawn))
    show(report, Console())
    if json is not None:
        save(report, json)
    return report


@contextmanager
def _database(folder: Path, postgres: bool) -> Iterator[URL]:
    """Give a database of its own; PostgreSQL as it comes, with every commit on disk."""
    if not postgres:
        yield archive_url("", str(folder))
        return
    # Only a checkout has it, and only this needs it: the image of what measures does without.
    from tests.databases import BY_SOCKET, a_postgres  # noqa: PLC0415

    with a_postgres(BY_SOCKET) as url:
        yield url


async def _run(folder: Path, url: URL, rates: Sequence[float], seconds: float, seed: int) -> Report:
    load_before = os.getloadavg()[0]
    go_first()
    phases = [(rate, round(rate * seconds)) for rate in rates]
    progress(f"having the services tell {sum(count for _, count in phases):,} facts")
    told = tell(sum(count for _, count in phases), PARTITIONS, seed)
    settle_memory()
    engine = open_archive(url)
    await migrate(engine)
    async with running_bench(folder, url) as bench:
        measured = await _measure(bench, engine, told, phases)
    await engine.dispose()
    kind = url.get_backend_name()
    machine = describe(Cluster("", folder, f"{kind}, Apache Kafka {KAFKA_VERSION}", dict), load_before)
    said = f"{', '.join(f'{rate:g}' for rate in rates)} facts/s for {seconds:g} s each, into {kind}"
    return _report(measured, machine, said, seed)


@dataclass(frozen=True, slots=True)
class Measured:
    """What all of it came to; `rebuilt_seconds`: of the command that writes it anew, from its start to its end."""

    idle: Used
    held: Sequence[Held]
    facts: int
    rebuilt_seconds: float
    truth: Tally


async def _measure(
    bench: Bench, engine: AsyncEngine, told: Sequence[Told], phases: Sequence[tuple[float, int]]
) -> Measured:
    """Tell all facts, phase by phase, then write the record anew; compare what is in it after each."""
    held = []
    rest = iter(told)
    async with sending(bench.kafka.bootstrap) as sender:
        await bench.start()
        idle = await _idle(bench)
        arrivals = Arrivals(engine)
        for rate, count in phases:
            held.append(await _hold(bench, sender, arrivals, list(islice(rest, count)), rate))
    truth = await compare(engine, told)
    await bench.stop()
    rebuilt_seconds = await _rebuild(bench, engine, told)
    return Measured(idle, held, len(told), rebuilt_seconds, truth + await compare(engine, told))


def _report(measured: Measured, machine: Machine, said: str, seed: int) -> Report:
    held = measured.held
    return Report(
        profile="archive",
        seed=seed,
        load={"rates": [one.rate for one in held], "facts": measured.facts},
        machine=machine,
        void=tuple(filter(None, (void_because(one.late) for one in held))),
        truth=measured.truth,
        figures_ms={f"{one.rate:g} facts/s → in the record": one.latencies for one in held},
        goals=_goals(held, measured.facts / measured.rebuilt_seconds),
        cost=_costs(held, measured.idle),
        others_cores=max(one.used.others / one.used.seconds for one in held),
        offered=said,
        numbers=(
            Number("facts written anew", measured.facts, ""),
            Number("  within", measured.rebuilt_seconds, "seconds"),
        ),
        per="fact",
        of="facts, half of them anew",
    )


async def _idle(bench: Bench) -> Used:
    before = bench.used_so_far()
    await asyncio.sleep(IDLE_SECONDS)
    return bench.used_since(before)


async def _hold(bench: Bench, sender: Sender, arrivals: Arrivals, told: Sequence[Told], rate: float) -> Held:
    """Tell these facts at that rate, and wait until they are in the record."""
    progress(f"telling {len(told):,} facts at {rate:g}/s")
    schedule = Schedule(rate, len(told), time.monotonic() + HEAD_START_SECONDS)
    arrivals.expect(told, schedule)

    def send(numbers: range) -> None:
        for number in numbers:
            each = told[number]
            sender.put(each.topic, each.partition, each.key, each.value)

    before = bench.used_so_far()
    coming = asyncio.create_task(arrivals.come())
    late = await send_on_time(schedule, send)
    await sender.acknowledged()
    latencies = await coming
    return Held(rate, latencies.percentiles(), lateness(late), bench.used_since(before), len(told))


async def _rebuild(bench: Bench, engine: AsyncEngine, told: Sequence[Told]) -> float:
    """Write the record anew by the command, and return how many seconds it took, from its start to its end."""
    progress(f"writing {len(told):,} facts anew")
    await engine.dispose()
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(*bench.rebuilding())
    if await process.wait():
        raise LoadTestError("The record could not be written anew.")
    return time.monotonic() - began


def _goals(held: Sequence[Held], rebuilt: float) -> tuple[Goal, ...]:
    behind = [Goal(f"furthest behind at {one.rate:g}/s", LATE_MS_MAX, one.latencies.max) for one in held]
    cores = [Goal(f"the archivist at {one.rate:g}/s", CORES_MAX, one.cores, "cores") for one in held]
    return (*behind, *cores, Goal("written anew", REBUILT_PER_SECOND, rebuilt, "facts/s", at_least=True))


def _costs(held: Sequence[Held], idle: Used) -> tuple[Cost, ...]:
    return tuple(
        Cost(
            f"{name} at {one.rate:g}/s",
            1000 * seconds / one.facts,
            seconds / one.used.seconds,
            idle.by_process[name] / idle.seconds,
        )
        for one in held
        for name, seconds in one.used.by_process.items()
    )
