"""A service is a value: what it reads and writes, and one pure function that decides.

    decide(state, event) -> Decision(changes, emit)

The same state and event give the same decision, and deciding a second time on the same record emits nothing.
Time, offsets and partitions arrive in the event. What is made for each record is a struct, which takes a fifth of a
dataclass's time. Interpreters run the same value: the exactly-once engine, the
at-least-once engine (`services/runtime`) and the simulator (`tests/simulator`).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

from msgspec import Struct

from services.contracts.measured import Measured, Tallied
from services.contracts.partitions import Move, PartitionOf, Placed
from services.contracts.rules import RULES, Rules
from services.contracts.topics import Topic

HEAD = ""
"""The name of the first entry under a key; the others are named `kind/id` by what they hold: `copy/u-17`."""


class View(Protocol):
    """The state under one key: a small ordered map from names to entries, read only; and a look at other keys."""

    def get(self, name: str = HEAD) -> Any:
        """Return the entry of that name, or None."""

    def after(self, name: str, limit: int) -> Sequence[tuple[str, Any]]:
        """Return up to `limit` entries of the kind of `name` whose names sort after it, in order."""

    def at(self, key: str) -> "View":
        """Return the state under another key of the same unit."""

    def find(self, term: int, after: str, limit: int) -> Sequence[str]:
        """Return up to `limit` keys of the unit, in order, that sort after `after` and whose head has `term`."""

    def having(self, terms: Collection[int]) -> AbstractSet[int]:
        """Return those of `terms`, none below 0, that some head has, and perhaps others that `find` has nothing for."""


class Woken(Struct, frozen=True):
    """The time that `next_wake` gave for the entry `name` has come."""

    name: str


class Signed(Struct, frozen=True):
    """What a sender signed: `message`, all that counts of the record, by the key `key_id`; checked by who decides."""

    key_id: str
    signature: str
    signed_at: str
    message: bytes


class Event(Struct, frozen=True):
    """One fact about one key, and when and where it was met.

    `partition` is the unit's number: the record's own, but for a broadcast, which every unit reads.
    `now`: milliseconds since the epoch, the later of the clock and what the partition last used, the same for a
    whole batch. `offset` is the record's own; a `Woken` has offset -1. `rules`: the thresholds that hold. `signed`:
    the signature, on topics whose senders may sign. `written_at`: the time that the record bears, the broker's where it
    comes from the world; for measures alone, 0 where there is none. `parts`: see `Processor`.
    """

    key: str
    fact: Any
    now: int
    partition: int
    offset: int
    rules: Rules = RULES
    signed: Signed | None = None
    written_at: int = 0
    parts: int = 1


class Emit(Struct, frozen=True):
    """One record to write: a fact, or None for a null value.

    `partition` where it is known already (hashing a key costs 5 µs in Python); None lets the engine compute it.
    """

    topic: Topic
    key: str
    fact: object | None
    partition: int | None = None


EMPTY: Mapping[str, object | None] = MappingProxyType({})


class Decision(Struct, frozen=True):
    """What to write: entries by name (None forgets the entry), and records in their order; and what to count then."""

    changes: Mapping[str, object | None] = EMPTY
    emit: Sequence[Emit] = ()
    measured: Sequence[Measured | Tallied] = ()


class Engine(StrEnum):
    """Which engine of `services/runtime` runs a processor."""

    EXACTLY_ONCE = "exactly-once"
    AT_LEAST_ONCE = "at-least-once"


class Worked(Struct, frozen=True):
    """A fact whose work has been done; the outcome, a failure included, is part of the event."""

    fact: Any
    outcome: Any


Upgrade = Callable[[str, Any], Any]
"""Makes an entry of one format one of the next: from its kind and its plain JSON. A field with a default needs none."""


def _never(_entry: Any) -> None:
    """Have no timers."""


def no_terms(_head: Any) -> tuple[int, ...]:
    """Be found by nothing."""
    return ()


def whole_turn(_entry: Any) -> float:
    """Take a turn for every step."""
    return 1.0


def _no_work(_fact: Any) -> None:
    """Need no work before deciding."""


def _nowhere(_entry: Any) -> bool:
    """Keep nothing that broadcasts say."""
    return False


def unmoved(_name: str, entry: Any, _partition_of: PartitionOf) -> Any:
    """Name no partitions."""
    return entry


def no_tallies(_entry: Any) -> tuple[Tallied, ...]:
    """Watch nothing."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """One service as data.

    `reads`: topics with one key and one number of partitions; in a batch, facts of earlier ones are decided first.
    `background`: those of `reads` that give way, a few in a batch, as long as others have something to do.
    `broadcasts`: topics of any number of partitions, all of which every unit reads from the first record on.
    `first`: those of `reads` that are read up to their present end before a record of any other is decided.
    `entries`: the types of what the state holds, by kind (the head's kind is empty). `next_wake(entry)`: when that
    entry wants a `Woken`, in milliseconds since the epoch (0: as soon as others had their turn), or None.
    `weight(entry)`: how much of such a turn its next step takes, above 0 and at most 1; small steps share one.
    `terms(head)`: what `View.find` finds a head by: digests of 64 bits, or below 0 the complement (`~`) of one, whose
    heads may be too many for `View.having`. The index follows from the state and is never written to Kafka.
    `work(fact)`: what an at-least-once engine does on a thread before it decides, or None for nothing. `rules`: the
    thresholds that its events carry. `rest_ms`: how long a unit rests after a transaction at least, where nobody waits
    for what it says. `keeps`: one line on the state, for people. `upgrades`: see `Upgrade`, the oldest first.

    `is_divided`: whether its index lies in parts: a unit has the part `partition % parts`, and `parts` units after one
    another, beginning with one of which this is 0, have a whole index together.

    For another number of partitions: `everywhere(entry)`: whether it follows from broadcasts alone, and so is in every
    unit. `moved(name, entry, partition_of)`: it, with the partitions that it names as they are then.
    `placed(move, key, name, entry)`: instead of both, for an index in parts: where it goes, and what it is there.
    `tallies(entry)`: what it is counted under as long as it is so, of which `decide` measures the differences.
    """

    name: str
    engine: Engine
    reads: tuple[Topic, ...]
    writes: tuple[Topic, ...]
    decide: Callable[[View, Event], Decision]
    first: tuple[Topic, ...] = ()
    background: tuple[Topic, ...] = ()
    broadcasts: tuple[Topic, ...] = ()
    entries: Mapping[str, type] = field(default_factory=dict)
    next_wake: Callable[[Any], int | None] = _never
    weight: Callable[[Any], float] = whole_turn
    terms: Callable[[Any], Iterable[int]] = no_terms
    work: Callable[[Any], Any] = _no_work
    rules: Rules = RULES
    rest_ms: int = 0
    is_divided: bool = False
    parts: int = 1
    keeps: str = "nothing"
    upgrades: tuple[Upgrade, ...] = ()
    everywhere: Callable[[Any], bool] = _nowhere
    moved: Callable[[str, Any, PartitionOf], Any] = unmoved
    placed: Callable[[Move, str, str, Any], Iterable[Placed]] | None = None
    tallies: Callable[[Any], Iterable[Tallied]] = no_tallies

    @property
    def format(self) -> int:
        """The format in which its entries are written."""
        return 1 + len(self.upgrades)
