"""`rolling`: every worker is restarted, or killed, one after another under load, and no verdict may be missed."""

import asyncio
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number as Within

from loadtest.cpu import Used, snapshot, used_between
from loadtest.even_load import processes, settle_memory
from loadtest.latency import Percentiles
from loadtest.options import WARM_UP_SECONDS, Output, Target
from loadtest.others import Others, going_on
from loadtest.repeats import Measured
from loadtest.report import Goal, Grid, Number, Report, costs
from loadtest.rolling import Ended, end_each
from loadtest.running import Offered, Run, run
from loadtest.schedule import void_because
from loadtest.stock import make_stock
from loadtest.target import LoadTestError, progress
from services.cluster.up import UpOptions
from services.pipeline import PIPELINE

FILE_BYTES = 64 * 1024
CONTENTS = 2_000
LISTED = 0.05
# Issue 7's goals.
DURING_P99_MS = 5_000
AFTER_P99_MS = 500
KILLED_MS = 10_000
KILLED_STATIC_MS = 4_000
# The goal of a kill is theirs. Who shows or tells gives way to them, so on two cores it takes its time.
DECIDING = {each.name for each in PIPELINE}
# What came while the last one was away has been answered, and the broker has settled; from here on it is "after".
SETTLED_SECONDS = 5.0


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling:
    """What is offered, and who is ended."""

    rate: Annotated[float, Parameter(validator=Within(gt=0, lte=5_000), help="Uploads a second.")] = 200.0
    warm_up_seconds: Annotated[float, Parameter(validator=Within(gte=0, lte=600), help="Not counted.")] = (
        WARM_UP_SECONDS
    )
    apart_seconds: Annotated[
        float, Parameter(validator=Within(gte=0, lte=600), help="From one being ready to the next one's end.")
    ] = 2.0
    after_seconds: Annotated[float, Parameter(validator=Within(gt=0, lte=600), help="Measured afterwards.")] = 20.0
    kill: Annotated[bool, Parameter(negative=(), help="kill -9 in place of SIGTERM.")] = False
    dynamic: Annotated[bool, Parameter(negative=(), help="Members without names; of a cluster of its own.")] = False
    only: Annotated[tuple[str, ...], Parameter(help="Workers that are ended; all, unless given.")] = ()

    @property
    def killed_ms(self) -> float:
        """Within how many milliseconds partitions are to answer again after kill -9: a name spares the session."""
        return KILLED_MS if self.dynamic else KILLED_STATIC_MS

    @property
    def sentence(self) -> str:
        """What is offered in words."""
        how = "killed" if self.kill else "restarted"
        named = "without names" if self.dynamic else "with names"
        return (
            f"{self.rate:g} uploads/s of {FILE_BYTES:,} bytes, {LISTED:.0%} listed, while "
            f"{', '.join(self.only) or 'every worker'} is {how} one after another; members {named}"
        )


@dataclass(frozen=True, slots=True)
class Rolled:
    """What came of it: who was ended, and when, by the monotonic clock, the time afterwards began and was over."""

    others: Others
    ended: Sequence[Ended]
    after: float
    done: float
    used: Used
    delayed: int


@dataclass(frozen=True, slots=True)
class Away:
    """A worker that was ended: when it was ready again, and what uploads waited meanwhile."""

    worker: str
    ready_ms: float
    waited: Percentiles

    @property
    def decides(self) -> bool:
        """Whether verdicts, receipts or strikes wait for it."""
        return self.worker.partition("-")[0] in DECIDING

    @property
    def milliseconds(self) -> float:
        """How long its partitions were away, at the most.

        An upload that comes just then waits for a partition of whoever it passes, itself or another that takes it over;
        who is not on its way serves its partitions at the latest when it is ready.
        """
        return max(self.ready_ms, self.waited.max) if self.waited.count else self.ready_ms


