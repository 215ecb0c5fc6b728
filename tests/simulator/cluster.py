"""All processors over in-memory topics: a seed picks interleaving, redelivery, duplicates, crashes and time.

It runs the very `decide_batch` and the very store of the engines. An exactly-once unit commits a batch whole or not
at all, and after a crash is restored from its changelog; it reads every partition of a broadcast, of which a
compaction may have removed what a later record supersedes. The hasher answers at least once, in any order.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from services.contracts.codec import decode
from services.contracts.decided import WorkReceipt
from services.contracts.processor import Engine, Event, Processor
from services.contracts.rules import RULES, Rules
from services.contracts.topics import WORKS_RECEIPTS, Topic
from services.pipeline import PIPELINE
from services.runtime.batch import decide_batch, terms_of, woken_events
from services.runtime.quarantine import NOBODY
from services.runtime.store import Changes, MemoryStore, changelog_key, entry_of, kind_of, unpack
from tests.simulator.files import Files
from tests.simulator.log import Written
from tests.simulator.reader import Reader
from tests.simulator.topics import BROADCASTS, Headers, Record, Topics

BATCH_MAX = 6
CRASHES = 0.08
COMPACTED = 0.3
INPUT_PACES = (0.03, 1.0, 1.0, 1.0)
"""How often an input of a unit is served: one that lags lets others run ahead of it."""

BROADCAST_PACES = (0.03, 0.1, 1.0)
"""The same of a broadcast: whether a reference or a content is known first is half of what there is to get wrong."""

PACES = (0.03, 0.3, 1.0, 1.0)
"""How often units get their turn: some lag far behind, as a worker does that has just been restored."""
WOKEN_MAX = 4
HORIZON_MS = 3 * 3600 * 1000
"""How far time is moved to drain: past every retry and deadline, short of what is kept a day or longer."""


class Input(NamedTuple):
    """A partition that a unit reads."""

    topic: Topic
    partition: int


@dataclass
class Unit:
    """One partition of one exactly-once processor."""

    processor: Processor
    partition: int
    inputs: tuple[Input, ...]
    paces: tuple[float, ...]
    store: MemoryStore
    positions: tuple[int, ...]
    changelog: dict[bytes, bytes] = field(default_factory=dict)
    now: int = 0

    def entries(self) -> Iterator[tuple[str, str, object]]:
        """Return (key, name, entry) for all that the changelog holds, but for what is set aside."""
        for record_key, value in self.changelog.items():
            key, name = entry_of(record_key)
            if key != NOBODY:
                yield key, name, decode(self.processor.entries[kind_of(name)], unpack(value))


class SimulatedCluster:
    """The topics, the units and the clock; `step` does one thing that a real cluster could do next."""

    def __init__(self, random: Random, files: Files, partitions: int = 2, rules: Rules = RULES, parts: int = 1) -> None:
        self.random = random
        self.parts = parts
        self.topics = Topics(partitions, rules)
        self.receipts_read = [0] * partitions
        processors = [dataclasses.replace(each, parts=parts) if each.is_divided else each for each in PIPELINE]
        pairs = [(processor, partition) for processor in processors for partition in range(partitions)]
        self.units = [_unit(*pair, partitions, random) for pair in pairs if pair[0].engine is Engine.EXACTLY_ONCE]
        hashers = [pair for pair in pairs if pair[0].engine is Engine.AT_LEAST_ONCE]
        self.readers = [Reader(*pair, self.topics, files, random) for pair in hashers]
        self.paces = [random.choice(PACES) for _ in self.units]

    @property
    def log(self) -> dict[tuple[str, int], list[Record]]:
        """Every record of every partition."""
        return self.topics.log

    @property
    def now(self) -> int:
        """The clock, in milliseconds since the epoch."""
        return self.topics.now

    @property
    def rules(self) -> Rules:
        """The thresholds that hold."""
        return self.topics.rules

    def pass_time(self, milliseconds: int) -> None:
        """Let so much time pass at once, as it does for a worker that was frozen."""
        self.topics.now += milliseconds

    def publish(self, topic: Topic, key: str, value: bytes | None, headers: Headers = ()) -> None:
        """Write a record as the outside world does."""
        self.topics.publish(topic, key, value, headers)

    def last(self, topic: Topic, key: str) -> object | None:
        """Return the last fact with that key that can be read, or None."""
        return self.topics.last(topic, key)

    def step(self) -> None:
        """Do one thing: a batch, a read, a crash, or nothing but a little time."""
        self.topics.step += 1
        self.pass_time(self.random.choice((0, 1, 7, 300)))
        if self.random.random() < 0.35:
            self.random.choice(self.readers).do_something()
        else:
            (unit,) = self.random.choices(self.units, self.paces)
            self._run(unit, crash=self.random.random() < CRASHES)

    def drain(self, horizon_ms: int = HORIZON_MS) -> None:
        """Run until nothing is left to do and no timer is near: due within the horizon, which is then reached."""
        until = self.now + horizon_ms
        while True:
            worked = False
            for unit in self.units:
                self.topics.step += 1
                worked = (self._is_wanted(unit) and self._run(unit, greedy=True)) or worked
            for reader in self.readers:
                self.topics.step += 1
                worked = reader.do_all() or worked
            if not worked:
                due = [time for unit in self.units if (time := unit.store.next_due()) is not None]
                if not due or min(due) > until:
                    return
                self.pass_time(max(0, min(due) - self.now))

    def entries(self) -> Iterator[tuple[str, str, object]]:
        """Return (key, name, entry) for every entry of every unit."""
        for unit in self.units:
            yield from unit.entries()

    def receipts(self) -> list[WorkReceipt]:
        """Return the receipts that could be read since the last call."""
        found = []
        for partition in range(self.topics.partitions):
            log = self.log[WORKS_RECEIPTS.name, partition]
            found += [decode(WorkReceipt, record.value or b"") for record in log[self.receipts_read[partition] :]]
            self.receipts_read[partition] = len(log)
        return found

    def written(self, topic: Topic) -> list[Written]:
        """Return the log of a topic, decoded; a malformed record is left out."""
        return self.topics.written(topic)

    def _is_wanted(self, unit: Unit) -> bool:
        """Tell whether there is anything for a unit to do."""
        due = unit.store.next_due()
        if due is not None and due <= max(self.now, unit.now):
            return True
        log = self.topics.log
        return any(
            len(log[topic.name, number]) > position
            for (topic, number), position in zip(unit.inputs, unit.positions, strict=True)
        )

    def _run(self, unit: Unit, *, crash: bool = False, greedy: bool = False) -> bool:
        """Decide one batch and commit it, or lose it to a crash. Return whether there was anything to do."""
        places, positions = self._fetch(unit, greedy=greedy)
        now = max(self.now, unit.now)
        events = [replace(event, now=now) for place in places if (event := self._admit(unit, *place)) is not None]
        turns = self.random.choice((1, 2))
        woken = woken_events(
            unit.processor, unit.store, now, unit.partition, limit=WOKEN_MAX, turns=turns, rules=self.rules
        )
        if not events and not woken and positions == unit.positions:
            return False
        batch = decide_batch(unit.processor, unit.store, events, woken)
        if crash:
            self._restore(unit)
            return True
        for emit in batch.emit:
            self.topics.append(unit.processor, emit)
        self._commit(unit, batch.changes, positions, now)
        return True

    @staticmethod
    def _commit(unit: Unit, changes: Changes, positions: tuple[int, ...], now: int) -> None:
        unit.store.apply(changes)
        for (key, name), value in changes.items():
            if value is None:
                unit.changelog.pop(changelog_key(key, name), None)
            else:
                unit.changelog[changelog_key(key, name)] = value
        unit.positions, unit.now = positions, now

    def _fetch(self, unit: Unit, *, greedy: bool) -> tuple[list[tuple[Input, int]], tuple[int, ...]]:
        """Return some places of what is there, and all of the first topics once anything else is there."""
        places = list(zip(unit.inputs, unit.positions, unit.paces, strict=True))
        counts = [self._count(one, position, pace, greedy=greedy) for one, position, pace in places]
        first = [one.topic in unit.processor.first for one in unit.inputs]
        if any(count for count, is_first in zip(counts, first, strict=True) if not is_first):
            ends = [self.topics.end(*one) - position for one, position, _ in places]
            counts = [end if is_first else count for count, end, is_first in zip(counts, ends, first, strict=True)]
        found = [
            (one, offset)
            for (one, position, _), count in zip(places, counts, strict=True)
            for offset in range(position, position + count)
        ]
        return found, tuple(position + count for position, count in zip(unit.positions, counts, strict=True))

    def _count(self, one: Input, position: int, pace: float, *, greedy: bool) -> int:
        """Return how many records of an input are met in the next batch."""
        there = self.topics.end(*one) - position
        if there and not greedy:
            there = min(there, self.random.randint(0, BATCH_MAX)) * (self.random.random() < pace)
        return min(there, BATCH_MAX)

    def _admit(self, unit: Unit, one: Input, offset: int) -> Event | None:
        if self._is_compacted(one, offset):
            return None
        return self.topics.admit(unit.processor, *one, offset, unit.partition)

    def _is_compacted(self, one: Input, offset: int) -> bool:
        """Tell whether a compaction removed a record of a broadcast before it was read."""
        chosen = one.topic in BROADCASTS and self.random.random() < COMPACTED
        return chosen and self.topics.is_superseded(*one, offset)

    def _restore(self, unit: Unit) -> None:
        """Begin again from the changelog, as after a kill -9."""
        unit.store = MemoryStore(terms_of(unit.processor))
        unit.store.apply({entry_of(key): value for key, value in unit.changelog.items()})


def _unit(processor: Processor, partition: int, partitions: int, random: Random) -> Unit:
    own = [Input(topic, partition) for topic in processor.reads]
    all_of = [Input(topic, number) for topic in processor.broadcasts for number in range(partitions)]
    paces = [random.choice(INPUT_PACES) for _ in own] + [random.choice(BROADCAST_PACES) for _ in all_of]
    return Unit(
        processor, partition, (*own, *all_of), tuple(paces), MemoryStore(terms_of(processor)), (0,) * len(paces)
    )
