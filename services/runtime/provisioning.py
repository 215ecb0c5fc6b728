"""Every topic of the pipeline, made and checked: `staydown topics create` and `staydown topics check`.

Promises: creating is idempotent and changes nothing that is there; a topic with another number of partitions is an
error, never altered.
"""

import asyncio
import time
from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from services.contracts.topics import TOPICS
from services.pipeline import FOLLOWERS, PIPELINE
from services.runtime.address import Address
from services.runtime.checking import (
    TopicsError,
    admin_client,
    check_restored,
    differences,
    partition_counts,
    partition_differences,
    partitions_there,
)
from services.runtime.planning import Planned, plan

PLANNED = plan(PIPELINE, TOPICS, FOLLOWERS)
# Forty topics of four partitions take a loaded small machine some seconds.
VISIBLE_SECONDS_MAX = 60.0
POLL_SECONDS = 0.02
BROKER_DEFAULT = -1


async def create_topics(kafka: Address, partitions: int, *, adopt: bool = False) -> None:
    """Create what is missing and return when all have leaders; TopicsError if one has another number of partitions.

    `adopt`: that number is the one that is there, and `partitions` only if there is none.
    """
    async with admin_client(kafka) as admin:
        counts = await partition_counts(admin)
        if adopt:
            partitions = partitions_there(PLANNED, counts) or partitions
        missing = [topic for topic in PLANNED if topic.name not in counts]
        there = [topic for topic in PLANNED if counts.get(topic.name)]
        if wrong := partition_differences(there, counts, partitions):
            raise TopicsError("; ".join(wrong))
        await check_restored(admin, there)
        if missing:
            await create(admin, missing, partitions)
        await wait_until_visible(admin, partitions)


async def check_topics(kafka: Address, partitions: int | None = None) -> list[str]:
    """Return a sentence for each difference from what the pipeline needs; none if all is well."""
    return await differences(kafka, PLANNED, partitions)


async def create(admin: AIOKafkaAdminClient, missing: Sequence[Planned], partitions: int) -> None:
    """Create topics that are not there, or raise TopicsError."""
    answer = await admin.create_topics(
        [
            NewTopic(topic.name, partitions, BROKER_DEFAULT, replica_assignments={}, topic_configs=dict(topic.configs))
            for topic in missing
        ]
    )
    for name, code, why in answer.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise TopicsError(f"{name} cannot be created: {why or for_code(code).__name__}")


async def wait_until_visible(admin: AIOKafkaAdminClient, partitions: int) -> None:
    """Return when every topic is known and has leaders, or raise TopicsError."""
    deadline = time.monotonic() + VISIBLE_SECONDS_MAX
    while wrong := partition_differences(PLANNED, await partition_counts(admin), partitions):
        if time.monotonic() > deadline:
            raise TopicsError(f"after {VISIBLE_SECONDS_MAX:.0f} s: {'; '.join(wrong)}")
        await asyncio.sleep(POLL_SECONDS)