def rolling(
    *,
    offered: Rolling = Rolling(),
    target: Target = Target(),  # noqa: B008  # frozen
    output: Output = Output(),  # noqa: B008  # frozen
) -> Report:
    """Restart, or kill, one worker after another, and measure verdicts meanwhile and afterwards."""

    async def measure(given: Run) -> Measured:
        workers = _chosen(offered, tuple(given.cluster.workers()))
        stock = await make_stock(given.session, given.cluster, CONTENTS, FILE_BYTES, given.seed)
        others = Others(given.session, stock, offered.rate, given.seed, LISTED)
        settle_memory()
        number = signal.SIGKILL if offered.kill else signal.SIGTERM
        before = snapshot(processes(given.cluster))
        async with going_on(others):
            progress(f"sending {offered.rate:g} uploads/s for {offered.warm_up_seconds:g} s before")
            await asyncio.sleep(offered.warm_up_seconds)
            ended = await end_each(given.cluster, workers, number, offered.apart_seconds)
            await asyncio.sleep(SETTLED_SECONDS)
            after = time.monotonic()
            await asyncio.sleep(offered.after_seconds)
            done = time.monotonic()
        await given.session.answered()
        used = used_between(before, snapshot(processes(given.cluster)))
        rolled = Rolled(others, ended, after, done, used, given.session.truth.tally().delayed)
        return _measured(offered, rolled)

    options = UpOptions(static=not offered.dynamic)
    return run(
        "rolling", Offered(offered, offered.sentence, (CONTENTS + 64) * FILE_BYTES, options), target, output, measure
    )


def _chosen(offered: Rolling, there: Sequence[str]) -> Sequence[str]:
    """Return who is ended."""
    if unknown := set(offered.only) - set(there):
        raise LoadTestError(
            f"No worker {', '.join(sorted(unknown))} runs here; there are {', '.join(there) or 'none'}."
        )
    return offered.only or there


def _measured(offered: Rolling, rolled: Rolled) -> Measured:
    others, ended = rolled.others, rolled.ended
    during = others.waited(ended[0].at, rolled.after - SETTLED_SECONDS).percentiles()
    after = others.waited(rolled.after, rolled.done).percentiles()
    late = others.late_ms(ended[0].at, rolled.done)
    every = [_away(others, one, offered) for one in ended]
    unforeseen = set(rolled.used.restarted) - {one.worker for one in ended}
    return Measured(
        figures_ms={
            "submitted → verdict, during": during,
            "submitted → verdict, after": after,
            "generator late": late,
        },
        numbers=(Number("told first that it takes longer", rolled.delayed, "uploads"),),
        grids=(_grid(offered, every),),
        goals=goals(offered, during, after, every),
        cost=costs(None, rolled.used, round(offered.rate * rolled.used.seconds)),
        void=tuple(filter(None, [void_because(late), _restarted(unforeseen), _unasked(every)])),
        others_cores=rolled.used.others / rolled.used.seconds,
    )


def _away(others: Others, one: Ended, offered: Rolling) -> Away:
    """Return how long a worker was away, by what uploads waited that were meant to come until a little later."""
    waited = others.waited(one.at, one.ready_at + offered.apart_seconds).percentiles()
    return Away(one.worker, 1000 * (one.ready_at - one.at), waited)


def _grid(offered: Rolling, every: Sequence[Away]) -> Grid:
    rows = tuple(
        (
            each.worker,
            f"{each.milliseconds / 1000:.1f}" if each.decides else "decides nothing",
            f"{offered.killed_ms / 1000:g}" if each.decides and offered.kill else "",
            f"{each.ready_ms / 1000:.1f}",
            f"{each.waited.p50 / 1000:.2f}",
            f"{each.waited.p99 / 1000:.2f}",
            f"{each.waited.max / 1000:.2f}",
        )
        for each in every
    )
    columns = ("worker", "partitions away", "below", "ready after", "verdict p50", "p99", "worst")
    return Grid("One after another, in seconds", columns, rows)


def goals(offered: Rolling, during: Percentiles, after: Percentiles, every: Sequence[Away]) -> tuple[Goal, ...]:
    """Return by what a run is judged: of a kill by who decides, and by the names of members."""
    later = Goal("submitted → verdict afterwards, p99", AFTER_P99_MS, after.p99)
    if not offered.kill:
        return (Goal("submitted → verdict during it, p99", DURING_P99_MS, during.p99), later)
    deciding = [each for each in every if each.decides]
    if not deciding:
        return (later,)
    worst = max(deciding, key=lambda each: each.milliseconds)
    figure = f"kill -9 → its partitions answer again, worst ({worst.worker})"
    return (Goal(figure, offered.killed_ms, worst.milliseconds), later)


def _unasked(every: Sequence[Away]) -> str:
    """Say of whom nothing is known, since no upload came meanwhile that was answered."""
    workers = ", ".join(each.worker for each in every if each.decides and not each.waited.count)
    return f"no upload that came while it was away was answered: {workers}" if workers else ""


def _restarted(workers: set[str]) -> str:
    return f"started again by themselves: {', '.join(sorted(workers))}" if workers else ""
