"""All processors over in-memory topics: a seed picks interleaving, redelivery, duplicates, crashes and time.

It runs the very `decide_batch` and the very store of the engines. An exactly-once unit commits a batch whole or not
at all, and after a crash is restored from its changelog. The hasher answers at least once, in any order.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

import xxhash
from msgspec.structs import replace

from services.contracts.codec import decode, decode_record, encode
from services.contracts.decided import WorkReceipt
from services.contracts.malformed import MalformedError
from services.contracts.processor import Emit, Engine, Event, Processor, Worked
from services.contracts.reading import Read
from services.contracts.submitted import UploadDeleted
from services.contracts.topics import WORKS_RECEIPTS, Topic
from services.pipeline import PIPELINE
from services.runtime.batch import decide_batch, woken_events
from services.runtime.store import MemoryStore, changelog_key, entry_of, kind_of, unpack
from tests.simulator.files import Files
from tests.simulator.log import Written

BATCH_MAX = 6
CRASHES = 0.08
INPUT_PACES = (0.03, 1.0, 1.0, 1.0)
"""How often an input of a unit is served: one that lags lets others run ahead of it."""

PACES = (0.03, 0.3, 1.0, 1.0)
"""How often units get their turn: some lag far behind, as a worker does that has just been restored."""
WOKEN_MAX = 4
HORIZON_MS = 3 * 3600 * 1000
"""How far time is moved to drain: past every retry and deadline, short of what is kept a day or longer."""


class Record(NamedTuple):
    """A record as it stands in a partition; `step`: when it was written, for causality."""

    key: bytes | None
    value: bytes | None
    step: int


@dataclass
class Unit:
    """One partition of one exactly-once processor."""

    processor: Processor
    partition: int
    store: MemoryStore = field(default_factory=MemoryStore)
    positions: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    changelog: dict[bytes, bytes] = field(default_factory=dict)
    now: int = 0

    def entries(self) -> Iterator[tuple[str, str, object]]:
        """Return (key, name, entry) for all that the changelog holds."""
        for record_key, value in self.changelog.items():
            key, name = entry_of(record_key)
            yield key, name, decode(self.processor.entries[kind_of(name)], unpack(value))


@dataclass
class Reader:
    """One partition of the hasher: what it has fetched, what it has answered, and what it has committed."""

    processor: Processor
    partition: int
    fetched: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    committed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    in_flight: dict[tuple[str, int], Event] = field(default_factory=dict)
    answered: set[tuple[str, int]] = field(default_factory=set)


class SimulatedCluster:
    """The topics, the units and the clock; `step` does one thing that a real cluster could do next."""

    def __init__(self, random: Random, files: Files, partitions: int = 2) -> None:
        self.random = random
        self.files = files
        self.partitions = partitions
        self.log: dict[tuple[str, int], list[Record]] = defaultdict(list)
        self.dead: list[tuple[str, str, str]] = []
        self.now = 1_700_000_000_000
        self.steps = 0
        self.receipts_read = [0] * partitions
        pairs = [(processor, partition) for processor in PIPELINE for partition in range(partitions)]
        self.units = [Unit(*pair) for pair in pairs if pair[0].engine is Engine.EXACTLY_ONCE]
        self.readers = [Reader(*pair) for pair in pairs if pair[0].engine is Engine.AT_LEAST_ONCE]
        self.paces = [random.choice(PACES) for _ in self.units]
        self.input_paces = {
            (unit.processor.name, unit.partition, topic.name): random.choice(INPUT_PACES)
            for unit in self.units
            for topic in unit.processor.reads
        }

    def partition_of(self, key: str) -> int:
        """Return the partition of a key."""
        return xxhash.xxh32_intdigest(key.encode()) % self.partitions

    def publish(self, topic: Topic, key: str, value: bytes | None) -> None:
        """Write a record as the outside world does."""
        self.log[topic.name, self.partition_of(key)].append(Record(key.encode(), value, self.steps))

    def step(self) -> None:
        """Do one thing: a batch, a read, a crash, or nothing but a little time."""
        self.steps += 1
        self.now += self.random.choice((0, 1, 7, 300))
        if self.random.random() < 0.35:
            self._read_something(self.random.choice(self.readers))
        else:
            (unit,) = self.random.choices(self.units, self.paces)
            self._run(unit, crash=self.random.random() < CRASHES)

    def drain(self) -> None:
        """Run until nothing is left to do and no timer is near."""
        until = self.now + HORIZON_MS
        while True:
            self.steps += 1
            worked = sum(self._run(unit, greedy=True) for unit in self.units) + self._read_all()
            if not worked:
                due = [time for unit in self.units if (time := unit.store.next_due()) is not None]
                if not due or min(due) > until:
                    return
                self.now = max(self.now, min(due))

    def entries(self) -> Iterator[tuple[str, str, object]]:
        """Return (key, name, entry) for every entry of every unit."""
        for unit in self.units:
            yield from unit.entries()

    def receipts(self) -> list[WorkReceipt]:
        """Return the receipts that could be read since the last call."""
        found = []
        for partition in range(self.partitions):
            log = self.log[WORKS_RECEIPTS.name, partition]
            found += [decode(WorkReceipt, record.value or b"") for record in log[self.receipts_read[partition] :]]
            self.receipts_read[partition] = len(log)
        return found

    def written(self, topic: Topic) -> list[Written]:
        """Return the log of a topic, decoded; a malformed record is left out."""
        found = []
        for partition in range(self.partitions):
            for offset, record in enumerate(self.log[topic.name, partition]):
                try:
                    key, fact = _decoded(topic, record)
                except MalformedError:
                    continue
                found.append(Written(key, fact, partition, offset, record.step))
        return found

    def _run(self, unit: Unit, *, crash: bool = False, greedy: bool = False) -> bool:
        """Decide one batch and commit it, or lose it to a crash. Return whether there was anything to do."""
        events, positions = self._fetch(unit, greedy=greedy)
        now = max(self.now, unit.now)
        events = [replace(event, now=now) for event in events]
        woken = woken_events(unit.store, now, unit.partition, WOKEN_MAX, self.random.choice((1, 2)))
        if not events and not woken and positions == unit.positions:
            return False
        batch = decide_batch(unit.processor, unit.store, events, woken)
        if crash:
            self._restore(unit)
            return True
        for emit in batch.emit:
            self._append(unit.processor, emit)
        unit.store.apply(batch.changes)
        for (key, name), value in batch.changes.items():
            if value is None:
                unit.changelog.pop(changelog_key(key, name), None)
            else:
                unit.changelog[changelog_key(key, name)] = value
        unit.positions, unit.now = positions, now
        return True

    def _fetch(self, unit: Unit, *, greedy: bool) -> tuple[list[Event], dict[str, int]]:
        """Return some of what is there, and all of the first topics once anything else is there."""
        counts = {}
        for topic in unit.processor.reads:
            there = len(self.log[topic.name, unit.partition]) - unit.positions[topic.name]
            pace = self.input_paces[unit.processor.name, unit.partition, topic.name]
            served = self.random.random() < pace
            counts[topic.name] = min(there, BATCH_MAX if greedy else self.random.randint(0, BATCH_MAX) * served)
        first = {topic.name for topic in unit.processor.first}
        if any(count for name, count in counts.items() if name not in first):
            for name in first:
                counts[name] = len(self.log[name, unit.partition]) - unit.positions[name]
        events, positions = [], dict(unit.positions)
        for topic in unit.processor.reads:
            start = unit.positions[topic.name]
            for offset in range(start, start + counts[topic.name]):
                event = self._admit(unit.processor, topic, unit.partition, offset)
                events += [event] if event else []
            positions[topic.name] = start + counts[topic.name]
        return events, defaultdict(int, positions)

    def _admit(self, processor: Processor, topic: Topic, partition: int, offset: int) -> Event | None:
        record = self.log[topic.name, partition][offset]
        try:
            key, fact = decode_record(topic, record.key, record.value)
        except MalformedError as error:
            if not topic.public:
                raise
            self.dead.append((processor.name, topic.name, error.why))
            return None
        return Event(key, fact, self.now, partition, offset)

    def _append(self, processor: Processor, emit: Emit) -> None:
        assert emit.topic in processor.writes, f"{processor.name} does not say that it writes {emit.topic}"
        partition = self.partition_of(emit.key)
        assert emit.partition in (None, partition), f"{processor.name} sends {emit.key} to the wrong partition"
        value = None if emit.fact is None else encode(emit.fact)
        self.log[emit.topic.name, partition].append(Record(emit.key.encode(), value, self.steps))

    def _restore(self, unit: Unit) -> None:
        """Begin again from the changelog, as after a kill -9."""
        unit.store = MemoryStore()
        unit.store.apply({entry_of(key): value for key, value in unit.changelog.items()})

    def _read_something(self, reader: Reader) -> None:
        chance = self.random.random()
        if chance < 0.45:
            self._start_reading(reader)
        elif chance < 0.85 and reader.in_flight:
            self._answer(reader, self.random.choice(list(reader.in_flight)))
        elif chance < 0.95:
            self._commit(reader)
        else:
            reader.fetched = defaultdict(int, reader.committed)
            reader.in_flight.clear()
            reader.answered.clear()

    def _read_all(self) -> bool:
        worked = False
        for reader in self.readers:
            while self._start_reading(reader):
                worked = True
            for at in list(reader.in_flight):
                worked = True
                self._answer(reader, at)
            self._commit(reader)
        return worked

    def _start_reading(self, reader: Reader) -> bool:
        """Fetch one record and read its file as it is now."""
        for topic in self.random.sample(reader.processor.reads, len(reader.processor.reads)):
            offset = reader.fetched[topic.name]
            if offset == len(self.log[topic.name, reader.partition]):
                continue
            reader.fetched[topic.name] += 1
            event = self._admit(reader.processor, topic, reader.partition, offset)
            job: Read | None = reader.processor.work(event.fact) if event else None
            if event is None or job is None:
                reader.answered.add((topic.name, offset))
            else:
                worked = Worked(event.fact, self.files.read(job, self.random))
                reader.in_flight[topic.name, offset] = replace(event, fact=worked)
            return True
        return False

    def _answer(self, reader: Reader, at: tuple[str, int]) -> None:
        event = reader.in_flight.pop(at)
        for emit in decide_batch(reader.processor, MemoryStore(), [event]).emit:
            self._append(reader.processor, emit)
        reader.answered.add(at)

    def _commit(self, reader: Reader) -> None:
        for topic in reader.processor.reads:
            while (topic.name, reader.committed[topic.name]) in reader.answered:
                reader.committed[topic.name] += 1


def _decoded(topic: Topic, record: Record) -> tuple[str, object | None]:
    """Return the key and the fact; the null value of an output is None."""
    if record.value is None and not topic.from_world:
        return (record.key or b"").decode(), None
    key, fact = decode_record(topic, record.key, record.value)
    return key, None if isinstance(fact, UploadDeleted) else fact
