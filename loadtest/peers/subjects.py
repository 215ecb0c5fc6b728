"""Whom a run measures, by name: what each consists of, and how it is started.

Promises: every peer gets topics and a group of its own for each pass, so that it begins at the first record, settings
of the broker and of the topics as Staydown's; Staydown itself runs as `staydown up` runs it.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from aiokafka.admin import NewTopic

from loadtest.peers.consumer import written_by
from loadtest.peers.draining import Subject
from loadtest.peers.polling import SESSION_MS
from loadtest.peers.records import Broker
from loadtest.peers.task import ANSWERS, READY, VARIABLE, Stage, Task, save_task
from loadtest.target import LoadTestError
from services.cluster.child import Child
from services.cluster.launch import choose_addresses, service_child, wait_until_all_ready
from services.contracts.topics import UPLOADS_SUBMITTED, Topic
from services.pipeline import PIPELINE
from services.runtime.checking import admin_client, partition_counts
from services.runtime.provisioning import BROKER_DEFAULT, PLANNED

# A machine under load starts a Faust worker in a minute.
READY_SECONDS_MAX = 120.0
POLL_SECONDS = 0.05
CONSUMER = (sys.executable, "-m", "loadtest.peers.consumer")
SHORTEST = (sys.executable, "-m", "loadtest.peers.shortest")


@dataclass(frozen=True, slots=True)
class Bench:
    """What all subjects of a run share."""

    broker: Broker
    folder: Path
    media: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of Staydown's services, besides what `staydown up` would set."""


Start = Callable[[Bench, Task], Awaitable[Subject]]
"""How a peer is prepared for a pass."""


def staydown(bench: Bench, names: Sequence[str] = ()) -> Subject:
    """Return all of Staydown's services, or those named; the hasher alone answers by what it read."""
    addresses = choose_addresses(names or [processor.name for processor in PIPELINE])
    state = bench.folder / "state"
    state.mkdir(exist_ok=True)
    children = tuple(
        _patient(service_child(name, http, bench.broker.bootstrap, str(bench.media), state), bench.settings)
        for name, http in addresses.items()
    )
    answers = ANSWERS[Stage.HASHING if names else Stage.PIPELINE]

    async def ready() -> None:
        await wait_until_all_ready(children)

    return Subject(children, UPLOADS_SUBMITTED.name, answers.name, answers, ready)


async def consumer(bench: Bench, task: Task) -> Subject:
    """Return the plain consumer, to which works are registered by the records with which they are to Staydown."""
    return await _peer(bench, task, "consumer", CONSUMER, written_by(task.stage))


async def shortest_consumer(bench: Bench, task: Task) -> Subject:
    """Return the shortest consumer."""
    return await _peer(bench, task, "shortest", SHORTEST, (ANSWERS[task.stage],))


async def faust_agents(bench: Bench, task: Task) -> Subject:
    """Return the Faust worker. Its data folder is named, or it makes one where it is started."""
    datadir = bench.folder / "faust"
    command = (sys.executable, "-m", "faust", "-A", "loadtest.peers.faust_agents", "--datadir", str(datadir))
    worker = (*command, "worker", "--without-web", "--loglevel", "warn")
    return await _peer(bench, task, "faust", worker, (ANSWERS[task.stage],))


async def _peer(bench: Bench, task: Task, name: str, command: tuple[str, ...], writes: Sequence[Topic]) -> Subject:
    broker = bench.broker
    own = replace(task, bootstrap=broker.bootstrap, partitions=broker.partitions, media=str(bench.media))
    await create_like(broker, {own.own(topic): topic for topic in (UPLOADS_SUBMITTED, *writes)})
    path = bench.folder / f"{task.group}.json"
    save_task(own, path)
    child = Child(name, command, {VARIABLE: str(path)}, bench.folder / f"{task.group}.log")
    return Subject((child,), own.reads, own.writes, ANSWERS[task.stage], _said_ready(child))


def _patient(child: Child, settings: Mapping[str, str]) -> Child:
    """Return a service that survives being held still while the backlog is written."""
    patient = {"STAYDOWN_SESSION_TIMEOUT_MS": str(SESSION_MS)}
    return replace(child, environment={**child.environment, **patient, **settings})


def _said_ready(child: Child) -> Callable[[], Awaitable[None]]:
    async def ready() -> None:
        deadline = time.monotonic() + READY_SECONDS_MAX
        while READY not in child.log.read_text(errors="replace"):
            if time.monotonic() > deadline:
                raise LoadTestError(f"The peer {child.name} did not get ready; it said: {_end_of(child.log)}")
            await asyncio.sleep(POLL_SECONDS)

    return ready


def _end_of(log: Path) -> str:
    return " ".join(log.read_text(errors="replace").splitlines()[-5:])


async def create_like(broker: Broker, wanted: dict[str, Topic]) -> None:
    """Create topics with the settings that Staydown's have, and return when all have leaders."""
    settings = {planned.name: planned.configs for planned in PLANNED}
    news = [
        NewTopic(
            name, broker.partitions, BROKER_DEFAULT, replica_assignments={}, topic_configs=dict(settings[like.name])
        )
        for name, like in wanted.items()
    ]
    async with admin_client(broker.bootstrap) as admin:
        await admin.create_topics(news)
        deadline = time.monotonic() + READY_SECONDS_MAX
        while {(await partition_counts(admin)).get(name) for name in wanted} != {broker.partitions}:
            if time.monotonic() > deadline:
                raise LoadTestError(f"The topics {', '.join(wanted)} got no leaders.")
            await asyncio.sleep(POLL_SECONDS)
