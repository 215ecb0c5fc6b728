"""Whether Kafka's topics are as planned: all there, one number of partitions, the right cleanup policy.

A key's partition follows from the number of partitions, so a number that changes in place sends a key's records to
a unit that has not its state: services look before they start, and again while they run.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from services.runtime.planning import Planned
from services.runtime.settings import REQUEST_TIMEOUT_MS

NEVER_IN_PLACE = "the number is never changed in place; copy the topics and the state to new ones"


class TopicsError(Exception):
    """The topics are not as they must be. The message says which, and what to do."""


@asynccontextmanager
async def admin_client(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Give a started admin client, and close it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def partition_counts(admin: AIOKafkaAdminClient) -> dict[str, int]:
    """Return the number of partitions of every topic; 0 while one of them has no leader.

    All are asked for, since naming a missing one makes some brokers create it.
    """
    return {
        each["topic"]: 0 if any(part["error_code"] for part in each["partitions"]) else len(each["partitions"])
        for each in await admin.describe_topics()
    }


def partition_differences(
    planned: Sequence[Planned], counts: Mapping[str, int], partitions: int | None = None
) -> list[str]:
    """Return a sentence for each topic that is missing or has another number of partitions.

    That number is `partitions`, or the one that most have.
    """
    there = [counts[topic.name] for topic in planned if topic.name in counts]
    if partitions is None and there:
        partitions = Counter(there).most_common(1)[0][0]
    found = []
    for topic in planned:
        count = counts.get(topic.name)
        if count is None:
            found.append(f"{topic.name} is missing: create it with `staydown topics create`")
        elif count != partitions:
            found.append(f"{topic.name} has {count} partitions and should have {partitions}: {NEVER_IN_PLACE}")
    return found


async def differences(bootstrap: str, planned: Sequence[Planned], partitions: int | None = None) -> list[str]:
    """Return a sentence for each difference between Kafka's topics and the plan."""
    async with admin_client(bootstrap) as admin:
        counts = await partition_counts(admin)
        policies = await _cleanup_policies(admin, [topic.name for topic in planned if topic.name in counts])
    found = partition_differences(planned, counts, partitions)
    return found + [
        f"{topic.name} has the cleanup policy {policies[topic.name]} and should have {topic.cleanup_policy}"
        for topic in planned
        if topic.name in policies and policies[topic.name] != topic.cleanup_policy
    ]


async def _cleanup_policies(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, str]:
    if not names:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name, {"cleanup.policy": ""}) for name in names]
    answers = await admin.describe_configs(resources)
    return {
        name: entries[0][1]
        for answer in answers
        for error, _, _, name, entries in (resource[:5] for resource in answer.resources)
        if not error and entries
    }
