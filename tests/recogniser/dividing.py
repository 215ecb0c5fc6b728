"""Several units of a recogniser whose index lies in parts, and what they say to one another."""

from collections import deque
from dataclasses import dataclass, field, replace
from random import Random

from services.cluster.saved.moving_entries import Entries
from services.cluster.saved.records import Kept
from services.cluster.saved.shapes import Shape
from services.contracts.inside import ContentCompared, ReferenceFingerprinted
from services.contracts.processor import Emit, Event, Woken
from services.contracts.sample import Sample
from services.contracts.topics import CONTENTS_COMPARED, CONTENTS_DIVIDED, CONTENTS_MET
from services.recogniser import PROCESSOR
from services.runtime.batch import decide_batch, terms_of
from services.runtime.partitioning import partition_of
from services.runtime.store import MemoryStore, changelog_key, entry_of
from tests.deciding import NOW
from tests.recogniser.facts import admitted, dismissed

LATER_MS = 10_000


@dataclass
class Units:
    """So many units with an index in so many parts; what is under way is met when it is delivered, in its order."""

    units: int
    parts: int
    now: int = NOW
    stores: list[MemoryStore] = field(init=False)
    waiting: dict[tuple[int, str], deque[tuple[str, object]]] = field(default_factory=dict)
    said: list[ContentCompared] = field(default_factory=list)
    changelogs: list[list[Kept]] = field(init=False)

    def __post_init__(self) -> None:
        self.stores = [MemoryStore(terms_of(PROCESSOR)) for _ in range(self.units)]
        self.changelogs = [[] for _ in range(self.units)]

    def divided(self, units: int, parts: int) -> "Units":
        """Return what goes on elsewhere from the changelogs of these, which are at rest and have not been compacted."""
        there = Units(units, parts, self.now, said=self.said)
        entries = Entries(PROCESSOR, Shape(self.units, self.parts), Shape(units, parts))
        for unit, record in entries.moved(self.changelogs):
            assert record.key is not None
            there.changelogs[unit].append(record)
            there.stores[unit].apply({entry_of(record.key): record.value})
        return there

    def home(self, digest: str) -> int:
        """Return the unit of a content."""
        return partition_of(digest.encode(), self.units)

    def admit(self, home: int, digest: str, sample: Sample, admission: int = 1) -> None:
        """Let a content come to its own unit."""
        self._decide(home, digest, admitted(digest, sample, admission))

    def dismiss(self, home: int, digest: str, admission: int = 1) -> None:
        """Let a content go."""
        self._decide(home, digest, dismissed(digest, admission))

    def broadcast(self, key: str, fact: object) -> None:
        """Say something to all units, each of which hears it in its own time."""
        for unit in range(self.units):
            self.waiting.setdefault((unit, "broadcast"), deque()).append((key, fact))

    def deliver(self, random: Random, steps: int | None = None) -> None:
        """Let units hear what waits for them, or go on walking, in any order; all of it unless so many steps."""
        while steps is None or steps > 0:
            waiting = [at for at, queue in self.waiting.items() if queue]
            walking = [unit for unit, store in enumerate(self.stores) if store.next_due() == 0]
            if not waiting and not walking:
                return
            chosen = random.choice([*waiting, *((unit, "walk") for unit in walking)])
            self._step(*chosen)
            steps = None if steps is None else steps - 1

    def settle(self, random: Random) -> None:
        """Let everything be heard, and what is said a little later be said."""
        self.deliver(random)
        self.now += LATER_MS
        for unit, store in enumerate(self.stores):
            for key, name in store.due(self.now, 1_000):
                self._decide(unit, key, Woken(name))
        self.deliver(random)

    def _step(self, unit: int, what: str) -> None:
        if what == "walk":
            ((key, name),) = self.stores[unit].due(self.now, 0, turns=1)
            self._decide(unit, key, Woken(name))
        else:
            key, fact = self.waiting[unit, what].popleft()
            self._decide(unit, key, fact)

    def _decide(self, unit: int, key: str, fact: object) -> None:
        event = Event(key, fact, self.now, unit, 0, parts=self.parts)
        facts, woken = ((), (event,)) if isinstance(fact, Woken) else ((event,), ())
        batch = decide_batch(replace(PROCESSOR, parts=self.parts), self.stores[unit], facts, woken)
        self.stores[unit].apply(batch.changes)
        self.changelogs[unit] += (Kept(0, changelog_key(*at), value, ()) for at, value in batch.changes.items())
        for emit in batch.emit:
            self._take(unit, emit)

    def _take(self, unit: int, emit: Emit) -> None:
        if emit.topic is CONTENTS_COMPARED:
            assert isinstance(emit.fact, ContentCompared)
            assert emit.partition == unit, "what is said of a content is said by its own unit"
            self.said.append(emit.fact)
            return
        assert emit.topic in (CONTENTS_DIVIDED, CONTENTS_MET)
        assert emit.partition is not None
        # One writer's records of one topic stand in the order in which it wrote them; those of others between them.
        self.waiting.setdefault((emit.partition, f"{emit.topic.name} of {unit}"), deque()).append((emit.key, emit.fact))


def known(fact: ReferenceFingerprinted) -> tuple[str, ReferenceFingerprinted]:
    """Return a reference as it is broadcast."""
    return fact.fingerprint_id, fact
