"""`staydown up`: the whole cluster in the foreground, or its Kafka alone, until it is told to stop.

Promises: the ready line comes once, when every service can take work; SIGINT and SIGTERM stop everything within 30 s
at any moment, services before Kafka; what died meanwhile was started again; nothing is left running.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.cluster.broker_settings import bootstrap_of
from services.cluster.canary import CANARY, canary_folder, with_canary
from services.cluster.child import Child
from services.cluster.errors import ClusterError
from services.cluster.jars import Progress
from services.cluster.kafka import lay_nodes
from services.cluster.launch import choose_addresses, join_roots, second_worker, service_child, wait_until_all_ready
from services.cluster.pages import CONSOLE, with_pages
from services.cluster.ports import LOOPBACK, free_ports, wait_until_free
from services.cluster.probe import check_reachable
from services.cluster.running import running_kafka
from services.cluster.state import ClusterRecord, default_state, held
from services.cluster.supervision import Supervisor
from services.notifier.receivers import read_directory
from services.pipeline import PIPELINE, SERVICES
from services.runtime.address import Kafka
from services.runtime.checking import TopicsError
from services.runtime.provisioning import create_topics
from services.runtime.security import PLAIN, as_set
from services.runtime.settings import read_settings
from services.runtime.variables import SettingsError

# A small machine wants few partitions: a transaction costs 2 ms of CPU, however small. A Kafka that has topics already
# keeps the number that it has.
PARTITIONS = 4
# What no topic leads on from.
BESIDE = ("notifier", CONSOLE)
REACHABLE_SECONDS_MAX = 10.0
# With Kafka's 8 s within the 30 s that the command promises.
STOP_SECONDS_MAX = 18.0


@dataclass(frozen=True, slots=True)
class UpOptions:
    """What `staydown up` can be told: a Kafka that runs already, where state is kept, ports, and folders to read.

    `clock_ahead_seconds`: how far deadlines' clock is set forward, for a story that takes a month. `twice`: services
    of which a second worker runs. `static`: whether workers have names in their groups that survive restarts. `canary`:
    let one upload a work of its own; without being asked nothing is uploaded. `kafka_only`: no service, and no topic is
    made, since copies are taken and restored while nothing runs.
    """

    kafka: str | None = None
    state: Path = field(default_factory=default_state)
    kafka_port: int | None = None
    console_port: int | None = None
    media_roots: tuple[Path, ...] = ()
    clock_ahead_seconds: int = 0
    twice: tuple[str, ...] = ()
    static: bool = True
    canary: bool = False
    kafka_only: bool = False


def to_stderr(line: str) -> None:
    """Show a line of progress."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def check_twice(names: Sequence[str]) -> None:
    """Raise ValueError unless each of these, none named again, is a service that shares its work with its like."""
    shared = [processor.name for processor in PIPELINE]
    if len({*names}) < len(names):
        raise ValueError("--twice: a service has two processes at most; name each once.")
    if others := [name for name in names if name not in shared]:
        raise ValueError(f"--twice: {others[0]} is none of {', '.join(shared)}.")


async def up(options: UpOptions, announce: Callable[[str], None], progress: Progress = to_stderr) -> None:
    """Run the cluster until SIGINT or SIGTERM; `announce` gets the ready line; ClusterError if it cannot be run."""
    _check_settings(options, kafka_given=bool(options.kafka or os.environ.get("STAYDOWN_KAFKA")))
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    serve = _serve_kafka if options.kafka_only else _serve
    serving = asyncio.create_task(serve(options, announce, progress))
    stopping = asyncio.create_task(told.wait())
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        serving.cancel()
        stopping.cancel()
        await asyncio.wait({serving, stopping})
    if not serving.cancelled():
        await serving


