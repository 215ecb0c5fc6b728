"""`steady`: what a cluster does day in, day out, and how fast it answers."""

from dataclasses import replace
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from loadtest.even_load import EvenLoad, measure_even_load, measure_hops_of, measure_idle, stock_for
from loadtest.latency import Percentiles
from loadtest.options import Load, Output, Target
from loadtest.registration import Registrations, measure_registrations
from loadtest.repeats import Measured
from loadtest.report import Chart, Goal, Line, Report, costs, restarted
from loadtest.running import Offered, Run, run
from loadtest.schedule import void_because
from loadtest.timers import Timers, measure_timers

COPIES = 1_000
ROUNDS = Number(gte=0, lte=1_000)
# A cluster that ran a moment ago is warm; what settles after a pause does so within this.
WARM_AGAIN_SECONDS = 5.0
# Issue 4: so many uploads a second of 4 KiB with all of it on two cores, and p99 below a second.
FAST_RATE = 5_000
FAST_P99_MS = 1_000


def steady(
    *,
    load: Load = Load(),  # noqa: B008  # frozen
    target: Target = Target(),  # noqa: B008  # frozen
    output: Output = Output(),  # noqa: B008  # frozen
    registrations: Annotated[int, Parameter(validator=ROUNDS, help="Rounds of a registration with copies up.")] = 30,
    timers: Annotated[int, Parameter(validator=ROUNDS, help="Timers that are set with nothing else to do.")] = 30,
) -> Report:
    """Measure an even load: submitted → verdict; then registration → last of 1,000 copies down, and timers."""

    async def measure(given: Run) -> Measured:
        warm = load if given.number == 0 else warm_again(load)
        stock = await stock_for(given.session, given.cluster, warm, given.seed)
        idle = await measure_idle(given.cluster)
        even = await measure_even_load(given.session, given.cluster, warm, stock, given.seed)
        hops = await measure_hops_of(given.session, given.cluster, even)
        registered = await measure_registrations(given.session, given.cluster, registrations, COPIES, given.seed + 3)
        timed = await measure_timers(given.session, given.cluster, timers)
        return Measured(
            figures_ms=_figures(even, hops, registered, timed),
            goals=_goals(load, even, registered, timed),
            cost=costs(idle, even.busy, even.measured),
            void=void_of_even(even),
            others_cores=even.busy.others / even.busy.seconds,
            charts=(percentiles_chart("submitted → verdict", even),),
        )

    return run("steady", Offered(load, sentence_of(load), load.files_bytes), target, output, measure)


def warm_again(load: Load) -> Load:
    """Return the load with the warm-up that a warm cluster needs."""
    return replace(load, warm_up_seconds=min(load.warm_up_seconds, WARM_AGAIN_SECONDS))


def sentence_of(load: Load) -> str:
    """Return what is offered in words."""
    shared = f", {load.contents:,} contents" if load.contents < load.count else ""
    return (
        f"{load.rate:g} uploads/s of {load.size:,} bytes{shared}, for {load.seconds:g} s "
        f"after {load.warm_up_seconds:g} s of warm-up"
    )


def void_of_even(even: EvenLoad) -> tuple[str, ...]:
    """Return why an even load's figures mean nothing."""
    late = void_because(even.late_ms)
    return (*((late,) if late else ()), *restarted(even.busy))


def percentiles_chart(name: str, even: EvenLoad) -> Chart:
    """Return the whole distribution of an even load's latencies."""
    lines = (Line(name, even.verdicts.curve()),)
    return Chart("latency", f"{name}: latency by percentile", "percentile", "milliseconds", lines, True, True)


def _figures(
    even: EvenLoad, hops: dict[str, Percentiles], registered: Registrations, timed: Timers
) -> dict[str, Percentiles]:
    return {
        "submitted → verdict": even.verdicts.percentiles(),
        **{f"  {name}": ms for name, ms in hops.items()},
        "generator late": even.late_ms,
        f"{registered.copies:,} copies down": registered.last_down_ms,
        "timer → readable": timed.late_ms,
        "timer → written": timed.written_ms,
    }


def _goals(load: Load, even: EvenLoad, registered: Registrations, timed: Timers) -> tuple[Goal, ...]:
    """Return the figures that issue 3 set out to reach at its rate, and issue 4 at the highest."""
    ms = even.verdicts.percentiles()
    if load.rate > FAST_RATE / 2:
        return (Goal(f"submitted → verdict at {load.rate:,.0f}/s, p99", FAST_P99_MS, ms.p99),)
    return (
        Goal("submitted → verdict, p50", 150, ms.p50),
        Goal("submitted → verdict, p99", 300, ms.p99),
        Goal("registered → last copy down, worst", 1500, registered.last_down_ms.max),
        Goal("timer late when idle, worst", 100, timed.late_ms.max),
    )
