"""`backlog`: the services were away while a million uploads came: how fast they catch up, and whether all is right.

Works are listed before the services are stopped, so that every verdict is known. The time counts from starting them.
"""

import time
from dataclasses import dataclass, replace
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number as Within

from loadtest.cpu import Snapshot, Used, snapshot, used_between
from loadtest.even_load import processes, settle_memory
from loadtest.latency import US_PER_SECOND
from loadtest.options import Output, Target
from loadtest.repeats import Measured
from loadtest.report import Chart, Line, Number, Report, costs, restarted
from loadtest.running import Offered, Run, run
from loadtest.sampling import Samples, memory_chart, sampling
from loadtest.stock import Uploads, make_stock
from loadtest.target import Cluster, LoadTestError, progress
from loadtest.turns import cumulative


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is waiting."""

    uploads: Annotated[int, Parameter(validator=Within(gte=1, lte=5_000_000), help="That wait.")] = 1_000_000
    size: Annotated[int, Parameter(validator=Within(gte=16, lte=1024**2), help="Bytes of each file.")] = 4096
    listed: Annotated[float, Parameter(validator=Within(gte=0, lte=1), help="The share that is listed before.")] = 0.05
    contents: Annotated[int, Parameter(validator=Within(gte=1, lte=1_000_000), help="Distinct files.")] = 50_000


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What came of it. `times`: of the verdicts, in seconds since the services were started."""

    ready_seconds: float
    times: list[float]
    used: Used


def backlog(*, waiting: Backlog = Backlog(), output: Output = Output()) -> Report:  # noqa: B008  # frozen
    """Measure how fast a cluster catches up on uploads that came while its services were away."""

    async def measure(given: Run) -> Measured:
        session, cluster = given.session, given.cluster
        stock = await make_stock(session, cluster, waiting.contents, waiting.size, given.seed)
        uploads = Uploads(session, stock, stock.choose(waiting.uploads, waiting.listed, given.seed))
        uploads.expect()
        if cluster.services is None:
            raise LoadTestError("A backlog needs a cluster of its own, whose services it may stop.")
        progress("stopping the services")
        await cluster.services.stop()
        submitted = await _submit(uploads)
        settle_memory()
        async with sampling(cluster.pids, lambda: float(session.truth.outstanding)) as samples:
            caught = await _catch_up(given, uploads)
        return _measured(waiting, submitted, caught, samples)

    sentence = f"{waiting.uploads:,} uploads of {waiting.size:,} bytes, {waiting.contents:,} contents, waiting"
    return run("backlog", Offered(waiting, sentence, waiting.contents * waiting.size), Target(), output, measure)


async def _submit(uploads: Uploads) -> tuple[float, float]:
    """Submit everything and return how many seconds it took, and how many of the generator's CPU."""
    progress(f"submitting {len(uploads.numbers):,} uploads")
    began, used = time.monotonic(), time.process_time()
    await uploads.send_all()
    return time.monotonic() - began, time.process_time() - used


async def _catch_up(given: Run, uploads: Uploads) -> CaughtUp:
    cluster, session = given.cluster, given.session
    assert cluster.services is not None  # noqa: S101  # they were stopped
    before = snapshot(processes(cluster))
    began = time.monotonic()
    progress("starting the services")
    await cluster.services.start()
    ready_seconds = time.monotonic() - began
    before = _from_nothing(before, cluster)
    await session.answered()
    used = used_between(before, snapshot(processes(cluster)))
    arrived = session.truth.arrivals(uploads.numbers)
    return CaughtUp(ready_seconds, sorted(at - began for at in arrived.values()), used)


def _from_nothing(before: Snapshot, cluster: Cluster) -> Snapshot:
    """Count the CPU of the services from their start on."""
    started = {name: (pid, 0.0) for name, pid in cluster.pids().items() if name not in before.used}
    return replace(before, used={**before.used, **started})


def _measured(waiting: Backlog, submitted: tuple[float, float], caught: CaughtUp, samples: Samples) -> Measured:
    times = caught.times
    first, last = (times[0], times[-1]) if times else (float("nan"), float("nan"))
    curve = Line("verdicts", cumulative(times) if times else ())
    title = "Catching up: verdicts since the services were started"
    return Measured(
        numbers=(
            Number("caught up after", last, "seconds"),
            Number("uploads, from the services' start", len(times) / last, "per second"),
            Number("uploads, from the first verdict", len(times) / (last - first), "per second"),
            Number("services ready after", caught.ready_seconds, "seconds"),
            Number("first verdict after", first, "seconds"),
            Number("the generator submitted", waiting.uploads / submitted[0], "per second"),
            Number("  its CPU for an upload", US_PER_SECOND * submitted[1] / waiting.uploads, "microseconds"),
            *(Number(f"{name}, greatest RSS", samples.greatest(name), "MiB") for name in sorted(samples.memory_mib)),
        ),
        charts=(
            Chart("verdicts", title, "seconds", "verdicts", (curve,)),
            memory_chart(samples, "Memory while catching up"),
        ),
        cost=costs(None, caught.used, len(times)),
        void=restarted(caught.used),
        others_cores=caught.used.others / caught.used.seconds,
    )
