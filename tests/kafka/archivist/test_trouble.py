"""On a real Kafka: what nobody can read, what is gone and who is away, one archivist and one record for all of it."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import RecordsToDelete
from sqlalchemy import URL, Table, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.engine import archive_url, open_archive, writing
from services.archive.tables import NOTICES, POSITIONS, SUBMISSIONS
from services.archivist import ARCHIVIST
from services.cluster.probe import wait_until_ready
from services.cluster.running import RunningKafka, running_kafka
from services.contracts.topics import NOTICES_ISSUED, UPLOADS_SUBMITTED, dead_letters
from services.runtime.checking import admin_client
from services.runtime.ending import EXIT_BROKEN
from services.runtime.partitioning import partition_of
from services.runtime.provisioning import create_topics
from tests.archive import facts
from tests.conftest import background_loop
from tests.kafka.archivist.process import POLL_SECONDS, Archivist, running_archivist
from tests.kafka.archivist.telling import PARTITIONS, lives, tell, until_written
from tests.kafka.unreadable import send_unreadable_header

pytestmark = pytest.mark.kafka

DEAD = dead_letters(UPLOADS_SUBMITTED.name, ARCHIVIST.name)
SECONDS_MAX = 60.0
# A socket that listens, and 127.0.0.1, in /proc/net/tcp.
LISTENS, LOOPBACK = "0A", "0100007F"


@dataclass(frozen=True, slots=True)
class World:
    """A Kafka with every topic, and where the record is."""

    running: RunningKafka
    archive: URL
    log: Path

    @property
    def kafka(self) -> str:
        """Its address."""
        return self.running.bootstrap


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run a Kafka for these tests alone, since what is in its topics is in the record, and they end its broker."""
    folder = tmp_path_factory.mktemp("trouble")
    with background_loop() as loop:
        context = running_kafka(folder / "kafka", lambda _: None)
        running = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result()
        asyncio.run(create_topics(running.bootstrap, PARTITIONS))
        yield World(running, archive_url("", str(folder)), folder / "archivist.log")
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result()


def test_what_cannot_be_read_is_a_dead_letter_and_holds_nothing_up(world: World) -> None:
    """Bytes that are no JSON, a key that is another's, and a header's name that the Kafka client stumbles over."""

    async def scenario(archivist: Archivist, engine: AsyncEngine) -> None:
        await tell(world.kafka, [facts.submission("good-1", "ann")])
        async with AIOKafkaProducer(bootstrap_servers=world.kafka) as producer:
            await producer.send_and_wait(UPLOADS_SUBMITTED.name, b"\xff\xfe", b"bad", 0, headers=[("mine", None)])
            await producer.send_and_wait(UPLOADS_SUBMITTED.name, b"{}", b"bad", 0)
            await send_unreadable_header(producer, UPLOADS_SUBMITTED.name)
        await tell(world.kafka, [facts.submission(f"good-{number}", "ann") for number in range(2, 20)])
        await until_written(world.kafka, engine)
        assert await _ids(engine, SUBMISSIONS) >= {f"good-{number}" for number in range(1, 20)}
        letters = await _all(world.kafka, DEAD)
        assert [(each.key, each.value) for each in letters] == [(b"bad", b"\xff\xfe"), (b"bad", b"{}"), (None, None)]
        assert dict(letters[0].headers)["staydown-service"] == b"archivist"
        page = await archivist.page("/metrics")
        assert f'staydown_dead_letters_total{{topic="{UPLOADS_SUBMITTED.name}"}} 3.0' in page
        assert archivist.said().count('"dead_letter"') == 3

    _run(world, scenario)