def _check_settings(options: UpOptions, *, kafka_given: bool) -> None:
    """Refuse what every service would refuse, again and again, in its log alone."""
    if kafka_given and options.kafka_only:
        raise ClusterError(
            "--kafka-only runs the Kafka of the state directory: none is named, by STAYDOWN_KAFKA either."
        )
    try:
        settings = read_settings()
        read_directory(settings.receivers)
    except SettingsError as error:
        raise ClusterError(str(error)) from None
    if not kafka_given and settings.security != PLAIN:
        raise ClusterError("STAYDOWN_KAFKA_SECURITY_PROTOCOL is for a Kafka that is named; a local one is plain text.")


async def _serve(options: UpOptions, announce: Callable[[str], None], progress: Progress) -> None:
    """Run everything, until cancelled."""
    beside = (*BESIDE, *((CANARY,) if options.canary else ()))
    addresses = choose_addresses((*SERVICES, *map(second_worker, options.twice), *beside))
    listen = await _console_address(options)
    join_roots(options.media_roots)
    with held(options.state):
        async with _kafka(options, addresses, progress) as (kafka, record):
            await _create_topics(kafka)
            children = _children(options, addresses, kafka, listen)
            async with _running(children, record, progress):
                announce(f"ready bootstrap={kafka} console=http://{listen}")
                await asyncio.Event().wait()


async def _serve_kafka(options: UpOptions, announce: Callable[[str], None], progress: Progress) -> None:
    """Run Kafka alone, until cancelled."""
    with held(options.state):
        async with _kafka(options, {}, progress) as (kafka, _):
            announce(f"ready bootstrap={kafka}")
            await asyncio.Event().wait()


def _children(options: UpOptions, addresses: Mapping[str, str], kafka: Kafka, listen: str) -> list[Child]:
    """Return the processes of all services, each told what it needs."""
    roots = (*options.media_roots, *((canary_folder(options.state),) if options.canary else ()))
    joined, ahead, static = join_roots(roots), options.clock_ahead_seconds, options.static
    children = {
        name: service_child(
            name, http, kafka.bootstrap, joined, options.state, clock_ahead_seconds=ahead, static=static
        )
        for name, http in addresses.items()
    }
    children[CONSOLE] = with_pages(children[CONSOLE], listen, options.state)
    if options.canary:
        children[CANARY] = with_canary(children[CANARY], options.state)
    return list(children.values())


@asynccontextmanager
async def _kafka(
    options: UpOptions, addresses: Mapping[str, str], progress: Progress
) -> AsyncIterator[tuple[Kafka, ClusterRecord]]:
    """Give the Kafka to use, a given one or our own, and the record of what runs."""
    if given := options.kafka or os.environ.get("STAYDOWN_KAFKA"):
        kafka = as_set(given)
        await check_reachable(kafka, REACHABLE_SECONDS_MAX)
        yield kafka, ClusterRecord(options.state, given, addresses)
        return
    if options.kafka_port is not None:
        await wait_until_free(options.kafka_port)
    nodes = lay_nodes(1, options.kafka_port)
    record = ClusterRecord(options.state, bootstrap_of(nodes), addresses)
    progress("starting Kafka")
    async with running_kafka(options.state, progress, nodes, changed=record.note_kafka) as own:
        yield Kafka(own.bootstrap), record


@asynccontextmanager
async def _running(children: list[Child], record: ClusterRecord, progress: Progress) -> AsyncIterator[None]:
    """Run the services: inside, all are ready at first and kept running; outside, none is left."""
    progress(f"starting {', '.join(child.name for child in children)}")
    supervisor = Supervisor(record.note_services)
    try:
        for child in children:
            await supervisor.start(child)
        await wait_until_all_ready(children)
        yield
    finally:
        await supervisor.stop(supervisor.pids, STOP_SECONDS_MAX)


async def _console_address(options: UpOptions) -> str:
    """Return where the console listens, on loopback; a port that was asked for and is taken is told at once."""
    if options.console_port is not None:
        await wait_until_free(options.console_port)
    port = options.console_port or free_ports(1)[0]
    return f"{LOOPBACK}:{port}"


async def _create_topics(kafka: Kafka) -> None:
    try:
        await create_topics(kafka, PARTITIONS, adopt=True)
    except TopicsError as error:
        raise ClusterError(f"The topics on {kafka} are not as they must be: {error}.") from error
