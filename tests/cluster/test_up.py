import asyncio
import os
import re
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.cluster.errors import ClusterError
from services.cluster.ports import free_ports
from services.cluster.probe import wait_until_ready
from services.cluster.state import RunningCluster, held, read_running
from services.cluster.up import BESIDE, UpOptions, check_twice, up
from services.pipeline import SERVICES

STOP_SECONDS_MAX = 30.0
READY_SECONDS_MAX = 120.0
UP = """
import asyncio, sys
from pathlib import Path
from services.cluster.up import BESIDE, UpOptions, up

asyncio.run(up(UpOptions(state=Path(sys.argv[1])), lambda line: print(line, flush=True)))
"""


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Lend a folder that goes away with its cluster's data; no Kafka is given by the environment."""
    monkeypatch.delenv("STAYDOWN_KAFKA", raising=False)
    with tempfile.TemporaryDirectory(prefix="staydown-up-") as name:
        yield Path(name)


def refusal(options: UpOptions) -> str:
    """Return the sentence with which `up` refuses to run."""
    with pytest.raises(ClusterError) as refused:
        asyncio.run(up(options, pytest.fail, lambda _: None))
    return str(refused.value)


def test_a_kafka_that_does_not_answer_is_named(state: Path) -> None:
    """A given Kafka is not waited for: it is a mistake in the address, most likely."""
    address = f"127.0.0.1:{free_ports(1)[0]}"
    assert refusal(UpOptions(kafka=address, state=state)) == f"No Kafka answers at {address}."
    assert refusal(UpOptions(kafka="nonsense", state=state)) == "No Kafka answers at nonsense."


def test_a_setting_that_means_nothing_is_named(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every service would refuse it, again and again, and say so in its log alone."""
    monkeypatch.setenv("STAYDOWN_READ_BYTES_MAX", "lots")
    assert "STAYDOWN_READ_BYTES_MAX must be a whole number" in refusal(UpOptions(state=state))


def test_a_named_kafka_cannot_be_run_alone(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands would talk to the named one, and not to that of the state directory."""
    monkeypatch.setenv("STAYDOWN_KAFKA", "127.0.0.1:9")
    assert refusal(UpOptions(state=state, kafka_only=True)).startswith("--kafka-only runs the Kafka of the state")


@pytest.mark.parametrize("name", ["kafka_port", "console_port"])
def test_a_port_that_is_taken_is_named(state: Path, name: str) -> None:
    """Before anything is started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = UpOptions(state=state, **{name: port})
        assert refusal(options) == f"Port {port} on 127.0.0.1 is taken."


def test_a_second_cluster_on_the_same_state_is_refused(state: Path) -> None:
    """Two brokers on one folder would spoil it."""
    with held(state):
        assert refusal(UpOptions(state=state)) == f"A cluster is running on {state} already."


@pytest.mark.kafka
def test_the_cluster_starts_and_stops_cleanly_twice(state: Path) -> None:
    """One ready line, every service found by services.json and in one process group, exit 0 in time, and again."""

    async def scenario() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            async with running_up(state) as process:
                running = read_running(state)
                assert set(running.services) == {*SERVICES, *BESIDE}
                assert {os.getpgid(pid) for pid in pids(running)} == {os.getpgid(process.pid)}
                told = time.monotonic()
                process.send_signal(number)
                assert await process.wait() == 0
                assert time.monotonic() - told < STOP_SECONDS_MAX
                assert not any(is_running(pid) for pid in pids(running))

    asyncio.run(scenario())


def test_only_who_shares_its_work_can_run_twice() -> None:
    """The readable record of one machine is one file, and it is written by one."""
    check_twice(["enforcer", "hasher"])
    with pytest.raises(ValueError, match="--twice: archivist is none of hasher, registry"):
        check_twice(["enforcer", "archivist"])
    with pytest.raises(ValueError, match="name each once"):
        check_twice(["enforcer", "enforcer"])


@pytest.mark.kafka
def test_what_is_killed_is_started_again(state: Path) -> None:
    """A service and the broker, each by kill -9: both are back under new process ids and Kafka carries records."""

    async def scenario() -> None:
        async with running_up(state):
            before = read_running(state)
            for pid in (before.services["matcher"].pid, before.kafka["kafka-1"]):
                os.kill(pid, signal.SIGKILL)
            deadline = time.monotonic() + STOP_SECONDS_MAX
            while set(pids(before)[:2]) & set(pids(read_running(state))):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.02)
            await wait_until_ready(before.bootstrap, READY_SECONDS_MAX)

    asyncio.run(scenario())


@asynccontextmanager
async def running_up(state: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the command in a process of its own, from its ready line on."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", UP, str(state), stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_SECONDS_MAX):
            line = (await process.stdout.readline()).decode()
        assert re.fullmatch(f"ready bootstrap={read_running(state).bootstrap} console=http://127.0.0.1:[0-9]+\n", line)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def pids(running: RunningCluster) -> list[int]:
    """Return the ids of all processes: the broker's, the matcher's, then the others'."""
    services = sorted(running.services.items(), key=lambda item: item[0] != "matcher")
    return [*running.kafka.values(), *(service.pid for _, service in services)]


def is_running(pid: int) -> bool:
    """Tell whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
