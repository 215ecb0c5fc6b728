"""Every exactly-once service in one process, one partition each, with the topics between them, and a clock.

What a service writes is what the next one reads, so the kinds of records are whatever the services say to one another.
The hasher is not among them: `unread` holds what it is asked.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from services.contracts.codec import decode, encode
from services.contracts.processor import Decision, Engine, Event, Processor, View
from services.contracts.topics import Topic, changelog
from services.pipeline import PIPELINE
from services.runtime.batch import terms_of
from services.runtime.changelog import UnitRecord
from services.runtime.deciding import Batched, Decider, Turn
from services.runtime.disk_store import DiskStore
from services.runtime.outgoing import Headers
from services.runtime.sizing import BATCH_RECORDS_MAX
from services.runtime.store import MemoryStore, Store

NOW = 1_700_000_000_000
"""When a story begins."""

Fact = TypeVar("Fact")

TIMERS = "timers"
"""The name under which what a service does at a time of its own is put down."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record as the Kafka client gives it, as far as deciding looks at it."""

    topic: str
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = field(default_factory=list)
    partition: int = 0
    timestamp: int = 0


@dataclass
class Spent:
    """CPU seconds for so many records.

    `decide_seconds`: of the pure function, with the state that it asks for. `seconds`: with the reading of each record
    and the writing of all that follows. `applying_seconds`: of writing what was decided into the state, besides.
    """

    records: int = 0
    decide_seconds: float = 0.0
    seconds: float = 0.0
    applying_seconds: float = 0.0


class Timed:
    """A `decide` that knows how much CPU it took, with what it asked of the state."""

    def __init__(self, decide: Callable[[View, Event], Decision]) -> None:
        self.seconds = 0.0
        self._decide = decide

    def __call__(self, state: View, event: Event) -> Decision:
        """Decide."""
        began = time.process_time()
        decision = self._decide(state, event)
        self.seconds += time.process_time() - began
        return decision


@dataclass
class Unit:
    """One service."""

    processor: Processor
    timed: "Timed"
    decider: Decider
    store: Store
    own: UnitRecord

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What it reads, in the order in which a batch has it."""
        return (*self.processor.broadcasts, *self.processor.reads)


class Plant:
    """All of it."""

    def __init__(self, batch_records: int = BATCH_RECORDS_MAX, disk: Path | None = None) -> None:
        """Begin with nothing; `disk`: an empty folder for the state, which else is in memory."""
        self.now = NOW
        self.spent: defaultdict[tuple[str, str, str], Spent] = defaultdict(Spent)
        """By service, scene and topic."""
        self._batch_records = batch_records
        self._units = [_unit(one, disk) for one in PIPELINE if one.engine is Engine.EXACTLY_ONCE]
        self._logs: defaultdict[str, list[Record]] = defaultdict(list)
        self._taken: defaultdict[tuple[str, str], int] = defaultdict(int)

    def close(self) -> None:
        """Let go of the state."""
        for unit in self._units:
            unit.store.close()

    def publish(self, topic: Topic, key: str, fact: object | None) -> int:
        """Write a record as the world does, or the hasher, and return its offset."""
        return self._append(topic.name, key.encode(), None if fact is None else encode(fact))

    def settle(self, scene: str) -> None:
        """Let every service do all that there is to do now, and put down what it cost under that scene."""
        while any(self._serve(unit, scene) for unit in self._units):
            pass

    def unread(self, topic: Topic, kind: type[Fact]) -> Iterator[Fact]:
        """Yield what was written to a topic since the last time, but for null values; `kind`: the type of its facts."""
        log, taken = self._logs[topic.name], self._taken["", topic.name]
        self._taken["", topic.name] = len(log)
        for record in log[taken:]:
            if record.value is not None:
                fact: Fact = decode(kind, record.value)
                yield fact

    def written(self, topic: Topic) -> Sequence[Record]:
        """Return all that was written to a topic."""
        return self._logs[topic.name]

    def _append(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers | None = None) -> int:
        log = self._logs[topic]
        log.append(Record(topic, len(log), key, value, headers or []))
        return len(log) - 1

    def _serve(self, unit: Unit, scene: str) -> bool:
        """Decide all that waits for one service; return whether there was anything."""
        worked = False
        for topic in unit.topics:
            at = (unit.processor.name, topic.name)
            while records := self._logs[topic.name][self._taken[at] :][: self._batch_records]:
                self._taken[at] += len(records)
                self._decide(unit, Batched(records, (), {}), (scene, topic.name.removesuffix(".v1")))
                worked = True
        while timers := unit.decider.timers(unit.store, self.now, self._batch_records):
            self._decide(unit, Batched((), timers, {}), (scene, TIMERS))
            worked = True
        return worked

    def _decide(self, unit: Unit, batch: Batched, where: tuple[str, str]) -> None:
        before, began = unit.timed.seconds, time.process_time()
        turn = unit.decider.decide(unit.store, unit.own, batch, self.now)
        decided = time.process_time()
        unit.store.apply(turn.changes)
        spent = self.spent[unit.processor.name, *where]
        spent.seconds += decided - began
        spent.decide_seconds += unit.timed.seconds - before
        spent.applying_seconds += time.process_time() - decided
        unit.own = turn.own
        written = self._pass_on(unit.processor, turn)
        spent.records += len(batch.records) or max(len(batch.timers), written)

    def _pass_on(self, processor: Processor, turn: Turn) -> int:
        """Write what was decided, but for the changelog; return how many records that were."""
        written = 0
        for (topic, _), records in turn.outgoing.records.items():
            if topic == changelog(processor.name):
                continue
            written += len(records)
            for key, value, headers in records:
                self._append(topic, key, value, headers)
        return written


def total(spent: Sequence[Spent]) -> Spent:
    """Return all of it as one."""
    return Spent(
        sum(one.records for one in spent),
        sum(one.decide_seconds for one in spent),
        sum(one.seconds for one in spent),
        sum(one.applying_seconds for one in spent),
    )


def _unit(processor: Processor, disk: Path | None) -> Unit:
    timed = Timed(processor.decide)
    decider = Decider(replace(processor, decide=timed), 0, 1)
    terms = terms_of(processor)
    store = MemoryStore(terms) if disk is None else DiskStore(disk / processor.name, terms)
    return Unit(processor, timed, decider, store, UnitRecord(now=NOW))
