"""`peers`: the same work without guarantees in the same run, which is what these cost, and the least by others."""

import asyncio
import random
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from loadtest.peers.bench import running_bench
from loadtest.peers.figures import Row, figures, goals
from loadtest.peers.plan import Plan
from loadtest.peers.rounds import measure
from loadtest.peers.table import PeersReport, save, show
from loadtest.peers.tally import together


def peers(
    *,
    plan: Plan = Plan(),  # noqa: B008  # frozen
    seed: Annotated[int | None, Parameter(help="Draws files and order; another each time unless given.")] = None,
    json: Annotated[Path | None, Parameter(help="A file to be written with all figures.")] = None,
) -> PeersReport:
    """Measure Staydown, two plain consumers, Faust agents and a loop without Kafka on the same backlog of uploads."""
    drawn = random.SystemRandom().randrange(2**32) if seed is None else seed
    report = asyncio.run(_run(plan, drawn))
    show(report, Console())
    if json is not None:
        save(report, json)
    return report


async def _run(plan: Plan, seed: int) -> PeersReport:
    async with running_bench() as (bench, machine):
        rows = await measure(bench, plan, seed)
    passes = [one for row in rows for one in row.passes]
    with_others = [one.used for one in passes if one.used.others]
    found = figures(rows)
    return PeersReport(
        plan=plan,
        seed=seed,
        machine=machine,
        void=_void(rows),
        truth=together(one.tally for one in passes),
        figures=found,
        goals=goals(found),
        rows=tuple(rows),
        others_cores=sum(one.others for one in with_others) / sum(one.seconds for one in with_others),
    )


def _void(rows: list[Row]) -> tuple[str, ...]:
    """Return why the run means nothing: a process that was started again answered from its group's last offsets."""
    restarted = sorted({name for row in rows for one in row.passes for name in one.used.restarted})
    return (f"started again meanwhile: {', '.join(restarted)}",) if restarted else ()
