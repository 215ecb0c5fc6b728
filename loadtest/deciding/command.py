"""The command line of `python -m loadtest.deciding`.

Exit codes: 0: measured, whether the goals are reached or not. 2: an argument was refused. 4: the story went otherwise
than it must, so the figures would mean nothing.
"""

import gc
import os
import random
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number
from rich.console import Console

from loadtest.command import EXIT_ARGUMENTS, EXIT_FAILED
from loadtest.deciding.plant import Plant, Spent
from loadtest.deciding.report import DecidingReport, Place, averages, rows, save, show
from loadtest.deciding.story import Story
from loadtest.machine import describe
from loadtest.target import Cluster, LoadTestError, progress
from services.runtime.exactly_once import COLLECT_AFTER_ALLOCATIONS

app = App(name="python -m loadtest.deciding", help="What deciding a record costs each service.", version_flags=())


@app.default
def deciding(
    *,
    count: Annotated[int, Parameter(validator=Number(gte=20, lte=100_000), help="Records a scene.")] = 2_000,
    rounds: Annotated[int, Parameter(validator=Number(gte=1, lte=20), help="Rounds; the first warms up besides.")] = 3,
    seed: Annotated[int | None, Parameter(help="What the files consist of.")] = None,
    disk: Annotated[bool, Parameter(help="Keep the state on disk; RocksDB's threads are counted.")] = False,
    json: Annotated[Path | None, Parameter(help="A file to be written with all figures.")] = None,
) -> DecidingReport:
    """Measure the CPU of each service's `decide`, by kind of record."""
    load_before = os.getloadavg()[0]
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    gc.set_threshold(COLLECT_AFTER_ALLOCATIONS)  # as the services do
    spent = [_play(count, seed + number, number, disk=disk) for number in range(rounds + 1)][1:]
    report = DecidingReport(
        seed=seed,
        count=count,
        rounds=rounds,
        on_disk=disk,
        machine=describe(Cluster("", Path(), "no Kafka", dict), load_before),
        rows=rows(spent),
        averages=averages(spent),
    )
    show(report, Console())
    if json is not None:
        save(report, json)
    return report


def _play(count: int, seed: int, number: int, *, disk: bool) -> dict[Place, Spent]:
    progress(f"round {number}" if number else "warm-up")
    with TemporaryDirectory(prefix="staydown-deciding-") as folder:
        with closing(Plant(disk=Path(folder) if disk else None)) as plant:
            Story(plant, count, seed).play()
        gc.collect()
        return dict(plant.spent)


def main(arguments: list[str] | None = None) -> None:
    """Run the command, and exit."""
    try:
        app(arguments, exit_on_error=False, result_action="return_value")
    except CycloptsError:
        sys.exit(EXIT_ARGUMENTS)  # cyclopts has said what is wrong with them
    except LoadTestError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(EXIT_FAILED)
    sys.exit(0)
