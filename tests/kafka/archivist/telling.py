"""Writing facts into the public topics, and waiting until they are in the record."""

import asyncio
import time
from collections.abc import Iterable, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from sqlalchemy import URL, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.engine import open_archive
from services.archive.migrating import migrate
from services.archive.tables import POSITIONS
from services.archivist import ARCHIVIST
from services.archivist.rebuilding import rebuild
from services.contracts.codec import encode
from tests.archive import facts
from tests.archive.facts import Said
from tests.archive.rows import Rows, all_rows

PARTITIONS = 4
SECONDS_MAX = 60.0
POLL_SECONDS = 0.05


def life(number: int) -> list[Said]:
    """Return what is said of one upload among many: eight facts, of all kinds of people, unlike any other's."""
    upload, work = f"u-{number}", f"song-{number % 7}"
    return [
        facts.submission(upload, f"ann-{number % 5}"),
        facts.verdict(upload),
        facts.registration(work, f"s-{number}"),
        facts.receipt(work, submission_id=f"s-{number}"),
        facts.takedown(upload, work, uploader=f"ann-{number % 5}"),
        facts.notice(f"n-{number}", f"ann-{number % 5}", upload),
        facts.dispute(upload, f"o-{number}"),
        facts.standing(f"ann-{number % 5}"),
    ]


async def tell(kafka: str, said: Iterable[Said]) -> None:
    """Write facts."""
    async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=5) as producer:
        sent = []
        for topic, key, fact in said:
            value = None if fact is None else encode(fact)
            sent.append(await producer.send(topic.name, value, key.encode()))
        await asyncio.gather(*sent)


async def until_written(kafka: str, engine: AsyncEngine) -> None:
    """Return when everything that is in the topics now is in the record; AssertionError after the deadline."""
    ends = await _ends(kafka)
    deadline = time.monotonic() + SECONDS_MAX
    while (there := await _positions(engine)) != ends:
        late = {at: (there.get(at), end) for at, end in ends.items() if there.get(at) != end}
        assert time.monotonic() < deadline, f"not within {SECONDS_MAX} s: {late}"
        await asyncio.sleep(POLL_SECONDS)


async def as_the_topics_say(kafka: str, url: URL) -> Rows:
    """Return the rows that the topics come to, read once and in their order, into a database of their own."""
    engine = open_archive(url)
    await migrate(engine)
    await rebuild(engine, kafka)
    rows = await all_rows(engine)
    await engine.dispose()
    return rows


def lives(numbers: Iterable[int]) -> Sequence[Said]:
    """Return what is said of many uploads."""
    return [said for number in numbers for said in life(number)]


async def _ends(kafka: str) -> dict[tuple[str, int], int]:
    async with AIOKafkaConsumer(bootstrap_servers=kafka) as consumer:
        every = [TopicPartition(topic.name, number) for topic in ARCHIVIST.reads for number in range(PARTITIONS)]
        ends = await consumer.end_offsets(every)
    return {(at.topic, at.partition): end for at, end in ends.items() if end}


async def _positions(engine: AsyncEngine) -> dict[tuple[str, int], int]:
    async with engine.connect() as connection:
        rows = await connection.execute(select(POSITIONS.c.topic, POSITIONS.c.partition, POSITIONS.c.next_offset))
        return {(topic, partition): next_offset for topic, partition, next_offset in rows}