def test_what_cannot_be_read_holds_nothing_up_though_nothing_follows_it(world: World) -> None:
    """The client loses what it fetched when it stumbles, and is to ask again before it is given up waiting for."""

    async def scenario(_archivist: Archivist, engine: AsyncEngine) -> None:
        await tell(world.kafka, [facts.submission("good-20", "ann")])
        await until_written(world.kafka, engine)
        before = len(await _all(world.kafka, DEAD))
        async with AIOKafkaProducer(bootstrap_servers=world.kafka) as producer:
            await send_unreadable_header(producer, UPLOADS_SUBMITTED.name)
        await until_written(world.kafka, engine)
        assert len(await _all(world.kafka, DEAD)) == before + 1

    _run(world, scenario)


def test_it_listens_for_its_own_page_alone(world: World) -> None:
    """Faust would serve pages of its own on every address."""

    async def scenario(archivist: Archivist, _engine: AsyncEngine) -> None:
        port = int(archivist.address.rpartition(":")[2])
        assert _listening(archivist.process.pid) == {f"{LOOPBACK}:{port:04X}"}

    _run(world, scenario)


def test_a_stop_while_it_is_busy_loses_nothing(world: World) -> None:
    """It ends in good order with records taken that are not written, and these are written the next time."""

    async def is_busy(_archivist: Archivist, _engine: AsyncEngine) -> None:
        await tell(world.kafka, lives(range(200, 350)))

    async def goes_on(_archivist: Archivist, engine: AsyncEngine) -> None:
        await until_written(world.kafka, engine)
        assert await _ids(engine, NOTICES) >= {f"n-{number}" for number in range(200, 350)}

    _run(world, is_busy)
    _run(world, goes_on)


def test_what_the_database_holds_up_is_seen_to_get_older(world: World) -> None:
    """It has been fetched and is not written, so it waits; afterwards nothing does."""
    shown = (
        f'staydown_lag_seconds{{partition="{partition_of(b"held-up", PARTITIONS)}",topic="{UPLOADS_SUBMITTED.name}"}} '
    )

    async def scenario(archivist: Archivist, engine: AsyncEngine) -> None:
        async with writing(engine):
            await tell(world.kafka, [facts.submission("held-up", "ann")])
            await _until(lambda page: float((page.partition(shown)[2].split() or ["0"])[0]) > 2, archivist)
        await until_written(world.kafka, engine)
        await _until(lambda page: f"{shown}0.0" in page, archivist)

    _run(world, scenario)


def test_it_goes_on_when_the_broker_has_been_away(world: World) -> None:
    """The broker is killed while it writes; nothing is lost or written twice, whoever starts again for it."""

    async def scenario(archivist: Archivist, engine: AsyncEngine) -> None:
        await tell(world.kafka, lives(range(100, 150)))
        for pid in world.running.pids().values():
            os.kill(pid, signal.SIGKILL)
        keeping = asyncio.create_task(_keep(archivist))
        await wait_until_ready(world.kafka, SECONDS_MAX)
        await tell(world.kafka, lives(range(150, 200)))
        await until_written(world.kafka, engine)
        keeping.cancel()
        assert await _ids(engine, NOTICES) >= {f"n-{number}" for number in range(100, 200)}

    _run(world, scenario)


