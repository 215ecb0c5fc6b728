"""A copy is taken and brought back by who may do that alone, on a Kafka that asks everybody what they may."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.protocol.admin import DeleteAclsRequest

from services.cli import run
from services.cluster.acls import ALLOW, LITERAL, OPERATIONS, RESOURCES, create_permissions, permissions_there
from services.cluster.permissions import Operation, Permission, Resource
from services.runtime.address import Kafka
from services.runtime.checking import RESTORE_UNFINISHED, admin_client, partition_counts
from services.runtime.planning import RESTORING
from services.runtime.provisioning import PLANNED, POLL_SECONDS, check_topics
from tests.wire.broker import ADMIN, PARTITIONS, SecuredKafka

SECONDS_MAX = 20.0
FIRST, LAST = PLANNED[0].name, PLANNED[-1].name
GROUP = "auditor"
SEEN = TopicPartition("verdicts.decided.v1", 1)
"""Somebody from outside stands here, between two records."""
NEEDED = (
    *(Permission(Resource.TOPIC, FIRST, each) for each in (Operation.CREATE, Operation.WRITE, Operation.DELETE)),
    Permission(Resource.TOPIC, LAST, Operation.ALTER_CONFIGS),
    Permission(Resource.TOPIC, SEEN.topic, Operation.READ),
    Permission(Resource.GROUP, GROUP, Operation.READ),
)
"""One of each kind that the restorer has, where it would be missed."""


@pytest.mark.kafka
def test_a_copy_is_taken_by_the_keeper_and_brought_back_by_the_restorer(
    secured: SecuredKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is where it was then; who takes copies cannot bring one back."""
    copy = _copied(secured, tmp_path, monkeypatch)
    assert run(["restore", copy]) == 1
    _act_as(monkeypatch, secured, "restorer")
    assert run(["restore", copy]) == 0
    asyncio.run(_until(lambda: check_topics(Kafka(secured.own), PARTITIONS), []))
    assert asyncio.run(_standing(secured.own)) == {"begins": 2, "stands": 3, "ends": 4}


@pytest.mark.kafka
def test_the_keeper_is_told_of_a_restore_that_was_broken_off(
    secured: SecuredKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Though it may change nothing, it sees how topics are kept; else a part would be saved as if it were all."""
    _act_as(monkeypatch, secured, "keeper")
    (verdicts,) = (each for each in PLANNED if each.name == SEEN.topic)
    asyncio.run(_keep(secured.own, verdicts.name, {**verdicts.configs, **RESTORING}))
    assert run(["backup", str(tmp_path / "copy")]) == 1
    assert RESTORE_UNFINISHED in " ".join(capsys.readouterr().err.split())
    asyncio.run(_keep(secured.own, verdicts.name, verdicts.configs))


@pytest.mark.kafka
def test_a_group_that_may_not_be_set_is_told_before_anything_is_begun(
    secured: SecuredKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A copy that a super user takes has the groups of everybody, and groups come last when it is brought back."""
    copy = _copied(secured, tmp_path, monkeypatch, ADMIN, "somebody's own")
    _act_as(monkeypatch, secured, "restorer")
    assert run(["restore", copy]) == 1
    assert "where the group somebody's own stands, which you may not set" in " ".join(capsys.readouterr().err.split())
    _act_as(monkeypatch, secured, ADMIN)
    assert run(["restore", copy]) == 0  # so none of the topics had been made


@pytest.mark.kafka
@pytest.mark.nightly
def test_the_restorer_has_no_right_too_many(
    secured: SecuredKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any one of its kinds it is refused."""
    copy = _copied(secured, tmp_path, monkeypatch)
    _act_as(monkeypatch, secured, "restorer")
    for each in NEEDED:
        asyncio.run(_take_away(secured.own, each))
        assert run(["restore", copy]) == 1, each
        asyncio.run(_give_back(secured.own, each))
        asyncio.run(_remove_topics(secured.own))
    assert run(["restore", copy]) == 0


def _copied(
    secured: SecuredKafka, folder: Path, monkeypatch: pytest.MonkeyPatch, who: str = "keeper", reader: str = GROUP
) -> str:
    """Have somebody take a copy, and remove the topics."""
    asyncio.run(_speak(secured.own, reader))
    _act_as(monkeypatch, secured, who)
    assert run(["backup", str(folder / "copy")]) == 0
    asyncio.run(_remove_topics(secured.own))
    return str(folder / "copy")


def _act_as(monkeypatch: pytest.MonkeyPatch, secured: SecuredKafka, name: str) -> None:
    for variable, value in secured.named(name).items():
        monkeypatch.setenv(variable, value)


async def _speak(own: str, reader: str) -> None:
    """Have two records in two topics, one of which has a reader behind the first."""
    async with AIOKafkaProducer(bootstrap_servers=own) as producer:
        for topic in (FIRST, SEEN.topic):
            for _ in range(2):
                await producer.send_and_wait(topic, None, b"k", partition=SEEN.partition)  # which all may read
    async with AIOKafkaConsumer(bootstrap_servers=own, group_id=reader, enable_auto_commit=False) as consumer:
        consumer.assign([SEEN])
        await consumer.commit({SEEN: 1})


async def _remove_topics(own: str) -> None:
    planned = {each.name for each in PLANNED}
    async with admin_client(Kafka(own)) as admin:

        async def there() -> set[str]:
            return planned & (await partition_counts(admin)).keys()

        await admin.delete_topics(list(await there()))
        await _until(there, set())


async def _keep(own: str, topic: str, configs: Mapping[str, str]) -> None:
    async with admin_client(Kafka(own)) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, dict(configs))])


async def _standing(own: str) -> dict[str, int | None]:
    """Return where the partition is in which somebody stands."""
    async with AIOKafkaConsumer(bootstrap_servers=own, group_id=GROUP, enable_auto_commit=False) as consumer:
        begins, ends = await consumer.beginning_offsets([SEEN]), await consumer.end_offsets([SEEN])
        return {"begins": begins[SEEN], "stands": await consumer.committed(SEEN), "ends": ends[SEEN]}


async def _take_away(own: str, one: Permission) -> None:
    """Delete a right of the restorer, as an administrator does, until neither controller nor broker know of it."""
    what = (RESOURCES[one.resource], one.name, LITERAL, "User:restorer", "*", OPERATIONS[one.operation], ALLOW)
    async with admin_client(Kafka(own)) as admin:

        async def known() -> tuple[int, bool]:
            answer = await admin._send_request(DeleteAclsRequest(*what))  # noqa: SLF001  # the client has no method
            ((_, _, deleted),) = answer.filter_responses
            return len(deleted), ("restorer", one) in await permissions_there(admin)

        await _until(known, (0, False))


async def _give_back(own: str, one: Permission) -> None:
    assert await create_permissions(Kafka(own), {"restorer": (one,)}) == 1
    async with admin_client(Kafka(own)) as admin:

        async def known() -> bool:
            return ("restorer", one) in await permissions_there(admin)

        await _until(known, True)


async def _until(what: Callable[[], Awaitable[object]], wanted: object) -> None:
    async with asyncio.timeout(SECONDS_MAX):
        while await what() != wanted:  # noqa: ASYNC110  # what happens in Kafka sets no event here
            await asyncio.sleep(POLL_SECONDS)
