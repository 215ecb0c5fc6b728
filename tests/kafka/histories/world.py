"""A real cluster as the histories and the checks of the simulator see it: `staydown up` in a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from services.cluster.probe import wait_until_ready
from services.cluster.state import RunningCluster, read_running
from services.contracts.codec import decode, decode_record
from services.contracts.decided import WorkReceipt
from services.contracts.malformed import MalformedError
from services.contracts.processor import Engine
from services.contracts.reading import Failure
from services.contracts.rules import RULES, Rules
from services.contracts.submitted import UploadDeleted
from services.contracts.topics import TAKEDOWNS_ISSUED, VERDICTS_DECIDED, WORKS_RECEIPTS, Topic, changelog
from services.pipeline import PIPELINE
from services.runtime.signing import signed_part
from services.runtime.store import entry_of, kind_of, unpack
from tests.simulator.files import Files, bytes_of
from tests.simulator.log import Written
from tests.simulator.topics import Headers

READY_SECONDS_MAX = 90
STOP_SECONDS_MAX = 30
WATCHED = {topic.name: topic for topic in (VERDICTS_DECIDED, TAKEDOWNS_ISSUED)}
UNIT_RECORD = b"\x00\x00"
"""The changelog's record of a unit itself begins with the key of length 0, which no entry has."""


class RealFiles(Files):
    """Files on disk, replaced at once as a whole."""

    def __init__(self, root: Path) -> None:
        super().__init__(flaky=0.0)
        self.root = root

    def uri(self, name: str) -> str:
        """Return the address of a file's name."""
        return f"file:{self.root / name}"

    def put(self, uri: str, what: str | Failure) -> None:
        """Let `what` stand at an address from now on."""
        super().put(uri, what)
        path = Path(uri.removeprefix("file:"))
        if isinstance(what, Failure):
            path.unlink(missing_ok=True)
            return
        new = path.with_suffix(".new")
        new.write_bytes(bytes_of(what))
        new.rename(path)


class RealCluster:
    """Publishes to a running cluster and remembers when; follows the receipts; kills its processes."""

    def __init__(self, state: Path, producer: AIOKafkaProducer, receipts: AIOKafkaConsumer) -> None:
        self.state = state
        self._producer = producer
        self._consumer = receipts
        self._outbox: list[tuple[Topic, str, bytes | None, Headers]] = []
        self._latest: dict[tuple[str, str], object] = {}
        self.steps: dict[tuple[str, int, int], float] = {}

    @property
    def running(self) -> RunningCluster:
        """What runs at the moment."""
        return read_running(self.state)

    @property
    def now(self) -> int:
        """The clock, in milliseconds since the epoch."""
        return time.time_ns() // 1_000_000

    def pass_time(self, milliseconds: int) -> None:
        """Let no time pass but what passes by itself: the clock of a real cluster is nobody's to set."""

    def last(self, topic: Topic, key: str) -> object | None:
        """Return the last fact with that key that has been read, or None."""
        return self._latest.get((topic.name, key))

    def publish(self, topic: Topic, key: str, value: bytes | None, headers: Headers = ()) -> None:
        """Put a record into the outbox; `flush` sends it."""
        self._outbox.append((topic, key, value, headers))

    async def flush(self) -> None:
        """Send what waits, one after another, each acknowledged before the next."""
        for topic, key, value, headers in self._outbox:
            sent = time.time() * 1000
            at = await self._producer.send_and_wait(topic.name, value, key.encode(), headers=list(headers))
            self.steps[topic.name, at.partition, at.offset] = sent
        self._outbox.clear()

    async def receipts(self) -> list[WorkReceipt]:
        """Return the receipts that can be read since the last call; each is remembered as read now.

        What people dispute and review, verdicts and takedowns, is read on the way.
        """
        found = []
        batch = await self._consumer.getmany(timeout_ms=20)
        for place, records in batch.items():
            for record in records:
                if place.topic != WORKS_RECEIPTS.name:
                    self._remember(WATCHED[place.topic], record)
                    continue
                self.steps[place.topic, place.partition, record.offset] = time.time() * 1000
                found.append(decode(WorkReceipt, record.value))
        return found

    def _remember(self, topic: Topic, record: ConsumerRecord) -> None:
        key, fact = _decoded(topic, record.key, record.value)
        self._latest[topic.name, key] = fact

    def kill(self, name: str) -> None:
        """Kill a service or a node of Kafka at once, unless it is dead already; `up` starts it again."""
        running = self.running
        pid = running.services[name].pid if name in running.services else running.kafka[name]
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a service, unless it is just being started again: SIGSTOP freezes it, SIGCONT thaws it."""
        with suppress(ProcessLookupError):
            os.kill(self.running.services[name].pid, number)

    @asynccontextmanager
    async def second_worker(self, name: str, files: RealFiles) -> AsyncIterator[None]:
        """Run one more worker of a service beside the one of the cluster."""
        settings = {
            "STAYDOWN_KAFKA": self.running.bootstrap,
            "STAYDOWN_MEDIA_ROOTS": str(files.root),
            "STAYDOWN_HTTP": "127.0.0.1:0",
            "STAYDOWN_INSTANCE": "1",
            "STAYDOWN_STATE_DIR": str(self.state.resolve() / "stores"),  # and so in the way of who has a folder there
        }
        command = [sys.executable, "-m", f"services.{name}"]
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **settings})
        try:
            yield
        finally:
            with suppress(ProcessLookupError):  # who is fenced ends by itself, and this one nobody starts again
                process.terminate()
            await asyncio.wait_for(process.wait(), STOP_SECONDS_MAX)

    async def log(self) -> "RealLog":
        """Read everything that is committed, once the broker is there."""
        await wait_until_ready(self.running.bootstrap, READY_SECONDS_MAX)
        return await read_log(self.running.bootstrap, self.steps)


class Stored(NamedTuple):
    """A record as it stands in a topic. `step`: when it was written or read, for causality; `time`: in ms."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    step: float
    time: int
    headers: Headers


