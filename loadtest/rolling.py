"""Workers that are ended one after another, each started again by its supervisor, while uploads go on.

Promises: the next one is ended only when the one before says that it is ready; what is told of each are the times by
the monotonic clock at which it was ended and was ready again.
"""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from loadtest.target import Cluster, LoadTestError, progress
from services.cluster.launch import is_ready

READY_SECONDS_MAX = 120.0
LOOK_SECONDS = 0.02
PAGE_SECONDS_MAX = 2.0


@dataclass(frozen=True, slots=True)
class Ended:
    """A worker that was ended, and when it was ready again."""

    worker: str
    at: float
    ready_at: float


async def end_each(cluster: Cluster, workers: Sequence[str], number: signal.Signals, apart: float) -> list[Ended]:
    """Send the signal to each of the workers in turn; `apart`: seconds from one being ready to the next one's end."""
    timeout = aiohttp.ClientTimeout(total=PAGE_SECONDS_MAX)
    ended = []
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for worker in workers:
            ended.append(await _end(session, cluster, worker, number))
            progress(f"{worker} is ready again after {ended[-1].ready_at - ended[-1].at:.1f} s")
            await asyncio.sleep(apart)
    return ended


async def _end(session: aiohttp.ClientSession, cluster: Cluster, worker: str, number: signal.Signals) -> Ended:
    before = cluster.workers()[worker]
    at = time.monotonic()
    os.kill(before.pid, number)
    while cluster.workers()[worker].pid == before.pid or not await is_ready(session, before.http):
        if time.monotonic() > at + READY_SECONDS_MAX:
            raise LoadTestError(f"{worker} was not ready again in {READY_SECONDS_MAX:.0f} s.")
        await asyncio.sleep(LOOK_SECONDS)
    return Ended(worker, at, time.monotonic())
