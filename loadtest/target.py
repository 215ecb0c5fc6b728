"""The cluster under load: one of its own, or one that runs on this machine.

Promises: what is started here is ended here, files included; a cluster that runs already is only spoken to.
"""

import asyncio
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from loadtest.options import Target
from services.cluster.broker_settings import Profile
from services.cluster.errors import ClusterError
from services.cluster.jars import KAFKA_VERSION
from services.cluster.java import find_java, java_version
from services.cluster.probe import check_reachable
from services.cluster.running import running_kafka
from services.cluster.state import read_running
from services.cluster.up import UpOptions, up

REACHABLE_SECONDS_MAX = 10.0
# Above what the cluster gives its own parts to get ready.
READY_SECONDS_MAX = 180.0

Result = TypeVar("Result")


class LoadTestError(Exception):
    """The load test cannot go on. The message is one clear sentence."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that is ready: `media` is an empty folder that it may read, `pids` says what it consists of now."""

    bootstrap: str
    media: Path
    broker: str
    pids: Callable[[], Mapping[str, int]]


async def loaded(target: Target, load: Callable[[Cluster], Coroutine[Any, Any, Result]]) -> Result:
    """Run `load` on the cluster that is meant; afterwards nothing of what was started for it is left."""
    running = asyncio.current_task()
    assert running is not None  # noqa: S101  # for the type checker: coroutines run in tasks
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    if target.kafka is None:
        with tempfile.TemporaryDirectory(prefix="staydown-load-") as folder:
            return await _on_own_cluster(Path(folder), load)
    await check_reachable(target.kafka, REACHABLE_SECONDS_MAX)
    with tempfile.TemporaryDirectory(prefix="staydown-load-", dir=target.media_root) as folder:
        given = Cluster(target.kafka, Path(folder), "Kafka that ran already", lambda: _running_pids(target))
        return await load(given)


async def _on_own_cluster(folder: Path, load: Callable[[Cluster], Coroutine[Any, Any, Result]]) -> Result:
    media, state = folder / "media", folder / "state"
    media.mkdir()
    async with running_kafka(folder / "kafka", progress, profile=Profile.LOAD) as kafka:
        ready = asyncio.Event()
        options = UpOptions(kafka=kafka.bootstrap, state=state, media_roots=(media,))
        serving = asyncio.create_task(up(options, lambda _: ready.set(), progress))
        try:
            await _while_serving(serving, asyncio.wait_for(ready.wait(), READY_SECONDS_MAX))
            broker = f"Apache Kafka {KAFKA_VERSION}, Java {java_version(find_java())}, {' '.join(Profile.LOAD.value)}"
            cluster = Cluster(kafka.bootstrap, media, broker, lambda: {**kafka.pids(), **_service_pids(state)})
            return await _while_serving(serving, load(cluster))
        finally:
            serving.cancel()
            await asyncio.wait({serving})


async def _while_serving(serving: asyncio.Task[None], load: Awaitable[Result]) -> Result:
    """Return what `load` does, unless the cluster ends before: then end it and say so."""
    loading = asyncio.ensure_future(load)
    try:
        await asyncio.wait({serving, loading}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not loading.done():
            loading.cancel()
            await asyncio.wait({loading})
    if loading.cancelled():
        await serving
        raise LoadTestError("The cluster was told to stop before the load test had ended.")
    return await loading


def progress(line: str) -> None:
    """Show a line of progress, beside the report on stdout."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _service_pids(state: Path) -> Mapping[str, int]:
    return {name: service.pid for name, service in read_running(state).services.items()}


def _running_pids(target: Target) -> Mapping[str, int]:
    """Return the process ids of a cluster that ran already, none if its state directory says nothing of it."""
    try:
        running = read_running(target.state_directory)
    except ClusterError:
        return {}
    if running.bootstrap != target.kafka:
        return {}
    return {**running.kafka, **{name: service.pid for name, service in running.services.items()}}
