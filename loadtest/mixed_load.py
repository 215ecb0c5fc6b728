"""What a platform sends: new uploads, re-uploads of listed works, and registrations; some of them of what is there.

A registration during the load is of content that nobody uploads. After it, files that were uploaded are registered:
each of their uploads must come down.
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number as Within

from loadtest.cpu import Snapshot, Used, snapshot, used_between
from loadtest.even_load import HEAD_START_SECONDS, processes, settle_memory
from loadtest.files import make_files
from loadtest.latency import Latencies, Percentiles
from loadtest.options import WARM_UP_SECONDS
from loadtest.receipts import receipts_tally
from loadtest.running import Run
from loadtest.schedule import Schedule, lateness, send_on_time
from loadtest.session import Status
from loadtest.stock import Stock, Uploads, expected_of, make_stock
from loadtest.target import progress
from loadtest.truth import Tally

REGISTRATION = -1
"""In the place of a file: what is sent is a registration."""
# Each takes some 300 bytes of the generator's memory.
EVENTS_MAX = 5_000_000


def check_mix(_kind: Any, mix: "Mix | None") -> None:
    """Refuse more than the generator can hold, or nothing that is measured."""
    if mix is not None and not mix.warm_up_count < mix.count <= EVENTS_MAX:
        raise ValueError(f"Rate and seconds make {mix.count:,} events; 1 to {EVENTS_MAX:,} can be sent.")


@Parameter(name="*", validator=check_mix)
@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """What is offered."""

    rate: Annotated[float, Parameter(validator=Within(gt=0, lte=20_000), help="Events a second.")] = 200.0
    seconds: Annotated[float, Parameter(validator=Within(gt=0, lte=86_400), help="How long, after the warm-up.")] = 60.0
    warm_up_seconds: Annotated[float, Parameter(validator=Within(gte=0, lte=600), help="Not counted.")] = (
        WARM_UP_SECONDS
    )
    listed: Annotated[float, Parameter(validator=Within(gte=0, lte=1), help="The share of re-uploads.")] = 0.04
    registered: Annotated[float, Parameter(validator=Within(gte=0, lte=0.5), help="The share of registrations.")] = 0.01
    backwards: Annotated[
        int, Parameter(validator=Within(gte=0, lte=10_000), help="Uploaded files that are registered at the end.")
    ] = 100
    size: Annotated[int, Parameter(validator=Within(gte=16, lte=1024**2), help="Bytes of each file.")] = 4096
    contents: Annotated[int, Parameter(validator=Within(gte=1, lte=1_000_000), help="Distinct files.")] = 50_000

    @property
    def count(self) -> int:
        """How many events there are, the warm-up's among them."""
        return self.warm_up_count + round(self.rate * self.seconds)

    @property
    def warm_up_count(self) -> int:
        """How many of them belong to the warm-up."""
        return round(self.rate * self.warm_up_seconds)

    @property
    def files_bytes(self) -> int:
        """How many bytes of files are made for it."""
        return (self.contents + round(self.count * self.registered * 2) + 1) * self.size

    @property
    def sentence(self) -> str:
        """What is offered in words."""
        return (
            f"{self.rate:g} events/s: {1 - self.listed - self.registered:.0%} new uploads of {self.size:,} bytes, "
            f"{self.listed:.0%} re-uploads of listed works, {self.registered:.0%} registrations, "
            f"for {self.seconds:g} s after {self.warm_up_seconds:g} s of warm-up"
        )


@dataclass(frozen=True, slots=True)
class Mixed:
    """What came of it. `intended` and `arrived`: of uploads, by number, after the warm-up."""

    intended: Mapping[int, float]
    arrived: Mapping[int, float]
    registered: Mapping[str, float]
    late_ms: Percentiles
    down: Latencies
    used: Used
    receipts: Tally


def choose(mix: Mix, stock: Stock, seed: int) -> Sequence[int]:
    """Return for each event the file that is uploaded, or REGISTRATION."""
    chance = random.Random(seed)
    files = stock.choose(mix.count, mix.listed / (1 - mix.registered), seed + 1)
    return [REGISTRATION if chance.random() < mix.registered else which for which in files]


async def measure_mixed(given: Run, mix: Mix) -> Mixed:
    """Send the mix, wait until all is answered, then register what was uploaded and wait until it is down."""
    session, cluster = given.session, given.cluster
    stock = await make_stock(session, cluster, mix.contents, mix.size, given.seed)
    events = choose(mix, stock, given.seed + 3)
    works = [f"new-{number}" for number in range(sum(1 for which in events if which == REGISTRATION))]
    fresh = await asyncio.to_thread(make_files, cluster.folder(), len(works), mix.size, given.seed + 4)
    uploads = Uploads(session, stock, [which for which in events if which != REGISTRATION])
    before = _uploads_before(events)
    starts: list[Snapshot] = []

    def send(numbers: range) -> None:
        if not starts and numbers.stop > mix.warm_up_count:
            starts.append(snapshot(processes(cluster)))
        for number in numbers:
            place = before[number]
            if events[number] == REGISTRATION:
                session.register(works[number - place], fresh[number - place])
            else:
                uploads.expect_one(place)
                uploads.send(range(place, place + 1))

    progress(f"sending {mix.count:,} events at {mix.rate:g}/s")
    settle_memory()
    schedule = Schedule(mix.rate, mix.count, time.monotonic() + HEAD_START_SECONDS)
    late = await send_on_time(schedule, send)
    await session.answered()
    for status in (Status.ACCEPTED, Status.ENFORCED):
        await session.receipts_came(works, status)
    used = used_between(starts[0], snapshot(processes(cluster)))
    counted = range(mix.warm_up_count, mix.count)
    intended = {uploads.numbers[before[at]]: schedule.due(at) for at in counted if events[at] != REGISTRATION}
    registered = {works[at - before[at]]: schedule.due(at) for at in counted if events[at] == REGISTRATION}
    arrived = session.truth.arrivals(intended)
    down, backwards = await _register_backwards(given, mix, stock, uploads)
    receipts = receipts_tally(session.receipts, [*works, *backwards])
    return Mixed(intended, arrived, registered, lateness(late[mix.warm_up_count :]), down, used, receipts)


def _uploads_before(events: Sequence[int]) -> list[int]:
    """Return for each event how many uploads came before it."""
    before, count = [], 0
    for which in events:
        before.append(count)
        count += which != REGISTRATION
    return before


async def _register_backwards(given: Run, mix: Mix, stock: Stock, uploads: Uploads) -> tuple[Latencies, list[str]]:
    """Register files that were uploaded, and return how long each of their uploads took to come down."""
    session = given.session
    own = sorted({which for which in uploads.chosen if which >= stock.listed})
    chosen = random.Random(given.seed + 5).sample(own, min(mix.backwards, len(own)))
    works = {which: f"backwards-{which}" for which in chosen}
    progress(f"registering {len(chosen):,} files that were uploaded")
    copies = [(number, which) for number, which in zip(uploads.numbers, uploads.chosen, strict=True) if which in works]
    for number, which in copies:
        session.truth.expect(number, expected_of(stock.files[which], works[which]))
    registered_at = {which: session.register(works[which], stock.files[which]) for which in chosen}
    await session.answered()
    for status in (Status.ACCEPTED, Status.ENFORCED):
        await session.receipts_came(works.values(), status)
    down = Latencies()
    arrived = session.truth.arrivals(number for number, _ in copies)
    for number, which in copies:
        if number in arrived:
            down.record(arrived[number] - registered_at[which])
    return down, list(works.values())
