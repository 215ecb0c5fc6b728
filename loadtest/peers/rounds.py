"""A run: everybody's passes, round after round, on one broker, one set of files and the same uploads.

Promises: in a round all subjects answer the same uploads, under ids of their own; who begins changes from round to
round; the rounds that warm up the broker's Java are not counted. Hashing alone comes last, since a hasher that ran
alone leaves the other services with a backlog.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping

from loadtest.peers.draining import Pass
from loadtest.peers.everybody import Run, everybody
from loadtest.peers.figures import Row
from loadtest.peers.plan import Plan
from loadtest.peers.subjects import Bench
from loadtest.peers.task import Stage, Task
from loadtest.peers.uploads import Files, make, register
from loadtest.target import progress


async def measure(bench: Bench, plan: Plan, seed: int) -> list[Row]:
    """Measure everybody, and return the rows in the table's order."""
    progress(f"making {plan.uploads:,} files of each size")
    files = [
        await asyncio.to_thread(make, bench, plan.uploads, size, plan.listed, seed + 3 * number)
        for number, size in enumerate(plan.size)
    ]
    rightsholder_id = await register(bench, files)
    listings = {made.content.blake3: (work,) for one in files for work, made in one.listed.items()}
    rows: list[Row] = []
    for stage in Stage:
        task = Task(stage, listings, rightsholder_id)
        rows += await _stage(everybody(bench, task), stage, files, plan)
    return rows


async def _stage(runs: Mapping[str, Run], stage: Stage, files: list[Files], plan: Plan) -> list[Row]:
    """Measure a stage. Nothing is left to be warmed up for the second one."""
    warm_ups = plan.warm_ups if stage is Stage.PIPELINE else 0
    passes: dict[tuple[int, str], list[Pass]] = defaultdict(list)
    for number in range(warm_ups + plan.rounds):
        round_name = f"round {number - warm_ups + 1} of {plan.rounds}" if number >= warm_ups else "warm-up"
        for one in files:
            for who in _in_turn(list(runs), number):
                progress(f"{stage}, {one.size:,} bytes, {round_name}: {who}")
                done = await runs[who](f"{stage.name.lower()}-{one.size}-{number}", one)
                if number >= warm_ups:
                    passes[one.size, who].append(done)
    return [Row(stage, one.size, who, tuple(passes[one.size, who])) for one in files for who in runs]


def _in_turn(names: list[str], number: int) -> list[str]:
    """Return the names, another one first in each round."""
    first = number % len(names)
    return names[first:] + names[:first]
