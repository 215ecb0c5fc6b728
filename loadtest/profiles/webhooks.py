"""`webhooks`: uploads that are taken down at a rate: how long until their uploaders' receiver has been told."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number as Within

from loadtest.even_load import EvenLoad, measure_even_load, stock_for
from loadtest.hook import Hook, announced_hook, listening
from loadtest.latency import Latencies, latencies_between
from loadtest.options import Load, Output, Target
from loadtest.profiles.steady import void_of_even
from loadtest.reading import Arrival, facts, reading
from loadtest.repeats import Measured
from loadtest.report import Chart, Goal, Line, Number, Report, costs
from loadtest.running import Offered, Run, run
from loadtest.truth import EXAMPLES_MAX, Tally
from services.contracts.topics import TAKEDOWNS_ISSUED
from services.contracts.types import milliseconds

FILE_BYTES = 4096
# Issue 6: from takedown to webhook delivered.
P99_MS = 3_000
# What has not come so long after the last verdict is missed.
LAST_SECONDS = 20.0
LOOK_SECONDS = 0.05


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class TakingDown:
    """What is offered."""

    rate: Annotated[float, Parameter(validator=Within(gt=0, lte=2_000), help="Takedowns a second.")] = 100.0
    seconds: Annotated[float, Parameter(validator=Within(gt=0, lte=600), help="How long, after the warm-up.")] = 30.0
    warm_up_seconds: Annotated[float, Parameter(validator=Within(gte=0, lte=600), help="Not counted.")] = 30.0

    @property
    def load(self) -> Load:
        """The same as uploads, of which every one is of listed content."""
        return Load(
            rate=self.rate, seconds=self.seconds, warm_up_seconds=self.warm_up_seconds, size=FILE_BYTES, listed=1.0,
            contents=1,
        )  # fmt: skip


@dataclass
class Takedowns:
    """Those that were issued: by upload, its takedown, and when it was decided, by the system's clock."""

    ids: dict[str, str] = field(default_factory=dict)
    decided: dict[str, float] = field(default_factory=dict)

    def saw(self, arrival: Arrival) -> None:
        """Note one."""
        takedown = arrival.fact
        self.ids[takedown.upload_id] = takedown.takedown_id
        self.decided[takedown.upload_id] = milliseconds(takedown.decided_at) / 1000


def webhooks(
    *,
    takedowns: TakingDown = TakingDown(),
    output: Output = Output(),  # noqa: B008  # frozen
) -> Report:
    """Measure takedown → webhook delivered, on a cluster of its own; each takedown must be told."""
    load = takedowns.load

    async def measure(given: Run) -> Measured:
        issued = Takedowns()
        handlers = {TAKEDOWNS_ISSUED: facts(TAKEDOWNS_ISSUED, issued.saw)}
        async with listening(hook), reading(given.cluster.bootstrap, handlers) as reader:
            stock = await stock_for(given.session, given.cluster, load, given.seed)
            even = await measure_even_load(given.session, given.cluster, load, stock, given.seed)
            uploads = [given.session.upload_id(number) for number in even.intended]
            await reader.until(lambda: all(upload in issued.ids for upload in uploads), LAST_SECONDS)
            await _until_told(hook, issued)
            return _measured(hook, issued, uploads, even)

    sentence = (
        f"{takedowns.rate:g} takedowns/s for {takedowns.seconds:g} s after {takedowns.warm_up_seconds:g} s of warm-up, "
        "one webhook each, one receiver"
    )
    with announced_hook() as hook:
        return run("webhooks", Offered(takedowns, sentence, 64 * FILE_BYTES), Target(), output, measure)


async def _until_told(hook: Hook, issued: Takedowns) -> None:
    deadline = time.monotonic() + LAST_SECONDS
    while not hook.at.keys() >= set(issued.ids.values()) and time.monotonic() < deadline:  # noqa: ASYNC110  # after the load
        await asyncio.sleep(LOOK_SECONDS)


def _measured(hook: Hook, issued: Takedowns, uploads: list[str], even: EvenLoad) -> Measured:
    told = {upload: hook.at[issued.ids[upload]] for upload in uploads if issued.ids.get(upload) in hook.at}
    latencies = latencies_between({upload: issued.decided[upload] for upload in told}, told)
    ms = latencies.percentiles()
    return Measured(
        figures_ms={
            "takedown → webhook delivered": ms,
            "submitted → verdict": even.verdicts.percentiles(),
            "generator late": even.late_ms,
        },
        numbers=(Number("webhooks delivered twice", sum(hook.seen.values()) - len(hook.seen), "of them"),),
        goals=(Goal("takedown → webhook delivered, p99", P99_MS, ms.p99),),
        cost=costs(None, even.busy, even.measured),
        void=void_of_even(even),
        others_cores=even.busy.others / even.busy.seconds,
        charts=(_chart(latencies),),
        truth=_tally(hook, uploads, told),
        per="takedown",
    )


def _chart(latencies: Latencies) -> Chart:
    lines = (Line("webhook", latencies.curve()),)
    return Chart(
        "latency", "Takedown → webhook: latency by percentile", "percentile", "milliseconds", lines, True, True
    )


def _tally(hook: Hook, uploads: list[str], told: Mapping[str, float]) -> Tally:
    """Return which takedowns nobody was told of, and which deliveries were not signed as they should be."""
    missed = [upload for upload in uploads if upload not in told]
    examples = tuple(f"{upload}: no webhook about its takedown" for upload in missed[:EXAMPLES_MAX])
    return Tally(0, len(missed), hook.forged, 0, examples)
