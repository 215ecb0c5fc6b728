"""From Kafka into files: every topic of the pipeline, once nobody writes any more.

Promises: what is saved is what was committed; nothing is changed on Kafka; who still runs is told, and nothing is
saved beside them, since topics that are read one after another would not fit together.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import DescribeGroupsRequest_v2
from aiokafka.protocol.api import Request

from services.cluster.errors import ClusterError
from services.cluster.jars import Progress
from services.cluster.saved.manifest import Manifest, Part, path_of, write
from services.cluster.saved.places import standing
from services.cluster.saved.records import Kept, digest, opened_for_writing, put
from services.contracts.processor import Engine
from services.contracts.topics import changelog
from services.pipeline import PIPELINE
from services.runtime.address import Address, kafka_at
from services.runtime.changelog import OWN_KEY, UnitRecord, own_of
from services.runtime.checking import admin_client, check_restored, partition_counts, partition_differences
from services.runtime.provisioning import PLANNED
from services.runtime.store import Mark

# Above the session of a static member, which stays when its process has gone, and the timeout of a transaction.
QUIET_SECONDS_MAX = 30.0
LOOK_SECONDS = 0.25
POLL_MS = 50
CHANGELOGS = {changelog(each.name): each for each in PIPELINE if each.engine is Engine.EXACTLY_ONCE}

Standing = dict[tuple[str, int], set[int]]
Groups = dict[str, dict[str, list[int | None]]]


class _Described(Request[DescribeGroupsRequest_v2]):  # type: ignore[misc]  # aiokafka has no types
    """Asks how groups are. The client's own request takes an answer of version 3 for one of version 2."""

    API_KEY = DescribeGroupsRequest_v2.API_KEY

    def __init__(self, groups: Sequence[str]) -> None:
        self._groups = groups

    def build(self, kind: type[DescribeGroupsRequest_v2]) -> DescribeGroupsRequest_v2:
        """Return it in the one version that there is."""
        return kind(self._groups)


async def save(kafka: Address, folder: Path, tell: Progress, quiet_seconds: float = QUIET_SECONDS_MAX) -> Manifest:
    """Write everything into an empty folder, and return what was written; ClusterError if that cannot be done.

    `quiet_seconds`: how long it waits for the last member of a group to be gone.
    """
    _prepare(folder)
    async with admin_client(kafka) as admin:
        counts = await partition_counts(admin)
        if wrong := partition_differences(PLANNED, counts):
            raise ClusterError(f"The topics on {kafka} are not as they must be: {'; '.join(wrong)}.")
        await check_restored(admin, PLANNED)
        partitions = counts[PLANNED[0].name]
        await _until_quiet(admin, quiet_seconds)
        groups = await _groups(admin, partitions)
    async with _reader(kafka) as reader:
        topics = await _save_all(reader, folder, partitions, groups, tell)
    taken_at = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = Manifest(taken_at, version("staydown"), partitions, topics, groups)
    write(folder, manifest)
    return manifest


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ClusterError(f"{folder} is not empty: a copy has a folder of its own.")
    except OSError as error:
        raise ClusterError(f"{folder} cannot be used: {error.strerror}.") from error


async def _until_quiet(admin: AIOKafkaAdminClient, seconds: float) -> None:
    """Return when no group has members any more; ClusterError names those that have."""
    deadline = time.monotonic() + seconds
    while busy := await _busy(admin):
        if time.monotonic() > deadline:
            raise ClusterError(
                f"There are still members of {', '.join(busy)}: stop the services and uploads first "
                "(`staydown up --kafka-only` is a cluster of one machine without them)."
            )
        await asyncio.sleep(LOOK_SECONDS)


async def _busy(admin: AIOKafkaAdminClient) -> list[str]:
    found = []
    for name in sorted({name for name, *_ in await admin.list_consumer_groups()}):
        answer = await admin._client.send(await admin.find_coordinator(name), _Described([name]))  # noqa: SLF001
        found += [group[1] for group in answer.groups if group[2] not in ("Empty", "Dead")]
    return found


async def _groups(admin: AIOKafkaAdminClient, partitions: int) -> Groups:
    """Return where every group stands in the topics of the pipeline."""
    planned = {topic.name for topic in PLANNED}
    found: Groups = {}
    for name in sorted({name for name, *_ in await admin.list_consumer_groups()}):
        for at, each in (await admin.list_consumer_group_offsets(name)).items():
            if at.topic in planned and each.offset >= 0:
                offsets = found.setdefault(name, {}).setdefault(at.topic, [None] * partitions)
                offsets[at.partition] = each.offset
    return found


async def _save_all(
    reader: AIOKafkaConsumer, folder: Path, partitions: int, groups: Groups, tell: Progress
) -> dict[str, list[Part]]:
    """Save the changelogs first, since they say where units stand in the others."""
    stand: Standing = defaultdict(set)
    for offsets in groups.values():
        for topic, each in offsets.items():
            for number, offset in enumerate(each):
                stand[topic, number] |= set() if offset is None else {offset}
    saved: dict[str, list[Part]] = {}
    for topic in (*CHANGELOGS, *(each.name for each in PLANNED if each.name not in CHANGELOGS)):
        tell(f"saving {topic}")
        saved[topic] = []
        for number in range(partitions):
            part, own = await _save(reader, TopicPartition(topic, number), folder, stand[topic, number])
            saved[topic].append(part)
            for at, places in standing([(number, own)] if own else []).items():
                stand[at] |= places
    return saved


async def _save(
    reader: AIOKafkaConsumer, at: TopicPartition, folder: Path, stand: Iterable[int]
) -> tuple[Part, UnitRecord | None]:
    """Save one partition. Of a changelog the unit's own record comes last, and once."""
    path, count, own = path_of(folder, *at), 0, None
    left = sorted(stand)
    places: dict[int, int] = {}
    first, end = await _bounds(reader, at)
    with opened_for_writing(path) as file:
        async for record in _records(reader, at, first, end):
            while left and left[0] <= record.offset:
                places[left.pop(0)] = count
            if at.topic in CHANGELOGS and record.key == OWN_KEY:
                own = record
                continue
            put(file, _kept(record))
            count += 1
        if own is not None:
            put(file, _kept(own))
            count += 1
    places |= dict.fromkeys(left, count)
    part = Part(first, end, count, digest(path), places)
    return part, None if own is None else own_of(Mark(own.offset, own.value))


def _kept(record: Any) -> Kept:
    return Kept(record.timestamp, record.key, record.value, tuple(record.headers))


async def _bounds(reader: AIOKafkaConsumer, at: TopicPartition) -> tuple[int, int]:
    reader.assign([at])
    first: Mapping[TopicPartition, int] = await reader.beginning_offsets([at])
    ends: Mapping[TopicPartition, int] = await reader.end_offsets([at])
    return first[at], ends[at]


async def _records(reader: AIOKafkaConsumer, at: TopicPartition, first: int, end: int) -> AsyncIterator[Any]:
    reader.seek(at, first)
    while await reader.position(at) < end:
        found: Mapping[TopicPartition, Sequence[Any]] = await reader.getmany(at, timeout_ms=POLL_MS)
        for record in found.get(at, ()):
            yield record


def _reader(kafka: Address) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        **kafka_at(kafka).options,
        group_id=None,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
