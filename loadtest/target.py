"""The cluster under load: one of its own, or one that runs on this machine.

Promises: what is started here is ended here, files included; a cluster that runs already is only spoken to.
"""

import asyncio
import itertools
import shutil
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from loadtest.options import FILES_BYTES_MAX, Target
from services.cluster.broker_settings import Profile
from services.cluster.errors import ClusterError
from services.cluster.jars import KAFKA_VERSION
from services.cluster.java import find_java, java_version
from services.cluster.probe import check_reachable
from services.cluster.running import running_kafka
from services.cluster.state import RunningService, read_running
from services.cluster.up import UpOptions, up
from services.runtime.address import Address
from services.runtime.security import as_set

REACHABLE_SECONDS_MAX = 10.0
# Above what the cluster gives its own parts to get ready.
READY_SECONDS_MAX = 180.0
# Files that fit into a tenth of a small machine's memory are made there: no disk is busy with them during the run.
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # only its folders with unguessable names are used
MEMORY_FILES_BYTES_MAX = 2 * 1024**3

Result = TypeVar("Result")


class LoadTestError(Exception):
    """The load test cannot go on. The message is one clear sentence."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that is ready.

    `media`: a folder that it may read. `pids`: what it consists of now. `services`: its services, if they are its own
    and so may be stopped. `workers`: the processes of services by name, as `services.json` has them now.
    """

    bootstrap: Address
    media: Path
    broker: str
    pids: Callable[[], Mapping[str, int]]
    services: "Services | None" = None
    workers: Callable[[], Mapping[str, RunningService]] = dict
    _folders: Iterator[int] = field(default_factory=itertools.count)

    def folder(self) -> Path:
        """Return a folder that does not exist yet, below the one that may be read."""
        return self.media / f"files-{next(self._folders)}"


class Services:
    """The services of a cluster of our own, which can be stopped and started again on the same Kafka."""

    def __init__(self, options: UpOptions) -> None:
        self._options = options
        self._serving: asyncio.Task[None] | None = None
        self._stopping = False
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when they ended without `stop`, with the error if there was one."""

    async def start(self) -> None:
        """Start them and return when all are ready."""
        ready = asyncio.Event()
        self._stopping = False
        self._serving = asyncio.create_task(up(self._options, lambda _: ready.set(), progress))
        self._serving.add_done_callback(self._note_end)
        await _while_serving(self.ended, asyncio.wait_for(ready.wait(), READY_SECONDS_MAX))

    async def stop(self) -> None:
        """Stop them and return when none is left. While they are away, a signal ends what is done meanwhile."""
        self._stopping = True
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.wait({self._serving})
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._note_signal)

    def _note_signal(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def _note_end(self, serving: asyncio.Task[None]) -> None:
        if self._stopping or self.ended.done():
            return
        error = None if serving.cancelled() else serving.exception()
        if error is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(error)


async def loaded(
    target: Target,
    load: Callable[[Cluster], Coroutine[Any, Any, Result]],
    files_bytes: int = FILES_BYTES_MAX,
    options: UpOptions = UpOptions(),  # noqa: B008  # frozen
) -> Result:
    """Run `load` on the cluster that is meant; afterwards nothing of what was started for it is left.

    `files_bytes`: how much it will put into the cluster's media folder, at most. `options`: of a cluster of its own.
    """
    running = asyncio.current_task()
    assert running is not None  # noqa: S101  # for the type checker: coroutines run in tasks
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    if target.kafka is None:
        with scratch(None) as folder, scratch(media_home(files_bytes)) as media:
            both = replace(options, twice=(*options.twice, *target.twice))
            return await _on_own_cluster(folder, media, load, both)
    kafka = as_set(target.kafka)
    await check_reachable(kafka, REACHABLE_SECONDS_MAX)
    with scratch(target.media_root and target.media_root.resolve()) as media:
        pids, workers = lambda: _running_pids(target), lambda: _workers(target.state_directory)
        return await load(Cluster(kafka, media, "Kafka that ran already", pids, workers=workers))


def media_home(files_bytes: int) -> Path | None:
    """Return where files cost neither disk nor inodes, if there is room; None is where temporary files are."""
    in_memory = SHARED_MEMORY.is_dir() and files_bytes <= MEMORY_FILES_BYTES_MAX
    return SHARED_MEMORY if in_memory and shutil.disk_usage(SHARED_MEMORY).free > 2 * files_bytes else None


@contextmanager
def scratch(parent: Path | None) -> Iterator[Path]:
    """Give a folder for as long as it is needed; None is where temporary files are."""
    with tempfile.TemporaryDirectory(prefix="staydown-load-", dir=parent) as folder:
        yield Path(folder)


async def _on_own_cluster(
    folder: Path, media: Path, load: Callable[[Cluster], Coroutine[Any, Any, Result]], options: UpOptions
) -> Result:
    state = folder / "state"
    async with running_kafka(folder / "kafka", progress, profile=Profile.LOAD) as kafka:
        services = Services(replace(options, kafka=kafka.bootstrap, state=state, media_roots=(media,)))
        try:
            await services.start()
            broker = f"Apache Kafka {KAFKA_VERSION}, Java {java_version(find_java())}, {' '.join(Profile.LOAD.value)}"
            pids = lambda: {**kafka.pids(), **{name: each.pid for name, each in _workers(state).items()}}  # noqa: E731
            cluster = Cluster(kafka.bootstrap, media, broker, pids, services, lambda: _workers(state))
            return await _while_serving(services.ended, load(cluster))
        finally:
            await services.stop()


async def _while_serving(ended: asyncio.Future[None], load: Awaitable[Result]) -> Result:
    """Return what `load` does, unless the cluster ends before: then end it and say so."""
    loading = asyncio.ensure_future(load)
    both: set[asyncio.Future[Any]] = {ended, loading}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not loading.done():
            loading.cancel()
            await asyncio.wait({loading})
    if loading.cancelled():
        await ended
        raise LoadTestError("The cluster was told to stop before the load test had ended.")
    return await loading


def progress(line: str) -> None:
    """Show a line of progress, beside the report on stdout."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _workers(state: Path) -> Mapping[str, RunningService]:
    """Return the processes of the services, none while they are stopped."""
    try:
        return read_running(state).services
    except ClusterError:
        return {}


def _running_pids(target: Target) -> Mapping[str, int]:
    """Return the process ids of a cluster that ran already, none if its state directory says nothing of it."""
    try:
        running = read_running(target.state_directory)
    except ClusterError:
        return {}
    if running.bootstrap != target.kafka:
        return {}
    return {**running.kafka, **{name: service.pid for name, service in running.services.items()}}
