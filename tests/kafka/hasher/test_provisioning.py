"""On a real Kafka: topics are made as planned, once, and differences are told."""

import asyncio
from dataclasses import replace

import pytest

from services.runtime.checking import TopicsError, admin_client, differences, partition_counts
from services.runtime.provisioning import PLANNED, check_topics, create_topics
from tests.kafka.hasher.topics import PARTITIONS

pytestmark = pytest.mark.kafka

PLANNED_BY_NAME = {topic.name: topic for topic in PLANNED}


def test_creating_twice_is_creating_once_and_nothing_differs_after_it(kafka: str) -> None:
    """All topics are there with their partitions and policies."""

    async def scenario() -> list[str]:
        await create_topics(kafka, PARTITIONS)
        await create_topics(kafka, PARTITIONS)
        return await check_topics(kafka, PARTITIONS)

    assert asyncio.run(scenario()) == []


def test_another_number_of_partitions_is_an_error_and_changes_nothing(kafka: str) -> None:
    """A key's records would go to a unit that has not its state."""

    async def scenario() -> dict[str, int]:
        await create_topics(kafka, PARTITIONS)
        with pytest.raises(TopicsError, match="never changed in place"):
            await create_topics(kafka, PARTITIONS + 1)
        assert len(await check_topics(kafka, PARTITIONS + 1)) == len(PLANNED)
        async with admin_client(kafka) as admin:
            return await partition_counts(admin)

    counts = asyncio.run(scenario())
    assert {counts[topic.name] for topic in PLANNED} == {PARTITIONS}


def test_the_number_of_partitions_that_is_there_can_be_taken(kafka: str) -> None:
    """Who comes to a Kafka with topics takes them as they are."""

    async def scenario() -> list[str]:
        await create_topics(kafka, PARTITIONS)
        await create_topics(kafka, PARTITIONS + 1, adopt=True)
        return await check_topics(kafka, PARTITIONS)

    assert asyncio.run(scenario()) == []


def test_a_missing_topic_and_another_cleanup_policy_are_told(kafka: str) -> None:
    """In the sentences that `staydown topics check` prints and a service refuses to start with."""

    async def scenario() -> list[str]:
        await create_topics(kafka, PARTITIONS)
        compacted = replace(PLANNED_BY_NAME["uploads.read.v1"], configs={"cleanup.policy": "compact"})
        missing = replace(compacted, name="never.made.v1")
        return await differences(kafka, [compacted, missing])

    assert asyncio.run(scenario()) == [
        "never.made.v1 is missing: create it with `staydown topics create`",
        "uploads.read.v1 has cleanup.policy=delete and should have compact: set it with kafka-configs",
    ]
