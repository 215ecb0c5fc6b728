"""`steady`: what a cluster does day in, day out, and how fast it answers."""

import asyncio
import os
import random
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from loadtest.even_load import EvenLoad, measure_even_load
from loadtest.latency import Percentiles
from loadtest.machine import describe
from loadtest.options import Load, Target
from loadtest.registration import Registrations, measure_registrations
from loadtest.report import Goal, Report, costs, save, show
from loadtest.schedule import void_because
from loadtest.session import session
from loadtest.target import Cluster, loaded
from loadtest.timers import Timers, measure_timers

COPIES = 1_000
# What has not come by then is no duplicate of what has.
LATECOMER_SECONDS = 1.0

ROUNDS = Number(gte=0, lte=1_000)


def steady(
    *,
    load: Load = Load(),  # noqa: B008  # frozen
    target: Target = Target(),  # noqa: B008  # frozen
    registrations: Annotated[int, Parameter(validator=ROUNDS, help="Rounds of a registration with copies up.")] = 30,
    timers: Annotated[int, Parameter(validator=ROUNDS, help="Timers that are set with nothing else to do.")] = 30,
    seed: Annotated[int | None, Parameter(help="Draws files and order; another each time unless given.")] = None,
    json: Annotated[Path | None, Parameter(help="A file to be written with all figures.")] = None,
) -> Report:
    """Measure an even load: submitted → verdict; then registration → last of 1,000 copies down, and timers."""
    if seed is None:
        seed = random.SystemRandom().randrange(2**32)
    report = asyncio.run(_on_cluster(load, target, registrations, timers, seed))
    show(report, Console())
    if json is not None:
        save(report, json)
    return report


async def _on_cluster(load: Load, target: Target, registrations: int, timers: int, seed: int) -> Report:
    load_before = os.getloadavg()[0]

    async def measure(cluster: Cluster) -> Report:
        async with session(cluster.bootstrap) as opened:
            await opened.enroll()
            even = await measure_even_load(opened, cluster, load, seed)
            registered = await measure_registrations(opened, cluster, registrations, COPIES, seed + 3)
            timed = await measure_timers(opened, cluster, timers)
            await asyncio.sleep(LATECOMER_SECONDS)
            return Report(
                profile="steady",
                seed=seed,
                load=load,
                machine=describe(cluster, load_before),
                void=_void(even),
                truth=opened.truth.tally(),
                figures_ms=_figures(even, registered, timed),
                goals=_goals(even, registered, timed),
                cost=costs(even.idle, even.busy, even.measured),
                others_cores=even.busy.others / even.busy.seconds,
            )

    return await loaded(target, measure)


def _void(even: EvenLoad) -> tuple[str, ...]:
    late = void_because(even.late_ms)
    restarted = even.busy.restarted
    again = f"started again meanwhile: {', '.join(restarted)}" if restarted else ""
    return tuple(why for why in (late, again) if why)


def _figures(even: EvenLoad, registered: Registrations, timed: Timers) -> dict[str, Percentiles]:
    return {
        "submitted → verdict": even.verdict_ms,
        **{f"  {name}": ms for name, ms in even.hops_ms.items()},
        "generator late": even.late_ms,
        f"{registered.copies:,} copies down": registered.last_down_ms,
        "timer → readable": timed.late_ms,
        "timer → written": timed.written_ms,
    }


def _goals(even: EvenLoad, registered: Registrations, timed: Timers) -> tuple[Goal, ...]:
    """Return the figures that issue 3 set out to reach."""
    return (
        Goal("submitted → verdict, p50", 150, even.verdict_ms.p50),
        Goal("submitted → verdict, p99", 300, even.verdict_ms.p99),
        Goal("registered → last copy down, worst", 1500, registered.last_down_ms.max),
        Goal("timer late when idle, worst", 100, timed.late_ms.max),
    )
