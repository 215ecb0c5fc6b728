"""One Kafka with TLS, SCRAM, certificates and an authoriser for all of these tests."""

import asyncio
import tempfile
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
