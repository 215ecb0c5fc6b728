"""`burst`: a quiet rate, then a great many uploads at once: how long until they are done, and how others fare."""

import time
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number as Within

from loadtest.cpu import Snapshot, Used, snapshot, used_between
from loadtest.even_load import HEAD_START_SECONDS, processes, settle_memory
from loadtest.latency import Latencies
from loadtest.options import WARM_UP_SECONDS, Output, Target
from loadtest.repeats import Measured
from loadtest.report import Chart, Line, Number, Report, costs, restarted
from loadtest.running import Offered, Run, run
from loadtest.schedule import Burst, Schedule, lateness, send_on_time, void_because
from loadtest.stock import Uploads, make_stock
from loadtest.target import progress
from loadtest.turns import cumulative

SECONDS = Within(gte=1, lte=600)


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class BurstLoad:
    """What is offered."""

    burst: Annotated[int, Parameter(validator=Within(gte=1, lte=500_000), help="Uploads at once.")] = 20_000
    rate: Annotated[float, Parameter(validator=Within(gt=0, lte=5_000), help="Others a second, all the time.")] = 200.0
    warm_up_seconds: Annotated[float, Parameter(validator=Within(gte=0, lte=600), help="Not counted.")] = (
        WARM_UP_SECONDS
    )
    before_seconds: Annotated[float, Parameter(validator=SECONDS, help="Measured before the burst.")] = 10.0
    after_seconds: Annotated[float, Parameter(validator=SECONDS, help="Measured from the burst on.")] = 30.0
    size: Annotated[int, Parameter(validator=Within(gte=16, lte=1024**2), help="Bytes of each file.")] = 4096
    listed: Annotated[float, Parameter(validator=Within(gte=0, lte=1), help="The share that is listed before.")] = 0.05
    contents: Annotated[int, Parameter(validator=Within(gte=1, lte=1_000_000), help="Distinct files.")] = 50_000

    def plan(self, start: float) -> Burst:
        """Return the intended times, from `start` on."""
        before = self.warm_up_seconds + self.before_seconds
        even = Schedule(self.rate, round(self.rate * (before + self.after_seconds)), start)
        return Burst(even, round(self.rate * before), self.burst)


def burst(
    *,
    load: BurstLoad = BurstLoad(),
    target: Target = Target(),  # noqa: B008  # frozen
    output: Output = Output(),  # noqa: B008  # frozen
) -> Report:
    """Measure how long a burst takes until it is done, and others' verdicts before, meanwhile and after."""

    async def measure(given: Run) -> Measured:
        session = given.session
        stock = await make_stock(session, given.cluster, load.contents, load.size, given.seed)
        uploads = Uploads(session, stock, stock.choose(load.plan(0.0).count, load.listed, given.seed))
        uploads.expect()
        progress(f"sending {load.rate:g} uploads/s, then {load.burst:,} at once")
        starts: list[Snapshot] = []

        def send(places: range) -> None:
            if not starts and places.stop > plan.first:
                starts.append(snapshot(processes(given.cluster)))
            uploads.send(places)

        settle_memory()
        plan = load.plan(time.monotonic() + HEAD_START_SECONDS)
        late = await send_on_time(plan, send)
        await session.answered()
        used = used_between(starts[0], snapshot(processes(given.cluster)))
        arrived = session.truth.arrivals(uploads.numbers)
        by_place = {number - uploads.numbers.start: at for number, at in arrived.items()}
        return _measured(load, plan, by_place, list(late), used)

    sentence = f"{load.burst:,} uploads of {load.size:,} bytes at once, beside {load.rate:g} others/s"
    return run("burst", Offered(load, sentence, load.contents * load.size), target, output, measure)


def _measured(load: BurstLoad, plan: Burst, arrived: dict[int, float], late: list[float], used: Used) -> Measured:
    in_burst = range(plan.first + 1, plan.first + 1 + plan.at_once)
    began = plan.due(plan.first)
    times = sorted(arrived[place] - began for place in in_burst if place in arrived)
    gone = times[-1] if times else float("nan")
    others = [place for place in range(plan.count) if place not in in_burst]
    warm = plan.even.start + load.warm_up_seconds
    figures = {
        "the burst's verdicts": _latencies(plan, arrived, in_burst),
        "others' before": _latencies(plan, arrived, [one for one in others if warm <= plan.due(one) < began]),
        "others' meanwhile": _latencies(plan, arrived, [one for one in others if 0 <= plan.due(one) - began < gone]),
        "others' after": _latencies(plan, arrived, [one for one in others if plan.due(one) - began >= gone]),
    }
    late_ms = lateness(late[place] for place in others if plan.due(place) >= warm)
    late_why = void_because(late_ms)
    curves = tuple(Line(name, one.curve()) for name, one in figures.items())
    title = "A burst, and others beside it: latency by percentile"
    return Measured(
        figures_ms={**{name: one.percentiles() for name, one in figures.items()}, "generator late, others": late_ms},
        numbers=(
            Number("the burst was gone after", gone, "seconds"),
            Number("its uploads", len(times) / gone, "per second"),
            Number("it was handed over within", max(late[place] for place in in_burst), "seconds"),
        ),
        charts=(
            Chart("latency", title, "percentile", "milliseconds", curves, percentiles=True, log_y=True),
            Chart(
                "burst",
                "The burst's verdicts over time",
                "seconds since the burst",
                "verdicts",
                (Line("verdicts", cumulative(times)),),
            ),
        ),
        cost=costs(None, used, plan.count - plan.first),
        void=(*((late_why,) if late_why else ()), *restarted(used)),
        others_cores=used.others / used.seconds,
    )


def _latencies(plan: Burst, arrived: dict[int, float], places: range | list[int]) -> Latencies:
    latencies = Latencies()
    for place in places:
        if place in arrived:
            latencies.record(arrived[place] - plan.due(place))
    return latencies
