"""`registrations`: many works registered at a rate: how long until each is in force, and whether it truly is."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number as Within

from loadtest.cpu import Used, snapshot, used_between
from loadtest.even_load import HEAD_START_SECONDS, processes, settle_memory
from loadtest.files import make_files
from loadtest.options import Output, Target
from loadtest.receipts import receipt_latencies, receipts_tally
from loadtest.repeats import Measured
from loadtest.report import Chart, Line, Report, costs, restarted
from loadtest.running import Offered, Run, run
from loadtest.schedule import Schedule, lateness, send_on_time, void_because
from loadtest.session import Session, Status
from loadtest.stock import Stock, Uploads
from loadtest.target import progress

FILE_BYTES = 4096
WORKS_MAX = 200_000


def check_registering(_kind: Any, registering: "Registering | None") -> None:
    """Refuse more works than the generator makes files for, or none that is measured."""
    if registering is not None and not registering.warm_up_count < registering.count <= WORKS_MAX:
        raise ValueError(f"Rate and seconds make {registering.count:,} works; 1 to {WORKS_MAX:,} can be registered.")


@Parameter(name="*", validator=check_registering)
@dataclass(frozen=True, slots=True, kw_only=True)
class Registering:
    """What is offered."""

    rate: Annotated[float, Parameter(validator=Within(gt=0, lte=2_000), help="Registrations a second.")] = 50.0
    seconds: Annotated[float, Parameter(validator=Within(gt=0, lte=600), help="How long, after the warm-up.")] = 30.0
    warm_up_seconds: Annotated[float, Parameter(validator=Within(gte=0, lte=600), help="Not counted.")] = 30.0
    rightsholders: Annotated[int, Parameter(validator=Within(gte=1, lte=1_000), help="Who register in turn.")] = 20
    checked: Annotated[
        int, Parameter(validator=Within(gte=0, lte=10_000), help="Works of which a copy is uploaded afterwards.")
    ] = 200

    @property
    def count(self) -> int:
        """How many works are registered, the warm-up's among them."""
        return self.warm_up_count + round(self.rate * self.seconds)

    @property
    def warm_up_count(self) -> int:
        """How many of them belong to the warm-up."""
        return round(self.rate * self.warm_up_seconds)


def registrations(
    *,
    registering: Registering = Registering(),
    target: Target = Target(),  # noqa: B008  # frozen
    output: Output = Output(),  # noqa: B008  # frozen
) -> Report:
    """Measure registration → ACCEPTED and → ENFORCED; copies uploaded afterwards must be BLOCKED at once."""

    async def measure(given: Run) -> Measured:
        session = given.session
        files = await asyncio.to_thread(make_files, given.cluster.folder(), registering.count, FILE_BYTES, given.seed)
        who = [f"{session.rightsholder_id}-{number}" for number in range(registering.rightsholders)]
        for each in who:
            await session.enroll(each)
        work_ids = [f"work-{number}" for number in range(registering.count)]
        progress(f"registering {registering.count:,} works at {registering.rate:g}/s")

        def send(numbers: range) -> None:
            for number in numbers:
                session.register(work_ids[number], files[number], who[number % len(who)])

        settle_memory()
        before = snapshot(processes(given.cluster))
        schedule = Schedule(registering.rate, registering.count, time.monotonic() + HEAD_START_SECONDS)
        late = await send_on_time(schedule, send)
        await session.acknowledged()
        for status in (Status.ACCEPTED, Status.ENFORCED):
            await session.receipts_came(work_ids, status)
        used = used_between(before, snapshot(processes(given.cluster)))
        await _upload_copies(session, Stock(files, (), work_ids), registering.checked)
        intended = {work_ids[number]: schedule.due(number) for number in range(registering.count)}
        return _measured(registering, session, intended, late[registering.warm_up_count :], used)

    sentence = (
        f"{registering.rate:g} registrations/s of {registering.rightsholders} rightsholders, for "
        f"{registering.seconds:g} s after {registering.warm_up_seconds:g} s of warm-up"
    )
    offered = Offered(registering, sentence, registering.count * FILE_BYTES)
    return run("registrations", offered, target, output, measure)


async def _upload_copies(session: Session, stock: Stock, count: int) -> None:
    """Upload a copy of some of the works that are in force, spread over all of them."""
    step = max(1, stock.listed // count) if count else stock.listed
    chosen = list(range(0, stock.listed, step))[:count]
    uploads = Uploads(session, stock, chosen)
    uploads.expect()
    uploads.send(range(len(chosen)))
    await session.answered()


def _measured(
    registering: Registering, session: Session, intended: dict[str, float], late: Sequence[float], used: Used
) -> Measured:
    counted = dict(list(intended.items())[registering.warm_up_count :])
    accepted = receipt_latencies(session.receipts, counted, Status.ACCEPTED)
    enforced = receipt_latencies(session.receipts, counted, Status.ENFORCED)
    late_ms = lateness(late)
    why = void_because(late_ms)
    lines = (Line("ACCEPTED", accepted.curve()), Line("ENFORCED", enforced.curve()))
    return Measured(
        figures_ms={
            "registration → ACCEPTED": accepted.percentiles(),
            "registration → ENFORCED": enforced.percentiles(),
            "generator late": late_ms,
        },
        charts=(
            Chart(
                "latency",
                "Registration → receipt: latency by percentile",
                "percentile",
                "milliseconds",
                lines,
                True,
                True,
            ),
        ),
        cost=costs(None, used, registering.count),
        void=(*((why,) if why else ()), *restarted(used)),
        others_cores=used.others / used.seconds,
        truth=receipts_tally(session.receipts, intended),
        per="registration",
    )
