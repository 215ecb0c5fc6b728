"""`settlement`: a whole catalogue is settled: how fast what was blocked for it comes back, and how others fare."""

import asyncio
import math
import time
from dataclasses import dataclass, replace
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number as Within

from loadtest.catalogue import EVERYTHING, VICTIMS, Catalogue
from loadtest.files import make_files
from loadtest.latency import Percentiles
from loadtest.options import Output, Target
from loadtest.others import Others
from loadtest.receipts import receipts_tally
from loadtest.repeats import Measured
from loadtest.report import Chart, Goal, Line, Number, Report, costs, restarted
from loadtest.running import Offered, Run, run
from loadtest.sampling import Samples, memory_chart, sampling
from loadtest.schedule import void_because
from loadtest.session import Status
from loadtest.stock import Stock
from loadtest.takedowns import Takedowns
from loadtest.target import LoadTestError, progress
from loadtest.truth import Tally
from loadtest.turns import IncompleteError, Turn

FILE_BYTES = 4096
# Distinct files of the others: a minute's worth, then they come again.
OTHERS_CONTENTS_MAX = 20_000
OTHERS_CONTENTS_SECONDS = 60
# Issue 5's goals. A service that is killed is back after some seconds, so that then only the truth is a goal.
PER_SECOND = 5_000
OTHERS_P99_MS = 500
# Clocks of one machine; what was written just before the run is not of its uploads anyway.
BEFORE_MS = 1_000


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What is offered."""

    works: Annotated[int, Parameter(validator=Within(gte=1, lte=100_000), help="Of one rightsholder.")] = 2_000
    uploads: Annotated[int, Parameter(validator=Within(gte=1, lte=2_000_000), help="Of all works.")] = 100_000
    others: Annotated[
        float, Parameter(validator=Within(gte=0, lte=5_000), help="Uploads a second beside; 0: none.")
    ] = 100.0
    kill: Annotated[bool, Parameter(negative=(), help="kill -9 registry, matcher and enforcer meanwhile.")] = False

    @property
    def files(self) -> int:
        """How many files are made: one for each work, and the others'."""
        return self.works + min(OTHERS_CONTENTS_MAX, math.ceil(self.others * OTHERS_CONTENTS_SECONDS))


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of it. `register_seconds`: until all works were enforced; `up_seconds`: until all were blocked."""

    register_seconds: float
    up_seconds: float
    back: Turn


def settlement(
    *,
    offered: Settlement = Settlement(),
    target: Target = Target(),  # noqa: B008  # frozen
    output: Output = Output(),  # noqa: B008  # frozen
) -> Report:
    """Measure how fast everything that was blocked for a catalogue comes back, and how others fare meanwhile."""

    async def measure(given: Run) -> Measured:
        session, cluster = given.session, given.cluster
        if offered.kill and cluster.services is None:
            raise LoadTestError("--kill needs a cluster of its own, whose services may be killed.")
        begin_ms = int(time.time() * 1000) - BEFORE_MS
        made = await asyncio.to_thread(make_files, cluster.folder(), offered.files, FILE_BYTES, given.seed)
        catalogue = Catalogue(session, cluster, made[: offered.works], offered.uploads)
        stock = Stock((), made[offered.works :], ())
        beside = Others(session, stock, offered.others, given.seed) if offered.others else None
        async with sampling(cluster.pids, lambda: float(session.truth.left)) as samples:
            try:
                settled = await _settle(catalogue, beside, kill=offered.kill)
            except IncompleteError as error:
                return Measured(void=(str(error),))
        truth = await _truth(given, catalogue, begin_ms)
        return _measured(offered, settled, beside, samples, truth)

    aside = f", beside {offered.others:g} others/s" if offered.others else ""
    sentence = (
        f"a settlement of {offered.works:,} works with {offered.uploads:,} uploads of {FILE_BYTES:,} bytes{aside}"
    )
    if offered.kill:
        sentence += f"; {', '.join(VICTIMS)} killed meanwhile"
    return run("settlement", Offered(offered, sentence, offered.files * FILE_BYTES), target, output, measure)


async def _settle(catalogue: Catalogue, beside: Others | None, *, kill: bool) -> Settled:
    register_seconds, up_seconds = await catalogue.register(), await catalogue.put_up()
    return Settled(register_seconds, up_seconds, await catalogue.settle(beside, kill=kill))


async def _truth(given: Run, catalogue: Catalogue, begin_ms: int) -> Tally:
    """Return the truth about what is no verdict: takedowns and receipts."""
    progress("reading all takedowns")
    takedowns = Takedowns(catalogue.numbers, catalogue.work_of)
    await takedowns.read(given.session, given.cluster.bootstrap, begin_ms)
    receipts = given.session.receipts
    registered = receipts_tally(receipts, catalogue.work_ids)
    return takedowns.tally() + registered + receipts_tally(receipts, [EVERYTHING], (Status.RELEASED,))


def _measured(offered: Settlement, settled: Settled, beside: Others | None, samples: Samples, truth: Tally) -> Measured:
    back, figures, void = settled.back, {}, list[str]()
    if beside:
        figures["others' verdicts meanwhile"] = beside.waited(back.began, back.ended).percentiles()
        late = figures["  generator late"] = beside.late_ms(back.began, back.ended)
        void += filter(None, [void_because(late)])
    unforeseen = set(back.used.restarted) - (set(VICTIMS) if offered.kill else set())
    void += restarted(replace(back.used, restarted=tuple(sorted(unforeseen))))
    curve = Line("back", back.curve)
    title = "A catalogue's uploads: back after a settlement"
    chart = Chart("uploads", title, "seconds since it was submitted", "uploads with the new verdict", (curve,))
    return Measured(
        figures_ms=figures,
        numbers=_numbers(offered, settled, samples),
        charts=(chart, memory_chart(samples, "Memory while a catalogue is registered, uploaded and settled")),
        goals=_goals(offered, back, figures),
        cost=costs(None, back.used, offered.uploads),
        void=tuple(void),
        others_cores=back.used.others / back.used.seconds,
        truth=truth,
    )


def _numbers(offered: Settlement, settled: Settled, samples: Samples) -> tuple[Number, ...]:
    back = settled.back
    return (
        Number("works registered and enforced", offered.works / settled.register_seconds, "per second"),
        Number("uploads put up and blocked", offered.uploads / settled.up_seconds, "per second"),
        Number("uploads reinstated", offered.uploads / back.seconds, "per second"),
        Number("  the last of them", back.seconds, "seconds"),
        Number("  receipt RELEASED", back.receipt_at - back.began, "seconds"),
        *(Number(f"{name}, greatest RSS", samples.greatest(name), "MiB") for name in VICTIMS),
    )


def _goals(offered: Settlement, back: Turn, figures: dict[str, Percentiles]) -> tuple[Goal, ...]:
    if offered.kill:
        return ()
    reinstated = Goal("uploads reinstated", PER_SECOND, offered.uploads / back.seconds, "per second", at_least=True)
    if not offered.others:
        return (reinstated,)
    return (
        reinstated,
        Goal("others' verdicts meanwhile, p99", OTHERS_P99_MS, figures["others' verdicts meanwhile"].p99),
    )