class RealLog:
    """All that a cluster has written, read from its topics."""

    def __init__(self, records: dict[str, list[Stored]]) -> None:
        self._records = records
        self.now = time.time_ns() // 1_000_000
        self.rules: Rules = RULES

    def stored(self, topic: Topic) -> list[Stored]:
        """Return the records of a topic as they stand there."""
        return self._records.get(topic.name, [])

    def written(self, topic: Topic) -> list[Written]:
        """Return the log of a topic, decoded; a malformed record is left out."""
        found = []
        for one in self._records.get(topic.name, []):
            try:
                text, fact = _decoded(topic, one.key, one.value)
            except MalformedError:
                continue
            signed = signed_part(topic.name, one.key, one.value, one.headers) if topic.signed else None
            found.append(Written(text, fact, one.partition, one.offset, one.step, one.time, signed))
        return found

    def entries(self) -> Iterator[tuple[str, str, object]]:
        """Return (key, name, entry) for every entry of every service's state."""
        for processor in (one for one in PIPELINE if one.engine is Engine.EXACTLY_ONCE):
            latest = {(one.partition, one.key): one.value for one in self._records[changelog(processor.name)]}
            for (_, record_key), value in latest.items():
                if value is not None and record_key is not None and not record_key.startswith(UNIT_RECORD):
                    key, name = entry_of(record_key)
                    yield key, name, decode(processor.entries[kind_of(name)], unpack(value))


async def read_log(bootstrap: str, steps: dict[tuple[str, int, int], float]) -> RealLog:
    """Read every topic of the pipeline from its beginning to its end."""
    names = {topic.name for processor in PIPELINE for topic in (*processor.reads, *processor.writes)}
    names |= {changelog(one.name) for one in PIPELINE if one.engine is Engine.EXACTLY_ONCE}
    records: dict[str, list[Stored]] = {name: [] for name in names}
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed", enable_auto_commit=False)
    await consumer.start()
    try:
        places = [
            TopicPartition(name, number)
            for name in sorted(names)
            for number in sorted(await _partitions(consumer, name))
        ]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while not all([await consumer.position(place) >= end for place, end in ends.items()]):
            for place, batch in (await consumer.getmany(timeout_ms=50)).items():
                records[place.topic] += [_stored(place, one, steps) for one in batch]
    finally:
        await consumer.stop()
    return RealLog(records)


def _stored(place: TopicPartition, one: ConsumerRecord, steps: dict[tuple[str, int, int], float]) -> Stored:
    step = steps.get((place.topic, place.partition, one.offset), _default_step(place.topic, one.timestamp))
    headers = tuple((name, value or b"") for name, value in one.headers)
    return Stored(place.partition, one.offset, one.key, one.value, step, one.timestamp, headers)


async def _partitions(consumer: AIOKafkaConsumer, name: str) -> set[int]:
    await consumer._client._wait_on_metadata(name)  # noqa: SLF001  # a consumer without a subscription has no other way
    return set(consumer.partitions_for_topic(name) or ())


def _default_step(topic: str, timestamp: int) -> float:
    """Return when a record was written; a receipt that nobody has read counts as never read."""
    return float("inf") if topic == WORKS_RECEIPTS.name else float(timestamp)


def _decoded(topic: Topic, key: bytes | None, value: bytes | None) -> tuple[str, object | None]:
    if value is None and not topic.from_world:
        return (key or b"").decode(), None
    text, fact = decode_record(topic, key, value)
    return text, None if isinstance(fact, UploadDeleted) else fact


@asynccontextmanager
async def real_cluster(directory: Path, kafka: str = "") -> AsyncIterator[tuple[RealCluster, RealFiles]]:
    """Run a cluster of its own on `directory`: inside, it takes uploads; outside, nothing of it is left.

    `kafka`: the Kafka that it uses; its own one unless given.
    """
    state, media = directory / "state", directory / "media"
    media.mkdir(exist_ok=True)
    program = (
        "import asyncio, sys; from pathlib import Path; from services.cluster.up import UpOptions, up; "
        "asyncio.run(up(UpOptions(sys.argv[3] or None, Path(sys.argv[1]), media_roots=(Path(sys.argv[2]),)), "
        "lambda line: print(line, flush=True)))"
    )
    command = [sys.executable, "-c", program, str(state), str(media), kafka]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), READY_SECONDS_MAX)
        bootstrap = line.decode().removeprefix("ready bootstrap=").split()[0]
        async with _clients(bootstrap) as (producer, receipts):
            yield RealCluster(state, producer, receipts), RealFiles(media)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), STOP_SECONDS_MAX)
    assert code == 0, f"up ended with {code}"


@asynccontextmanager
async def _clients(bootstrap: str) -> AsyncIterator[tuple[AIOKafkaProducer, AIOKafkaConsumer]]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    consumer = AIOKafkaConsumer(
        WORKS_RECEIPTS.name,
        *WATCHED,
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=20,
    )
    await producer.start()
    await consumer.start()
    try:
        yield producer, consumer
    finally:
        await consumer.stop()
        await producer.stop()
