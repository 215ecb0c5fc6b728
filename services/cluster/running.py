"""A local Kafka for as long as somebody needs it: `async with running_kafka(state, progress) as kafka`.

Promises: inside, records go round, and a node that dies is started again on its data; outside, nothing of it runs.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from services.cluster.broker_settings import Node, Profile
from services.cluster.jars import Progress
from services.cluster.kafka import lay_nodes, prepare_kafka
from services.cluster.probe import wait_until_ready
from services.cluster.supervision import Supervisor

# A cold start takes 3 s on two cores; after a kill, the recovery of a large log may take a minute.
READY_SECONDS_MAX = 120.0
# A node stops in 1 s; the command has 30 s for all, and the services come first.
STOP_SECONDS_MAX = 8.0


@dataclass(frozen=True, slots=True)
class RunningKafka:
    """Where it is, how to learn its nodes' process ids by name now, and how many seconds went into downloading."""

    bootstrap: str
    pids: Callable[[], Mapping[str, int]]
    downloading_seconds: float


@asynccontextmanager
async def running_kafka(
    state: Path,
    progress: Progress,
    nodes: tuple[Node, ...] | None = None,
    profile: Profile = Profile.SMALL,
    changed: Callable[[Mapping[str, int]], None] = lambda _: None,
) -> AsyncIterator[RunningKafka]:
    """Run Kafka on the data in `state`, one node on free ports unless told otherwise; `changed` hears of each start."""
    prepared = await prepare_kafka(state, nodes or lay_nodes(1), progress, profile)
    supervisor = Supervisor(changed)
    try:
        for child in prepared.children:
            await supervisor.start(child)
        await wait_until_ready(prepared.bootstrap, READY_SECONDS_MAX)
        yield RunningKafka(prepared.bootstrap, lambda: supervisor.pids, prepared.downloading_seconds)
    finally:
        await supervisor.stop(supervisor.pids, STOP_SECONDS_MAX)
