"""What every test may use: a real Kafka, started when the first test asks for it."""

import asyncio
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.cluster.running import running_kafka


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """Run a broker for the whole session, on data that goes with it, and give its address "127.0.0.1:PORT"."""
    with a_kafka() as bootstrap:
        yield bootstrap


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
