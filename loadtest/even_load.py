"""Uploads at an even rate, some of listed content: how long each waits for its verdict, and what it costs.

Latency is from the intended send time to the arrival of the verdict at the reader. CPU is counted from the end of
the warm-up until the last verdict; what the same processes use with nothing to do is measured just before.
"""

import asyncio
import gc
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass

from loadtest.cpu import Snapshot, Used, snapshot, used_between
from loadtest.hops import measure_hops
from loadtest.latency import Latencies, Percentiles, latencies_between
from loadtest.options import Load
from loadtest.schedule import Schedule, lateness, send_on_time
from loadtest.session import Session
from loadtest.stock import Stock, Uploads, make_stock
from loadtest.target import Cluster, progress

IDLE_SECONDS = 5.0
# Between now and the first intended time: whatever was prepared has settled.
HEAD_START_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class EvenLoad:
    """What came of it. `measured`: uploads after the warm-up; `late_ms`: the generator's own lateness, for those."""

    measured: int
    verdicts: Latencies
    intended: Mapping[int, float]
    arrived: Mapping[int, float]
    late_ms: Percentiles
    busy: Used


async def measure_even_load(session: Session, cluster: Cluster, load: Load, stock: Stock, seed: int) -> EvenLoad:
    """Send, and wait for the verdicts. After the warm-up, collecting garbage looks at nothing that was there before."""
    uploads = Uploads(session, stock, stock.choose(load.count, load.listed, seed))
    uploads.expect()
    progress(f"sending {load.count:,} uploads at {load.rate:g}/s")
    starts: list[Snapshot] = []

    def send(places: range) -> None:
        if not starts and places.stop > load.warm_up_count:
            starts.append(snapshot(processes(cluster)))
        uploads.send(places)

    settle_memory()
    schedule = Schedule(load.rate, load.count, time.monotonic() + HEAD_START_SECONDS)
    late = await send_on_time(schedule, send)
    await session.answered()
    busy = used_between(starts[0], snapshot(processes(cluster)))
    counted = range(load.warm_up_count, load.count)
    intended = {uploads.numbers[place]: schedule.due(place) for place in counted}
    arrived = session.truth.arrivals(intended)
    return EvenLoad(
        measured=len(counted),
        verdicts=latencies_between(intended, arrived),
        intended=intended,
        arrived=arrived,
        late_ms=lateness(late[load.warm_up_count :]),
        busy=busy,
    )


async def measure_hops_of(session: Session, cluster: Cluster, even: EvenLoad) -> dict[str, Percentiles]:
    """Return how long each hop of these uploads took."""
    intended = {session.upload_id(number): at for number, at in even.intended.items()}
    arrived = {session.upload_id(number): at for number, at in even.arrived.items()}
    return await measure_hops(cluster.bootstrap, intended, arrived)


async def stock_for(session: Session, cluster: Cluster, load: Load, seed: int) -> Stock:
    """Make the files that this load is of."""
    return await make_stock(session, cluster, min(load.count, load.contents), load.size, seed)


async def measure_idle(cluster: Cluster) -> Used:
    """Return what everything uses with nothing to do."""
    before = snapshot(processes(cluster))
    await asyncio.sleep(IDLE_SECONDS)
    return used_between(before, snapshot(processes(cluster)))


def processes(cluster: Cluster) -> Mapping[str, int]:
    """Return the process ids of the cluster and of this generator."""
    return {**cluster.pids(), "generator": os.getpid()}


def settle_memory() -> None:
    """Spare the garbage collector what was prepared: going through a million objects stops the generator for long."""
    gc.collect()
    gc.freeze()