def test_what_retention_removed_meanwhile_is_counted_once(world: World) -> None:
    """What was said while it was away and is gone is told by metric and log, and the rest is written.

    Of a partition that is no more, since all was brought onto a Kafka with fewer, nothing is asked or told.
    """
    gone = {"topic": NOTICES_ISSUED.name, "partition": 99, "next_offset": 1, "at_ms": 1}
    counted = f'staydown_records_expired_total{{topic="{NOTICES_ISSUED.name}"}}'

    async def knows_the_partition(_archivist: Archivist, engine: AsyncEngine) -> None:
        await tell(world.kafka, [facts.notice("before", "lost")])
        await until_written(world.kafka, engine)
        async with writing(engine) as connection:
            await connection.execute(insert(POSITIONS).values(gone))

    async def tells(archivist: Archivist, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            assert gone["partition"] not in (await connection.execute(select(POSITIONS.c.partition))).scalars().all()
        assert f"{counted} 30.0" in await archivist.page("/metrics")
        assert archivist.said().count('"expired"') == 1
        await tell(world.kafka, [facts.notice("after", "lost")])
        await until_written(world.kafka, engine)
        assert "after" in await _ids(engine, NOTICES)

    async def tells_nothing(archivist: Archivist, _engine: AsyncEngine) -> None:
        assert f"{counted} 0.0" in await archivist.page("/metrics")

    _run(world, knows_the_partition)
    asyncio.run(_lose(world.kafka))
    _run(world, tells)
    _run(world, tells_nothing)


def test_an_error_of_the_database_ends_it(world: World, tmp_path: Path) -> None:
    """Whatever Faust has under way, the process is gone, to be started again."""

    async def run() -> None:
        archive = archive_url("", str(tmp_path))
        engine = open_archive(archive)
        async with running_archivist(world.kafka, archive, tmp_path / "log") as archivist:
            async with writing(engine) as connection:
                await connection.execute(text("DROP TABLE submissions"))
            await tell(world.kafka, [facts.submission("unwritten", "ann")])
            assert await asyncio.wait_for(archivist.process.wait(), SECONDS_MAX) == EXIT_BROKEN
        await engine.dispose()

    asyncio.run(run())


async def _until(is_so: Callable[[str], bool], archivist: Archivist) -> None:
    """Return when its metrics say so."""
    async with asyncio.timeout(SECONDS_MAX):
        while not is_so(await archivist.page("/metrics")):  # noqa: ASYNC110  # another process tells only when asked
            await asyncio.sleep(POLL_SECONDS)


async def _keep(archivist: Archivist) -> None:
    """Start it again whenever it ends, as its supervisor does."""
    while True:
        await archivist.process.wait()
        await archivist.start()


async def _lose(kafka: str) -> None:
    """Say thirty things to one person, and remove them before anybody has read them."""
    await tell(kafka, [facts.notice(f"lost-{number}", "lost") for number in range(30)])
    at = TopicPartition(NOTICES_ISSUED.name, partition_of(b"lost", PARTITIONS))
    async with AIOKafkaConsumer(bootstrap_servers=kafka) as consumer, admin_client(kafka) as admin:
        end = (await consumer.end_offsets([at]))[at]
        await admin.delete_records({at: RecordsToDelete(end)})


def _run(world: World, scenario: Callable[[Archivist, AsyncEngine], Coroutine[Any, Any, None]]) -> None:
    """Run an archivist on the record as it was left, play the scenario, and stop it in good order."""

    async def run() -> None:
        engine = open_archive(world.archive)
        async with running_archivist(world.kafka, world.archive, world.log) as archivist:
            await scenario(archivist, engine)
            assert await archivist.end(signal.SIGTERM) == 0
        await engine.dispose()

    asyncio.run(run())


async def _ids(engine: AsyncEngine, table: Table) -> set[str]:
    """Return the first column of a table's keys."""
    async with engine.connect() as connection:
        return set(await connection.scalars(select(next(iter(table.primary_key)))))


async def _all(kafka: str, topic: str) -> list[Any]:
    """Return all records of a topic's first partition."""
    at = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=kafka) as consumer:
        consumer.assign([at])
        consumer.seek(at, 0)
        end = (await consumer.end_offsets([at]))[at]
        found: list[Any] = []
        while len(found) < end:
            found.append(await consumer.getone())
    return found


def _listening(pid: int) -> set[str]:
    """Return the addresses at which a process listens, as Linux writes them."""
    sockets = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            sockets.add(str(each.readlink()))
    texts = [Path(f"/proc/{pid}/net/{name}").read_text() for name in ("tcp", "tcp6")]
    lines = [line.split() for text_of in texts for line in text_of.splitlines()]
    return {line[1] for line in lines if line[3] == LISTENS and f"socket:[{line[9]}]" in sockets}
