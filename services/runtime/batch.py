"""Deciding a batch: the one piece that both engines and the simulator run.

Events are decided one after another on an overlay above the unit's state; nothing is written. What comes out is
what one transaction must hold: the changed entries and the records to emit, in order.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any

from services.contracts.codec import decode, encode
from services.contracts.measured import Measured, Tallied
from services.contracts.processor import HEAD, Decision, Emit, Event, Processor, View, Woken, no_terms, whole_turn
from services.contracts.rules import RULES, Rules
from services.runtime.index import Index
from services.runtime.store import TURNS_MAX, At, Store, Terms, kind_of, pack, unpack


@dataclass(slots=True)
class Batch:
    """What a batch of events led to. `changes` are in stored form, keyed by (key, name).

    `ends`: for each event in its order, but for timers, how many records had been emitted after it. `measured` goes
    with the number of its event; timers have -1.
    """

    changes: dict[tuple[str, str], bytes | None] = field(default_factory=dict)
    emit: list[Emit] = field(default_factory=list)
    measured: list[tuple[int, Measured | Tallied]] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)


class UndecidableError(Exception):
    """Something that a processor says raised, or cannot be written: our bug. `event` says on what."""

    def __init__(self, event: Event) -> None:
        super().__init__(f"{type(event.fact).__name__} of key {event.key!r} at offset {event.offset}")
        self.event = event


Try = Callable[[Event, Decision], None]
"""Raises if what was decided on an event cannot be written."""


def decide_batch(
    processor: Processor, store: Store, events: Iterable[Event], woken: Iterable[Event] = (), tried: Try | None = None
) -> Batch:
    """Return what `events`, and then those of `woken` that are due after them, lead to, or raise `UndecidableError`.

    A `Woken` whose entry no longer wants it, because an event of this batch changed it, is left out. What is written is
    encoded at the end, once, where an error tells of no event: `tried` finds out which it was.
    """
    overlay = _Overlay(processor, store, tried)
    batch = Batch()
    for number, event in enumerate(events):
        _decide(overlay, event, number, batch)
        batch.ends.append(len(batch.emit))
    for event in woken:
        if overlay.is_due(event):
            _decide(overlay, event, -1, batch)
    batch.changes = overlay.packed()
    return batch


def _decide(overlay: "_Overlay", event: Event, number: int, batch: Batch) -> None:
    decision = overlay.decide(event)
    batch.emit += decision.emit
    if decision.measured:
        batch.measured += [(number, each) for each in decision.measured]


def stored_form(processor: Processor, entry: Any) -> bytes:
    """Return an entry as it is stored."""
    return pack(encode(entry), processor.next_wake(entry), processor.format)


def terms_of(processor: Processor) -> Terms:
    """Return what a store finds the heads of this processor by."""
    if processor.terms is no_terms:
        return no_terms  # and no head need be decoded
    return lambda stored: processor.terms(decode(processor.entries[HEAD], unpack(stored)))


def woken_events(
    processor: Processor,
    store: Store,
    now: int,
    partition: int,
    *,
    limit: int,
    turns: int = TURNS_MAX,
    rules: Rules = RULES,
) -> list[Event]:
    """Return events for as many steps as so many turns hold, and for up to `limit` timers that are due."""
    wanting = (*_in_turn(processor, store, turns), *store.due(now, limit, turns=0))
    return [Event(key, Woken(name), now, partition, -1, rules, parts=processor.parts) for key, name in wanting]


def _in_turn(processor: Processor, store: Store, turns: int) -> list[At]:
    """Return whose steps fill so many turns, or little more; if few want any, those of whole turns several times."""
    found: list[At] = []
    whole: list[At] = []
    room = float(turns)
    while room > 0:
        at = next(iter(store.due(0, 0, turns=1)), None)
        if at is None or at in found[:1]:
            return [*found, *islice(cycle(whole), math.ceil(room))]
        weight = _weight(processor, at, store.get(*at))
        found.append(at)
        if weight == 1:
            whole.append(at)
        room -= weight
    return found


def _weight(processor: Processor, at: At, stored: bytes | None) -> float:
    if processor.weight is whole_turn or stored is None:
        return 1.0  # and no entry need be decoded
    try:
        return processor.weight(decode(processor.entries[kind_of(at[1])], unpack(stored)))
    except Exception:  # noqa: BLE001  # raised again when it is decided on, which tells whose it is
        return 1.0


class _Overlay:
    """The entries that a batch changed, above the store."""

    def __init__(self, processor: Processor, store: Store, tried: Try | None) -> None:
        self.processor = processor
        self.store = store
        self.tried = tried
        self.changed: dict[str, dict[str, Any]] = {}
        self.found_by: dict[str, AbstractSet[int]] = {}
        """The terms of each key whose head changed, of which the store knows the old ones."""
        self.keys = Index()
        """These keys by their terms."""

    def decide(self, event: Event) -> Decision:
        try:
            decision: Decision = self.processor.decide(_KeyView(self, event.key), event)
            if self.tried:
                self.tried(event, decision)
            if decision.changes:
                self.changed.setdefault(event.key, {}).update(decision.changes)
                if HEAD in decision.changes:
                    self._index(event.key, decision.changes[HEAD])
        except Exception as error:
            raise UndecidableError(event) from error
        return decision

    def _index(self, key: str, head: Any) -> None:
        if self.processor.terms is no_terms:
            return
        terms = frozenset(() if head is None else self.processor.terms(head))
        self.keys.change(key, self.found_by.get(key, frozenset()), terms)
        self.found_by[key] = terms

    def is_due(self, event: Event) -> bool:
        try:
            entry = self.get(event.key, event.fact.name)
            wake = None if entry is None else self.processor.next_wake(entry)
            if wake == 0:
                self.processor.weight(entry)
        except Exception as error:
            raise UndecidableError(event) from error
        return wake is not None and wake <= event.now

    def get(self, key: str, name: str) -> Any:
        changed = self.changed.get(key)
        if changed is not None and name in changed:
            return changed[name]
        stored = self.store.get(key, name)
        return None if stored is None else self._entry(name, stored)

    def after(self, key: str, name: str, limit: int) -> Sequence[tuple[str, Any]]:
        changed = self.changed.get(key, {})
        kind = kind_of(name)
        found = {
            other: self._entry(other, stored)
            for other, stored in self.store.after(key, name, limit + len(changed))
            if other not in changed
        }
        found |= {
            other: entry
            for other, entry in changed.items()
            if entry is not None and other > name and kind_of(other) == kind
        }
        return sorted(found.items())[:limit]

    def find(self, term: int, after: str, limit: int) -> Sequence[str]:
        changed = islice(self.keys.keys_after(term, after), limit)
        stored = islice(self._unchanged(term, after, limit), limit)
        return sorted((*stored, *changed))[:limit]

    def having(self, terms: Collection[int]) -> AbstractSet[int]:
        return self.store.having(terms) | self.keys.having(terms)

    def _unchanged(self, term: int, after: str, limit: int) -> Iterator[str]:
        """Yield the keys that the store finds and whose heads are as they were."""
        while found := self.store.find(term, after, limit):
            yield from (key for key in found if key not in self.found_by)
            if len(found) < limit:
                return
            after = found[-1]

    def packed(self) -> dict[tuple[str, str], bytes | None]:
        return {
            (key, name): None if entry is None else stored_form(self.processor, entry)
            for key, changed in self.changed.items()
            for name, entry in changed.items()
        }

    def _entry(self, name: str, stored: bytes) -> Any:
        return decode(self.processor.entries[kind_of(name)], unpack(stored))


@dataclass(slots=True)
class _KeyView:
    """The state under one key, as `decide` sees it."""

    overlay: _Overlay
    key: str

    def get(self, name: str = HEAD) -> Any:
        return self.overlay.get(self.key, name)

    def after(self, name: str, limit: int) -> Sequence[tuple[str, Any]]:
        return self.overlay.after(self.key, name, limit)

    def at(self, key: str) -> View:
        return _KeyView(self.overlay, key)

    def find(self, term: int, after: str, limit: int) -> Sequence[str]:
        return self.overlay.find(term, after, limit)

    def having(self, terms: Collection[int]) -> AbstractSet[int]:
        return self.overlay.having(terms)
