"""An archivist as a process of its own on a real Kafka, with no other service: what it reads is written here."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import URL

from loadtest.cpu import Snapshot, Used, snapshot, used_between
from loadtest.target import LoadTestError, progress
from services.cluster.broker_settings import Profile
from services.cluster.child import Child
from services.cluster.launch import choose_addresses, service_child, wait_until_all_ready
from services.cluster.running import RunningKafka, running_kafka
from services.cluster.supervision import Supervisor
from services.runtime.provisioning import create_topics

PARTITIONS = 4
STOP_SECONDS_MAX = 10.0
NAME = "archivist"


@dataclass(frozen=True, slots=True)
class Bench:
    """A Kafka with every topic, a database, and what can be started on them."""

    kafka: RunningKafka
    archive: str
    folder: Path
    supervisor: Supervisor

    async def start(self) -> None:
        """Start the archivist and return when it takes records."""
        [http] = choose_addresses([NAME]).values()
        child = service_child(NAME, http, self.kafka.bootstrap, "", self.folder)
        await self._start(child)
        await wait_until_all_ready([child])

    async def stop(self) -> None:
        """Stop it."""
        await self.supervisor.stop([NAME], STOP_SECONDS_MAX)

    def used_so_far(self) -> Snapshot:
        """Look at what Kafka and the archivist have used."""
        return snapshot({**self.kafka.pids(), **self.supervisor.pids})

    def used_since(self, before: Snapshot) -> Used:
        """Return what they have used since; LoadTestError if one of them ended meanwhile."""
        used = used_between(before, self.used_so_far())
        if used.restarted:
            raise LoadTestError(f"Started again meanwhile: {', '.join(used.restarted)}; see its log.")
        return used

    def rebuilding(self) -> tuple[str, ...]:
        """Return the command that writes the record anew, from nothing."""
        where = ("--archive", self.archive, "--kafka", self.kafka.bootstrap)
        return (sys.executable, "-m", "services.cli", "archive", "rebuild", "--empty", *where)

    async def _start(self, child: Child) -> None:
        environment: Mapping[str, str] = {**child.environment, "STAYDOWN_ARCHIVE_URL": self.archive}
        await self.supervisor.start(replace(child, environment=environment))


@asynccontextmanager
async def running_bench(folder: Path, archive: URL) -> AsyncIterator[Bench]:
    """Run a Kafka with every topic while the context lasts, and end what is started on it."""
    url = archive.set(drivername=archive.get_backend_name()).render_as_string(hide_password=False)
    async with running_kafka(folder / "kafka", progress, profile=Profile.LOAD) as kafka:
        await create_topics(kafka.bootstrap, PARTITIONS)
        supervisor = Supervisor(lambda _: None)
        try:
            yield Bench(kafka, url, folder, supervisor)
        finally:
            await supervisor.stop(supervisor.pids, STOP_SECONDS_MAX)
