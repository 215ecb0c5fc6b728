"""`cost`: how many cores, partitions and brokers a platform needs, by what was measured."""

import asyncio
import random
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from loadtest.capacity.coefficients import COMMITTED, Coefficients, read_coefficients, save_coefficients
from loadtest.capacity.flows import flows
from loadtest.capacity.measuring import Only, measure, measure_again
from loadtest.capacity.model import answer
from loadtest.capacity.question import PRESETS, SAYS, Question
from loadtest.capacity.table import CostReport, not_covered, save, show
from loadtest.peers.bench import running_bench
from loadtest.target import progress
from services.contracts.topics import TOPICS
from services.pipeline import PIPELINE

NEEDED = ("uploads_per_day", "megabytes", "references")
DEFAULTS = {each.name: each.default for each in fields(Question) if each.default is not MISSING}


def _asked(name: str) -> Parameter:
    default = DEFAULTS.get(name)
    return Parameter(help=SAYS[name] if default is None else f"{SAYS[name]} [default: {default:,g}]")


def check_asked(_kind: Any, asked: "Asked | None") -> None:
    """Refuse what the model refuses, in its words."""
    if asked is not None and not asked.measure:
        asked.question()


@Parameter(name="*", validator=check_asked)
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A platform: one that is known, or one's own, or a known one with other numbers."""

    preset: Annotated[Literal["vk", "youtube"] | None, Parameter(help="A platform whose numbers are known.")] = None
    uploads_per_day: Annotated[float | None, _asked("uploads_per_day")] = None
    megabytes: Annotated[float | None, _asked("megabytes")] = None
    references: Annotated[float | None, _asked("references")] = None
    registrations_per_day: Annotated[float | None, _asked("registrations_per_day")] = None
    takedowns_per_day: Annotated[float | None, _asked("takedowns_per_day")] = None
    reinstatements_per_day: Annotated[float | None, _asked("reinstatements_per_day")] = None
    kept_years: Annotated[float | None, _asked("kept_years")] = None
    peak: Annotated[float | None, _asked("peak")] = None
    utilisation: Annotated[float | None, _asked("utilisation")] = None
    replication: Annotated[float | None, _asked("replication")] = None
    machine_cores: Annotated[float | None, _asked("machine_cores")] = None
    machine_memory_gib: Annotated[float | None, _asked("machine_memory_gib")] = None
    machine_disk_tb: Annotated[float | None, _asked("machine_disk_tb")] = None
    machine_gbit: Annotated[float | None, _asked("machine_gbit")] = None
    index_parts: Annotated[float | None, _asked("index_parts")] = None
    in_memory: Annotated[bool | None, Parameter(negative=(), help=SAYS["in_memory"], show_default=False)] = None
    measure: Annotated[
        bool, Parameter(negative=(), help="Measure the coefficients on this machine and write them, instead.")
    ] = False

    def question(self) -> Question:
        """Return the question; ValueError with one sentence if it means nothing."""
        given = {name: value for name, value in asdict(self).items() if name in SAYS and value is not None}
        known = asdict(PRESETS[self.preset].question) if self.preset else {}
        if missing := [name for name in NEEDED if name not in {**known, **given}]:
            names = ", ".join(f"--{name.replace('_', '-')}" for name in missing)
            raise ValueError(f"Say {names}, or name a platform by --preset.")
        return Question(**{**known, **given})


def cost(
    *,
    asked: Asked = Asked(),
    coefficients: Annotated[Path, Parameter(show_default=False, help="A file with what was measured.")] = COMMITTED,
    uploads: Annotated[
        int, Parameter(validator=Number(gte=100, lte=200_000), help="With --measure: uploads in a round.")
    ] = 20_000,
    rounds: Annotated[int, Parameter(validator=Number(gte=1, lte=20), help="With --measure: rounds.")] = 3,
    only: Annotated[
        Only | None, Parameter(help="With --measure: that alone; the rest stays as it is.", show_default=False)
    ] = None,
    json: Annotated[Path | None, Parameter(help="A file to be written with all figures.")] = None,
) -> None:
    """Say how many cores, partitions and brokers a platform needs, and show the arithmetic."""
    console = Console()
    if asked.measure:
        before = read_coefficients(coefficients) if only else None
        save_coefficients(asyncio.run(_measure(uploads, rounds, only, before)), coefficients)
        progress(f"written to {coefficients}")
        return
    known = read_coefficients(coefficients)
    question = asked.question()
    report = CostReport(
        question=question,
        coefficients=known,
        answer=answer(question, known, flows(known, PIPELINE, TOPICS)),
        sources=PRESETS[asked.preset].sources if asked.preset else (),
        not_covered=not_covered(known),
    )
    show(report, console)
    if json is not None:
        save(report, json)


async def _measure(uploads: int, rounds: int, only: Only | None, before: Coefficients | None) -> Coefficients:
    """Measure on a broker of its own: everything, or what is to be replaced of what was known before."""
    async with running_bench() as (bench, machine):
        name = f"{machine.cores} cores of {machine.cpu}, {machine.system}, {machine.python}, {machine.broker}"
        seed = random.SystemRandom().randrange(2**32)
        if only is not None and before is not None:
            return await measure_again(bench, before, only, count=uploads, rounds=rounds, seed=seed, machine=name)
        return await measure(bench, uploads, rounds, seed, name)
