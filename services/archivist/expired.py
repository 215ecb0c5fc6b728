"""What retention removed before it was written: counted and told when an archivist starts.

By the record's own positions, since Kafka forgets those of a group that is away for a week, and no longer is most of
what is said kept. Each loss is told once: afterwards the record's position is where the topic begins.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from aiokafka import TopicPartition
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.archive.engine import writing
from services.archive.locks import hold_partitions
from services.archive.tables import POSITIONS
from services.archive.upserts import replace_older
from services.runtime.clients import lone_consumer
from services.runtime.metrics import RECORDS_EXPIRED
from services.runtime.settings import Settings

log = structlog.get_logger()


async def tell_expired(engine: AsyncEngine, settings: Settings) -> None:
    """Count and log what lies between the record's positions and the begins of partitions."""
    async with engine.connect() as connection:
        places = [TopicPartition(row["topic"], row["partition"]) for row in await _positions(connection)]
    begins = await _begins(settings, places)
    async with writing(engine) as connection:
        await hold_partitions(connection, {place.partition for place in places})
        await _forget(connection, [place for place in places if place not in begins])
        lost = [row for row in await _positions(connection) if row["next_offset"] < _begin(begins, row)]
        if lost:
            moved = [{**row, "next_offset": _begin(begins, row)} for row in lost]
            await replace_older(connection, POSITIONS, moved)
    for row in lost:
        records_max = _begin(begins, row) - row["next_offset"]
        RECORDS_EXPIRED.labels(row["topic"]).inc(records_max)
        log.error("expired", topic=row["topic"], partition=row["partition"], records_max=records_max)


async def _positions(connection: AsyncConnection) -> Sequence[Mapping[str, Any]]:
    return [dict(row) for row in (await connection.execute(select(POSITIONS))).mappings()]


async def _forget(connection: AsyncConnection, places: Sequence[TopicPartition]) -> None:
    """Forget the positions in partitions that are no more, since all was brought onto a Kafka with fewer."""
    for place in places:
        is_there = (POSITIONS.c.topic == place.topic) & (POSITIONS.c.partition == place.partition)
        await connection.execute(delete(POSITIONS).where(is_there))


async def _begins(settings: Settings, places: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
    if not places:
        return {}
    consumer = lone_consumer(settings)
    try:
        await consumer.start()
        for topic in {place.topic for place in places}:
            await consumer._client._wait_on_metadata(topic)  # noqa: SLF001  # a lone client has no other way
        there = [place for place in places if place.partition in consumer.partitions_for_topic(place.topic)]
        begins: Mapping[TopicPartition, int] = await consumer.beginning_offsets(there)
        return begins
    finally:
        await consumer.stop()


def _begin(begins: Mapping[TopicPartition, int], row: Mapping[str, Any]) -> int:
    return begins.get(TopicPartition(row["topic"], row["partition"]), 0)
