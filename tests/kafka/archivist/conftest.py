"""What the tests of the archivist share: a Kafka with every topic and no other service."""

import asyncio
from collections.abc import Iterator

import pytest

from services.runtime.provisioning import create_topics
from tests.conftest import a_kafka
from tests.database_fixtures import database
from tests.kafka.archivist.telling import PARTITIONS

__all__ = ["database"]


@pytest.fixture
def topics() -> Iterator[str]:
    """Run a Kafka with every topic, of this test alone: the archivist's group remembers where it was."""
    with a_kafka() as bootstrap:
        asyncio.run(create_topics(bootstrap, PARTITIONS))
        yield bootstrap
