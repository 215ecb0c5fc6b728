"""Uploads at an even rate, some of listed content: how long each waits for its verdict, and what it costs.

Latency is from the intended send time to the arrival of the verdict at the reader. CPU is counted from the end of
the warm-up until the last verdict; what the same processes use with nothing to do is measured just before.
"""

import asyncio
import os
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loadtest.cpu import Snapshot, Used, snapshot, used_between
from loadtest.files import MadeFile, make_files
from loadtest.hops import measure_hops
from loadtest.latency import Percentiles, between
from loadtest.options import Load
from loadtest.schedule import Schedule, lateness, send_on_time
from loadtest.session import Session, Status
from loadtest.target import Cluster, LoadTestError, progress
from loadtest.truth import Expected, Verdict

LISTED_WORKS = 20
IDLE_SECONDS = 5.0
# Between now and the first intended time: whatever was prepared has settled.
HEAD_START_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class EvenLoad:
    """What came of it. `measured`: uploads after the warm-up; `late_ms`: the generator's own lateness, for those."""

    measured: int
    verdict_ms: Percentiles
    hops_ms: Mapping[str, Percentiles]
    late_ms: Percentiles
    idle: Used
    busy: Used


@dataclass(frozen=True, slots=True)
class Planned:
    """An upload to be sent, and the truth about it."""

    upload_id: str
    uri: str
    expected: Expected


async def measure_even_load(session: Session, cluster: Cluster, load: Load, seed: int) -> EvenLoad:
    """Prepare files and listings, wait, send, and wait for the verdicts."""
    planned = await _prepare(session, cluster, load, seed)
    idle = await _idle(cluster)
    progress(f"sending {load.count:,} uploads at {load.rate:g}/s")
    for upload in planned:
        session.truth.expect(upload.upload_id, upload.expected)
    starts: list[Snapshot] = []

    async def send(number: int, _due: float) -> None:
        if number == load.warm_up_count:
            starts.append(snapshot(processes(cluster)))
        await session.submit(planned[number].upload_id, planned[number].uri)

    schedule = Schedule(load.rate, load.count, time.monotonic() + HEAD_START_SECONDS)
    late = await send_on_time(schedule, send)
    await session.answered()
    busy = used_between(starts[0], snapshot(processes(cluster)))
    intended = {upload.upload_id: schedule.due(number) for number, upload in enumerate(planned)}
    counted = dict(list(intended.items())[load.warm_up_count :])
    arrived = {name: came[0] for name in counted if (came := session.truth.came(name))}
    return EvenLoad(
        measured=load.count - load.warm_up_count,
        verdict_ms=between(counted, arrived),
        hops_ms=await measure_hops(cluster.bootstrap, counted, arrived),
        late_ms=lateness(late[load.warm_up_count :]),
        idle=idle,
        busy=busy,
    )


def processes(cluster: Cluster) -> Mapping[str, int]:
    """Return the process ids of the cluster and of this generator."""
    return {**cluster.pids(), "generator": os.getpid()}


async def _prepare(session: Session, cluster: Cluster, load: Load, seed: int) -> list[Planned]:
    """Make the files, list some of them, and say what is to be sent and what must come of it."""
    progress(f"making {load.count:,} files of {load.size:,} bytes")
    chance = random.Random(seed)
    is_listed = [chance.random() < load.listed for _ in range(load.count)]
    listed = await asyncio.to_thread(make_files, cluster.media / "listed", LISTED_WORKS, load.size, seed + 1)
    own = iter(await asyncio.to_thread(make_files, cluster.media / "own", is_listed.count(False), load.size, seed + 2))
    work_ids = [f"work-{number}" for number in range(LISTED_WORKS)]
    await list_works(session, work_ids, listed)
    planned = []
    for number, is_copy in enumerate(is_listed):
        which = chance.randrange(LISTED_WORKS)
        made = listed[which] if is_copy else next(own)
        expected = expected_of(made, work_ids[which] if is_copy else None)
        planned.append(Planned(f"{session.run_id}-even-{number}", made.uri, expected))
    return planned


async def list_works(session: Session, work_ids: Sequence[str], files: Sequence[MadeFile]) -> None:
    """Register works by digest and wait until they are in force."""
    for work_id, made in zip(work_ids, files, strict=True):
        await session.register(work_id, made)
    await session.acknowledged()
    if not await session.receipts_came(work_ids, Status.ACCEPTED):
        raise LoadTestError("The works that uploads are to be copies of were not accepted in time.")


def expected_of(made: MadeFile, work_id: str | None) -> Expected:
    """Return the truth about an upload of these bytes, listed by that work or by nobody."""
    if work_id is None:
        return Expected(Verdict.CLEAR, made.content.blake3)
    return Expected(Verdict.BLOCKED, made.content.blake3, (work_id,))


async def _idle(cluster: Cluster) -> Used:
    """Return what everything uses with nothing to do."""
    before = snapshot(processes(cluster))
    await asyncio.sleep(IDLE_SECONDS)
    return used_between(before, snapshot(processes(cluster)))
