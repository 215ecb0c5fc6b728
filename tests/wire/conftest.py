"""One Kafka with TLS, SCRAM, certificates and an authoriser for all of these tests."""

import asyncio
import gc
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import background_loop
from tests.wire.broker import SecuredKafka, secured_kafka


@pytest.fixture(scope="package")
def secured() -> Iterator[SecuredKafka]:
    """Run it, on data that goes with it."""
    with tempfile.TemporaryDirectory(prefix="staydown-wire-") as folder, background_loop() as loop:
        context = secured_kafka(Path(folder))
        kafka = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result()
        yield kafka
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result()


@pytest.fixture(autouse=True)
def _half_closed() -> Iterator[None]:
    """Let go of connections whose end the broker has not confirmed, before they trouble whoever comes next.

    aiokafka does not wait for the end of a connection that was refused. Over TLS both sides have to say it, so a loop
    that is over sooner leaves a socket open, and Python would complain of it in whichever test it happens to collect.
    """
    yield
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "unclosed", ResourceWarning)
        gc.collect()
