"""A driver for tests of one service: it decides event after event over a store in memory, as the engines do.

It holds on the way what must hold of every service: state is written and read back, a timer that is woken is over or
later, and offsets only grow.
"""

from dataclasses import dataclass, field
from typing import Any

import xxhash
from blake3 import blake3

from services.contracts.codec import decode
from services.contracts.measured import Measured, Tallied
from services.contracts.processor import HEAD, Emit, Event, Processor, Woken
from services.contracts.topics import Topic
from services.contracts.types import Content
from services.runtime.batch import decide_batch, terms_of
from services.runtime.store import MemoryStore, kind_of, unpack

NOW = 1_700_000_000_000
"""When tests begin: 14 November 2023, 22:13:20 UTC."""

PARTITION = 3
LATE_MS = 250
"""How long after a record was written it is met."""

WAKES_MAX = 1_000


class Said(tuple[Emit, ...]):
    """What was emitted, in its order."""

    __slots__ = ()

    def of(self, topic: Topic) -> list[Any]:
        """Return the facts for one topic."""
        return [emit.fact for emit in self if emit.topic is topic]


@dataclass
class Deciding:
    """One service, its state, and the present time and offset."""

    processor: Processor
    now: int = NOW
    offset: int = 0
    store: MemoryStore = field(init=False)
    log: list[Emit] = field(default_factory=list)
    measured: list[Measured | Tallied] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = MemoryStore(terms_of(self.processor))

    def on(self, key: str, fact: object, *, offset: int | None = None) -> Said:
        """Decide one fact, at the next offset unless one is given."""
        return self.decide(self.event(key, fact, offset=offset))

    def event(self, key: str, fact: object, *, offset: int | None = None) -> Event:
        """Return the event of a fact, now."""
        at = self.offset if offset is None else offset
        self.offset = max(self.offset, at + 1)
        return Event(key, fact, self.now, PARTITION, at, written_at=self.now - LATE_MS)

    def decide(self, event: Event) -> Said:
        """Decide an event, which may be one that was decided before."""
        facts, woken = ((), (event,)) if isinstance(event.fact, Woken) else ((event,), ())
        batch = decide_batch(self.processor, self.store, facts, woken)
        self.store.apply(batch.changes)
        self.log += batch.emit
        self.measured += [each for _, each in batch.measured]
        return Said(batch.emit)

    def wake(self) -> Said:
        """Decide the timer that is due first; nothing, if none is."""
        for key, name in self.store.due(self.now, 1)[:1]:
            said = self.decide(Event(key, Woken(name), self.now, PARTITION, -1))
            wake = self._wake(key, name)
            assert wake is None or wake == 0 or wake > self.now, f"{name} of {key} woken at {self.now}, again at {wake}"
            return said
        return Said()

    def pass_time(self, milliseconds: int) -> Said:
        """Let time pass, deciding each timer on the way when it is due."""
        until, said = self.now + milliseconds, Said()
        for _ in range(WAKES_MAX):
            due = self.store.next_due()
            if due is None or due > until:
                self.now = until
                return said
            self.now = max(self.now, due)
            said = Said((*said, *self.wake()))
        raise AssertionError(f"{WAKES_MAX} timers and no end")

    def entry(self, key: str, name: str = HEAD) -> Any:
        """Return an entry of the state, or None."""
        stored = self.store.get(key, name)
        return None if stored is None else decode(self.processor.entries[kind_of(name)], unpack(stored))

    def said(self, topic: Topic) -> list[Any]:
        """Return every fact so far for one topic."""
        return Said(self.log).of(topic)

    def _wake(self, key: str, name: str) -> int | None:
        entry = self.entry(key, name)
        return None if entry is None else self.processor.next_wake(entry)


def content(label: str, size_bytes: int = 1_000) -> Content:
    """Return the identity of some bytes that stand for a label."""
    return Content(xxhash.xxh3_128_hexdigest(label.encode()), blake3(label.encode()).hexdigest(), size_bytes)


def digest(label: str) -> str:
    """Return the digest of `content(label)`."""
    return content(label).blake3
