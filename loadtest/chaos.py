"""Workers that are killed: `python -m loadtest.chaos --kafka 127.0.0.1:PORT`, beside a cluster that runs.

Every service of the pipeline gets one more worker, which takes its part of the partitions. One of them after another
is killed, as by the machine's loss of power, and started again. Promises: nothing is killed but what was started here;
there is an end to it, after which none of it is left. What it shows is in the cluster's verdicts and metrics.
"""

import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from loadtest.options import check_loopback
from loadtest.target import progress
from services.cluster.child import Child
from services.cluster.launch import choose_addresses, service_child, wait_until_all_ready
from services.cluster.supervision import Supervisor
from services.pipeline import PIPELINE

# A static member that stays away: the cluster's own workers have its partitions after a session.
INSTANCE = "chaos"
STOP_SECONDS_MAX = 18.0
# A dead worker is started again within a second; then it has its state to read.
GONE_SECONDS_MAX = 10.0
POLL_SECONDS = 0.02

CHAOS = App(help="Kill workers beside a running cluster, one after another.")


@CHAOS.default
async def disturb(
    *,
    kafka: Annotated[str, Parameter(validator=check_loopback, help="127.0.0.1:PORT of the cluster.")],
    rounds: Annotated[int, Parameter(validator=Number(gte=1, lte=1_000), help="How many are killed.")] = 20,
    pause_seconds: Annotated[
        float, Parameter(validator=Number(gte=0, lte=600), help="How long all are left alone between two, on average.")
    ] = 5.0,
    seed: Annotated[int | None, Parameter(help="Draws who and when; another each time unless given.")] = None,
) -> None:
    """Kill one of the additional workers after another; other settings are those of the environment."""
    drawn = random.Random(seed)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _this_task().cancel)
    with tempfile.TemporaryDirectory(prefix="staydown-chaos-") as folder:
        workers = _workers(kafka, Path(folder))
        supervisor = Supervisor(lambda _: None)
        try:
            for worker in workers:
                await supervisor.start(worker)
            await wait_until_all_ready(workers)
            for number in range(rounds):
                await asyncio.sleep(drawn.uniform(0, 2 * pause_seconds))
                progress(f"{number + 1} of {rounds}: {await _kill(drawn.choice(workers), supervisor)}")
        finally:
            await supervisor.stop(supervisor.pids, STOP_SECONDS_MAX)


def _this_task() -> "asyncio.Task[None]":
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  # for the type checker: coroutines run in tasks
    return task


def _workers(kafka: str, folder: Path) -> list[Child]:
    """Return one more worker of each service, told what the cluster's are told: or they would judge otherwise."""
    roots = os.environ.get("STAYDOWN_MEDIA_ROOTS", "")
    addresses = choose_addresses(processor.name for processor in PIPELINE)
    workers = [service_child(name, http, kafka, roots, folder) for name, http in addresses.items()]
    own = {"STAYDOWN_INSTANCE": INSTANCE, "STAYDOWN_STATE_DIR": str(folder / "stores")}
    return [replace(worker, environment={**worker.environment, **own}) for worker in workers]


async def _kill(worker: Child, supervisor: Supervisor) -> str:
    """Kill a worker and return in a sentence how long it was away."""
    killed = supervisor.pids[worker.name]
    os.kill(killed, signal.SIGKILL)
    began = time.monotonic()
    async with asyncio.timeout(GONE_SECONDS_MAX):
        while supervisor.pids[worker.name] == killed:  # noqa: ASYNC110  # a process tells only when asked
            await asyncio.sleep(POLL_SECONDS)
    await wait_until_all_ready([worker])
    return f"{worker.name} killed, ready again after {time.monotonic() - began:.1f} s"


if __name__ == "__main__":
    try:
        CHAOS()
    except asyncio.CancelledError:
        sys.exit(128 + signal.SIGTERM)
