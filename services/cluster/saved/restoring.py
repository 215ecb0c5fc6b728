"""From files onto a Kafka that has none of the topics: records, offsets and places, so that services go on.

Promises: nothing is begun before every file has been checked; a Kafka that has one of the topics is left as it is. A
restore that was broken off is begun again on a Kafka without them: topics get the settings by which services know them
at the very end, so nobody starts on a part. With another number of partitions a copy is made of the copy first, below
TMPDIR, and that one is brought back.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import GroupAuthorizationFailedError

from services.cluster.errors import ClusterError
from services.cluster.jars import Progress
from services.cluster.saved.checking import check
from services.cluster.saved.manifest import Manifest, path_of
from services.cluster.saved.places import Places, base
from services.cluster.saved.records import Kept, records
from services.cluster.saved.repartitioning import repartition
from services.cluster.saved.shapes import AS_IT_WAS, Wanted
from services.runtime.address import Address, kafka_at
from services.runtime.changelog import OWN_KEY, own_of
from services.runtime.checking import admin_client, check_restored, partition_counts
from services.runtime.planning import DEAD_LETTER_BYTES_MAX, RESTORING, Planned
from services.runtime.provisioning import PLANNED, create, wait_until_visible
from services.runtime.store import Mark

BATCH_BYTES_MAX = 512 * 1024
# Empty records take some 10 bytes each in a batch.
FILLING = 40_000
NOTHING = Kept(0, None, None, ())


async def restore(kafka: Address, folder: Path, tell: Progress, wanted: Wanted = AS_IT_WAS) -> Manifest:
    """Bring everything back; ClusterError if that cannot be done.

    For another number of partitions, or of parts of the index, the copy must be of a cluster at rest (`at_rest.py`).
    """
    manifest = await asyncio.to_thread(check, folder, wanted)
    if wanted.is_as(manifest.partitions):
        return await _bring_back(kafka, folder, manifest, tell)
    with TemporaryDirectory(prefix="staydown-restore-") as scratch:
        tell(f"moving everything to {wanted.partitions or manifest.partitions} partitions")
        try:
            made = await asyncio.to_thread(repartition, folder, manifest, wanted, Path(scratch))
        except OSError as error:
            raise ClusterError(f"The second copy, below TMPDIR, could not be made: {error.strerror}.") from error
        return await _bring_back(kafka, Path(scratch), made, tell)


async def _bring_back(kafka: Address, folder: Path, manifest: Manifest, tell: Progress) -> Manifest:
    places = Places(manifest, uuid4().hex)
    await _check_groups(kafka, manifest)
    async with admin_client(kafka) as admin, _writer(kafka) as producer:
        await _create(admin, kafka, manifest)
        for topic in PLANNED:
            tell(f"restoring {topic.name}")
            for number in range(manifest.partitions):
                await _restore(admin, producer, places, folder, TopicPartition(topic.name, number))
        for name in manifest.groups:
            await _place(kafka, name, places)
        await _configure(admin)
    return manifest


async def _check_groups(kafka: Address, manifest: Manifest) -> None:
    """Refuse a copy of a group that may not be set here: groups come last, when all else has been done for nothing."""
    for name in manifest.groups:
        async with _member(kafka, name) as consumer:
            try:
                await consumer.committed(TopicPartition(PLANNED[0].name, 0))
            except GroupAuthorizationFailedError:
                raise ClusterError(
                    f"The copy says where the group {name} stands, which you may not set on {kafka}: allow it (Read), "
                    "or restore as who may set every group."
                ) from None


async def _create(admin: AIOKafkaAdminClient, kafka: Address, manifest: Manifest) -> None:
    there = await partition_counts(admin)
    if found := [topic for topic in PLANNED if topic.name in there]:
        await check_restored(admin, found)
        raise ClusterError(f"{kafka} has {found[0].name} already: a copy is restored onto a Kafka without the topics.")
    await create(admin, [_meanwhile(topic) for topic in PLANNED], manifest.partitions)
    await wait_until_visible(admin, manifest.partitions)


def _meanwhile(topic: Planned) -> Planned:
    return replace(topic, configs={**topic.configs, **RESTORING})


async def _restore(
    admin: AIOKafkaAdminClient, producer: AIOKafkaProducer, places: Places, folder: Path, at: TopicPartition
) -> None:
    """Bring one partition back, each record at the offset that it has from now on."""
    part = places.manifest.topics[at.topic][at.partition]
    if begins := base(at.topic, part):
        await _write(producer, at, (NOTHING for _ in range(begins)), FILLING)
        await admin.delete_records({at: RecordsToDelete(begins)})
    own = (_with_own(each, at.partition, places) for each in records(path_of(folder, *at)))
    written = await _write(producer, at, own)
    assert written in (None, begins + part.count - 1), f"{at} ends at {written}"  # noqa: S101  # an invariant


def _with_own(record: Kept, partition: int, places: Places) -> Kept:
    """Return the record; a unit's own with its offsets as they are now."""
    if record.key != OWN_KEY or record.value is None:
        return record
    own = places.unit(partition, own_of(Mark(0, record.value)))
    return Kept(record.timestamp, record.key, own.packed(), record.headers)


async def _write(
    producer: AIOKafkaProducer, at: TopicPartition, kept: Iterable[Kept], together: int = FILLING
) -> int | None:
    """Write records in their order, and return the offset of the last."""
    last = None
    for batch in _batches(producer, kept, together):
        written = await (await producer.send_batch(batch, at.topic, partition=at.partition))
        last = written.offset + batch.record_count() - 1
    return last


def _batches(producer: AIOKafkaProducer, kept: Iterable[Kept], together: int) -> Iterator[Any]:
    """Yield batches; an empty one takes a record of any size."""
    batch = producer.create_batch()
    for record in kept:
        headers = list(record.headers)
        args = {"key": record.key, "value": record.value, "timestamp": record.timestamp, "headers": headers}
        if batch.record_count() >= together or batch.append(**args) is None:
            yield batch
            batch = producer.create_batch()
            batch.append(**args)
    if batch.record_count():
        yield batch


async def _configure(admin: AIOKafkaAdminClient) -> None:
    """Let every topic be kept as planned from now on."""
    answers = await admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, topic.name, dict(topic.configs)) for topic in PLANNED]
    )
    for answer in answers:
        for code, why, _, name in answer.resources:
            if code:
                raise ClusterError(f"{name} could not be configured: {why}.")


async def _place(kafka: Address, group: str, places: Places) -> None:
    """Have a group stand where it stood."""
    offsets = {TopicPartition(*at): offset for at, offset in places.group(group).items()}
    async with _member(kafka, group) as consumer:
        consumer.assign(list(offsets))
        await consumer.commit(offsets)


def _member(kafka: Address, group: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(**kafka_at(kafka).options, group_id=group, enable_auto_commit=False)


@asynccontextmanager
async def _writer(kafka: Address) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        **kafka_at(kafka).options,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=BATCH_BYTES_MAX,
        max_request_size=DEAD_LETTER_BYTES_MAX,
    )
    try:
        await producer.start()
        yield producer
    finally:
        await producer.stop()
