"""`knee`: how many uploads a second one machine sustains, by a ladder of rates on one cluster that is warm."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number as Within

from loadtest.even_load import EvenLoad, measure_even_load
from loadtest.ladder import P99_MS_MAX, Rung, knee, rates
from loadtest.options import WARM_UP_SECONDS, Load, Output, Target
from loadtest.profiles.steady import FAST_RATE, percentiles_chart
from loadtest.repeats import Measured
from loadtest.report import Chart, Goal, Grid, Line, Number, Report, costs, restarted
from loadtest.running import Offered, Run, run
from loadtest.schedule import void_because
from loadtest.stock import make_stock
from loadtest.target import progress

RUNGS_MAX = 40
# Uploads that one rate may add to what is remembered: the truth takes 100 bytes of each, times rungs and repeats.
UPLOADS_MAX = 5_000_000
RATE = Within(gt=0, lte=20_000)


def check_ladder(_kind: Any, ladder: "Ladder | None") -> None:
    """Refuse a ladder without rungs, or with more than can be waited for."""
    if ladder is None:
        return
    if ladder.last < ladder.first:
        raise ValueError("--last is below --first.")
    if len(ladder.rates) > RUNGS_MAX:
        raise ValueError(f"That is {len(ladder.rates)} rungs; at most {RUNGS_MAX} are climbed.")
    if sum(ladder.load(rate).count for rate in ladder.rates) > UPLOADS_MAX:
        raise ValueError(f"All rungs together may have {UPLOADS_MAX:,} uploads.")


@Parameter(name="*", validator=check_ladder)
@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """What is offered."""

    first: Annotated[float, Parameter(validator=RATE, help="Uploads a second of the first rung.")] = 1_000.0
    step: Annotated[float, Parameter(validator=RATE, help="How much more each rung has.")] = 1_000.0
    last: Annotated[float, Parameter(validator=RATE, help="Uploads a second of the last rung.")] = 10_000.0
    seconds: Annotated[float, Parameter(validator=Within(gt=0, lte=600), help="How long a rung is measured.")] = 20.0
    settle_seconds: Annotated[
        float, Parameter(validator=Within(gte=0, lte=60), help="How long before that at its rate; not counted.")
    ] = 5.0
    warm_up_seconds: Annotated[
        float, Parameter(validator=Within(gte=0, lte=600), help="How long at the first rate, at the beginning.")
    ] = WARM_UP_SECONDS
    size: Annotated[int, Parameter(validator=Within(gte=16, lte=1024**2), help="Bytes of each file.")] = 4096
    listed: Annotated[float, Parameter(validator=Within(gte=0, lte=1), help="The share that is listed before.")] = 0.05
    contents: Annotated[int, Parameter(validator=Within(gte=1, lte=1_000_000), help="Distinct files.")] = 50_000

    @property
    def rates(self) -> list[float]:
        """All rates."""
        return rates(self.first, self.step, self.last)

    def load(self, rate: float) -> Load:
        """Return the load of a rung."""
        return Load(
            rate=rate,
            seconds=self.seconds,
            warm_up_seconds=self.settle_seconds,
            size=self.size,
            listed=self.listed,
            contents=self.contents,
        )


def knee_search(
    *,
    ladder: Ladder = Ladder(),
    target: Target = Target(),  # noqa: B008  # frozen
    output: Output = Output(),  # noqa: B008  # frozen
) -> Report:
    """Raise the rate until p99 exceeds a second, a backlog grows or the generator is late."""

    async def measure(given: Run) -> Measured:
        stock = await make_stock(given.session, given.cluster, ladder.contents, ladder.size, given.seed)
        climbed: list[tuple[Rung, EvenLoad]] = []
        for number, rate in enumerate(ladder.rates):
            load = ladder.load(rate)
            if number == 0 and given.number == 0:
                load = replace(load, warm_up_seconds=max(ladder.warm_up_seconds, load.warm_up_seconds))
            even = await measure_even_load(given.session, given.cluster, load, stock, given.seed + number)
            climbed.append((rung_of(rate, load, even), even))
            if why := climbed[-1][0].falls_because:
                progress(f"{rate:g}/s is too much: {why}")
                break
        return _measured(climbed)

    sentence = (
        f"{ladder.first:,g} to {ladder.last:,g} uploads/s of {ladder.size:,} bytes by {ladder.step:,g}, "
        f"{ladder.contents:,} contents, {ladder.seconds:g} s each"
    )
    return run("knee", Offered(ladder, sentence, ladder.contents * ladder.size), target, output, measure)


def rung_of(rate: float, load: Load, even: EvenLoad) -> Rung:
    """Return what came of one rate."""
    ms = even.verdicts.percentiles()
    ended = max(even.intended.values())
    meanwhile = sum(1 for at in even.arrived.values() if at <= ended)
    used = sum(even.busy.by_process.values())
    return Rung(rate, meanwhile / load.seconds, ms.p50, ms.p99, even.late_ms.p99, 1000 * used / even.measured)


def _measured(climbed: list[tuple[Rung, EvenLoad]]) -> Measured:
    rungs = [rung for rung, _ in climbed]
    best = knee(rungs)
    shown, even = climbed[rungs.index(best) if best else 0]
    reached = best.rate if best else 0.0
    late = void_because(climbed[0][1].late_ms)
    return Measured(
        figures_ms={f"submitted → verdict at {shown.rate:g}/s": even.verdicts.percentiles()},
        numbers=(Number("highest rate sustained", reached, "uploads per second"),),
        grids=(_grid(rungs),),
        charts=(_throughput(rungs), _latency(rungs), percentiles_chart(f"At {shown.rate:g} uploads/s", even)),
        goals=(Goal("highest rate sustained with p99 < 1 s", FAST_RATE, reached, "uploads/s", True),),
        cost=costs(None, even.busy, even.measured),
        void=(*((late,) if late else ()), *restarted(even.busy)),
        others_cores=even.busy.others / even.busy.seconds,
    )


def _grid(rungs: list[Rung]) -> Grid:
    rows = tuple(
        (
            f"{rung.rate:,.0f}",
            f"{rung.answered:,.0f}",
            f"{rung.p50_ms:,.0f}",
            f"{rung.p99_ms:,.0f}",
            f"{rung.late_ms:.1f}",
            f"{rung.cpu_ms:.3f}",
            rung.falls_because or "sustained",
        )
        for rung in rungs
    )
    columns = ("offered/s", "answered/s", "p50 ms", "p99 ms", "generator late ms", "CPU ms per upload", "")
    return Grid("The ladder", columns, rows)


def _throughput(rungs: list[Rung]) -> Chart:
    answered = Line("verdicts", tuple((rung.rate, rung.answered) for rung in rungs))
    offered = Line("as offered", tuple((rung.rate, rung.rate) for rung in rungs))
    return Chart(
        "throughput", "Verdicts against offered rate", "uploads offered per second", "per second", (offered, answered)
    )


def _latency(rungs: list[Rung]) -> Chart:
    lines = (
        Line("p50", tuple((rung.rate, rung.p50_ms) for rung in rungs)),
        Line("p99", tuple((rung.rate, rung.p99_ms) for rung in rungs)),
    )
    title = "submitted → verdict against offered rate"
    return Chart(
        "latency-by-rate", title, "uploads offered per second", "milliseconds", lines, log_y=True, limit=P99_MS_MAX
    )
