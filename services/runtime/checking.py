"""Whether Kafka's topics are as planned: all there, one number of partitions, the settings that promises rest on.

A key's partition follows from the number of partitions, so a number that changes in place sends a key's records to
a unit that has not its state: services look before they start, and again while they run.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from services.runtime.address import Address, kafka_at
from services.runtime.planning import RESTORING, Planned
from services.runtime.settings import REQUEST_TIMEOUT_MS

# What is kept, and the bounds of what comes in. How long it is kept is the operator's to change.
COMPARED = ("cleanup.policy", "max.message.bytes", "compression.type", "message.timestamp.type")
_ASKED = dict.fromkeys((*COMPARED, *RESTORING), "")
NONE_THERE = (
    "none of the topics is there: `staydown topics create` makes them, `staydown restore` brings those of a copy back, "
    "onto a Kafka that has none yet"
)
RESTORE_UNFINISHED = (
    "a restore is under way, or was broken off: then begin it again on a Kafka without the topics, as "
    ".github/OPERATING.md says, since these are not whole"
)
NEVER_IN_PLACE = "the number is never changed in place; .github/OPERATING.md says how a cluster gets another one"


class TopicsError(Exception):
    """The topics are not as they must be. The message says which, and what to do."""


@asynccontextmanager
async def admin_client(kafka: Address) -> AsyncIterator[AIOKafkaAdminClient]:
    """Give a started admin client, and close it."""
    admin = AIOKafkaAdminClient(**kafka_at(kafka).options, request_timeout_ms=REQUEST_TIMEOUT_MS)
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


def partitions_there(planned: Sequence[Planned], counts: Mapping[str, int]) -> int | None:
    """Return the number of partitions that most of the topics have; None if none can be counted."""
    there = [count for topic in planned if (count := counts.get(topic.name))]
    return Counter(there).most_common(1)[0][0] if there else None


def partition_differences(
    planned: Sequence[Planned], counts: Mapping[str, int], partitions: int | None = None
) -> list[str]:
    """Return a sentence for each topic that is missing or has another number of partitions.

    That number is `partitions`, or the one that most have.
    """
    if planned and not any(topic.name in counts for topic in planned):
        return [NONE_THERE]
    if partitions is None:
        partitions = partitions_there(planned, counts) or 0
    found = []
    for topic in planned:
        count = counts.get(topic.name)
        if count is None:
            found.append(f"{topic.name} is missing: create it with `staydown topics create`")
        elif count != partitions:
            found.append(f"{topic.name} has {count} partitions and should have {partitions}: {NEVER_IN_PLACE}")
    return found


def config_differences(planned: Sequence[Planned], configs: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return a sentence for each setting of a topic that promises rest on and that is not as planned."""
    return [
        f"{topic.name} has {name}={there[name]} and should have {topic.configs[name]}: set it with kafka-configs"
        for topic in planned
        if (there := configs.get(topic.name))
        for name in COMPARED
        if name in topic.configs and name in there and there[name] != topic.configs[name]
    ]


async def check_restored(admin: AIOKafkaAdminClient, there: Sequence[Planned]) -> None:
    """Raise TopicsError if a copy was not brought back to its end."""
    if is_being_restored(there, await _configs(admin, [topic.name for topic in there])):
        raise TopicsError(RESTORE_UNFINISHED)


def is_being_restored(planned: Sequence[Planned], configs: Mapping[str, Mapping[str, str]]) -> bool:
    """Tell whether a topic is as `restore` keeps it until all is back, which is not as planned."""
    return any(
        RESTORING.items() <= there.items() and bool(config_differences([topic], configs))
        for topic in planned
        if (there := configs.get(topic.name))
    )


def with_leaders(planned: Sequence[Planned], counts: Mapping[str, int]) -> list[Planned]:
    """Return the topics but those of which a partition has no leader: these cannot be counted now."""
    return [topic for topic in planned if counts.get(topic.name) != 0]


async def differences(
    kafka: Address, planned: Sequence[Planned], partitions: int | None = None, *, running: bool = False
) -> list[str]:
    """Return a sentence for each difference between Kafka's topics and the plan.

    `running`: services run already, so a partition without a leader is a broker's trouble and no difference.
    """
    async with admin_client(kafka) as admin:
        counts = await partition_counts(admin)
        configs = await _configs(admin, [topic.name for topic in planned if topic.name in counts])
    if is_being_restored(planned, configs):
        return [RESTORE_UNFINISHED]
    compared = with_leaders(planned, counts) if running else planned
    return partition_differences(compared, counts, partitions) + config_differences(planned, configs)


async def _configs(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name, _ASKED) for name in names])
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for error, _, _, name, entries in (resource[:5] for resource in answer.resources)
        if not error
    }
