"""What every test may use: a real Kafka and a real PostgreSQL, started when the first test asks for them."""

import asyncio
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import URL

from services.cluster.running import running_kafka
from tests.databases import a_postgres, new_database

# What takes long goes first, and many short ones fill up behind it, or one worker would end long after the other.
_FIRST = tuple(
    f"tests/{each}/" for each in ("kafka", "demo", "cluster", "cli", "loadtest", "console", "simulator", "wire")
)

# How long an example takes says how busy the machine is.
settings.register_profile("staydown", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("staydown")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes long."""
    items.sort(key=lambda item: not item.nodeid.startswith(_FIRST))


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """Run a broker for the whole session, on data that goes with it, and give its address "127.0.0.1:PORT"."""
    with a_kafka() as bootstrap:
        yield bootstrap


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """Run a PostgreSQL for the whole session."""
    with a_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database, of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/archive.sqlite"
    return new_database(request.getfixturevalue("postgres"))


@contextmanager
def a_kafka() -> Iterator[str]:
    """Run a broker on data that goes with it, and give its address."""
    with tempfile.TemporaryDirectory(prefix="staydown-kafka-") as directory, background_loop() as loop:
        context = running_kafka(Path(directory), _tell)
        running = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result()
        yield running.bootstrap
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result()


@contextmanager
def background_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop in a thread of its own, so that the broker is watched while tests run loops of theirs."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="kafka")
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
