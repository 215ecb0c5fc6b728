"""The bench: a broker of its own with Staydown's topics, and a folder, for as long as a run takes.

Promises: what was started here is ended here, files included, also at SIGTERM.
"""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from loadtest.machine import Machine, describe
from loadtest.peers.records import Broker
from loadtest.peers.subjects import Bench
from loadtest.target import Cluster, progress
from services.cluster.broker_settings import Profile
from services.cluster.jars import KAFKA_VERSION
from services.cluster.java import find_java, java_version
from services.cluster.running import running_kafka
from services.cluster.up import PARTITIONS
from services.runtime.provisioning import create_topics


@asynccontextmanager
async def running_bench() -> AsyncIterator[tuple[Bench, Machine]]:
    """Give the bench, and what it stands on."""
    load_before = os.getloadavg()[0]
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  # for the type checker: coroutines run in tasks
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with tempfile.TemporaryDirectory(prefix="staydown-bench-") as name:
        folder = Path(name)
        media = folder / "media"
        media.mkdir()
        async with running_kafka(folder / "kafka", progress, profile=Profile.LOAD) as kafka:
            await create_topics(kafka.bootstrap, PARTITIONS)
            broker = f"Apache Kafka {KAFKA_VERSION}, Java {java_version(find_java())}, {' '.join(Profile.LOAD.value)}"
            machine = describe(Cluster(kafka.bootstrap, media, broker, kafka.pids), load_before)
            yield Bench(Broker(kafka.bootstrap, PARTITIONS, kafka.pids), folder, media), machine
