"""How every profile is run: a cluster, a session for each repeat, the truth about it, and the report."""

import asyncio
import gc
import os
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from rich.console import Console

from loadtest.machine import describe
from loadtest.options import Output, Target
from loadtest.plots import draw
from loadtest.repeats import Measured, middle, spread, void_of
from loadtest.report import Report, save
from loadtest.session import Session, session
from loadtest.showing import show
from loadtest.target import Cluster, loaded, progress
from loadtest.truth import Tally
from services.cluster.up import UpOptions

# What has not come by then is no duplicate of what has.
LATECOMER_SECONDS = 1.0
# Ahead of all ordinary work, behind what the system itself needs.
GENERATOR_NICE = -10
# So that repeats differ in their files.
SEEDS_APART = 1_000


@dataclass(frozen=True, slots=True)
class Run:
    """What a profile is given for one repeat. `number`: from 0; the first one has to warm the cluster up."""

    session: Session
    cluster: Cluster
    seed: int
    number: int


@dataclass(frozen=True, slots=True)
class Offered:
    """What a profile offers: as data, as a sentence, and how many bytes of files it makes in each repeat, at most.

    `options`: how a cluster of its own is to be run.
    """

    load: Any
    sentence: str
    files_bytes: int
    options: UpOptions = field(default_factory=UpOptions)


Measure = Callable[[Run], Awaitable[Measured]]


def run(profile: str, offered: Offered, target: Target, output: Output, measure: Measure) -> Report:
    """Measure, report, and return the report."""
    seed = output.seed if output.seed is not None else random.SystemRandom().randrange(2**32)
    report = asyncio.run(_on_cluster(profile, offered, target, replace(output, seed=seed), measure))
    show(report, Console())
    if output.json is not None:
        save(report, output.json)
    if output.plot is not None:
        for path in draw(report, output.plot):
            progress(f"drawn: {path}")
    return report


async def _on_cluster(profile: str, offered: Offered, target: Target, output: Output, measure: Measure) -> Report:
    load_before = os.getloadavg()[0]
    go_first()
    seed, repeats = output.seed or 0, output.repeats

    async def all_repeats(cluster: Cluster) -> Report:
        measured: list[Measured] = []
        truths: list[Tally] = []
        for number in range(repeats):
            if repeats > 1:
                progress(f"repeat {number + 1} of {repeats}")
            one, truth = await _repeat(cluster, seed + number * SEEDS_APART, number, measure)
            measured.append(one)
            truths.append(truth)
        chosen = middle(measured)
        return Report(
            profile=profile,
            seed=seed,
            load=offered.load,
            machine=describe(cluster, load_before),
            void=void_of(measured),
            truth=sum(truths[1:], truths[0]),
            figures_ms=chosen.figures_ms,
            goals=chosen.goals,
            cost=chosen.cost,
            others_cores=chosen.others_cores,
            offered=offered.sentence + with_workers(target),
            numbers=chosen.numbers,
            grids=chosen.grids,
            charts=chosen.charts,
            spread=spread(measured),
            repeats=repeats,
            per=chosen.per,
        )

    return await loaded(target, all_repeats, offered.files_bytes * repeats, offered.options)


async def _repeat(cluster: Cluster, seed: int, number: int, measure: Measure) -> tuple[Measured, Tally]:
    async with session(cluster.bootstrap) as opened:
        await opened.enroll()
        try:
            measured = await measure(Run(opened, cluster, seed, number))
        finally:
            gc.unfreeze()
        await asyncio.sleep(LATECOMER_SECONDS)
        return measured, opened.truth.tally() + measured.truth


def with_workers(target: Target) -> str:
    """Return how the sentence about what is offered goes on where a service has a second process."""
    return f"; two workers of {', '.join(target.twice)}" if target.twice else ""


def go_first() -> None:
    """Let the generator run when it wants to, where that is allowed: a cluster that takes all cores would delay it.

    What it offers is to be as if it came from another machine. The processes that it starts get no such right.
    """
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_OTHER | os.SCHED_RESET_ON_FORK, os.sched_param(0))
        os.setpriority(os.PRIO_PROCESS, 0, GENERATOR_NICE)
