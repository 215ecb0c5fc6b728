"""Deciding a batch: an overlay above the state, and timers that are still wanted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from services.contracts.processor import HEAD, Decision, Engine, Event, Processor, View, Woken
from services.runtime.batch import Batch, UndecidableError, decide_batch, terms_of, woken_events
from services.runtime.store import MemoryStore


@dataclass(frozen=True, slots=True)
class Entry:
    """A text, and when it wants to be woken."""

    text: str
    wake: int | None = None


Fact = tuple[str, str | None, int | None]


def _decide(state: View, event: Event) -> Decision:
    """Put an entry, or when woken show what is there."""
    if isinstance(event.fact, Woken):
        return Decision({event.fact.name: None})
    name, text, wake = event.fact
    assert text != "broken"
    return Decision({HEAD: Entry(",".join(seen for seen, _ in state.after("e/", 9))), name: text and Entry(text, wake)})


PROCESSOR = Processor(
    name="sample",
    engine=Engine.EXACTLY_ONCE,
    reads=(),
    writes=(),
    entries={"": Entry, "e": Entry},
    next_wake=lambda entry: entry.wake,
    decide=_decide,
)


def _event(*fact: Any) -> Event:
    return Event("k", fact, now=10, partition=0, offset=0)


def _run(store: MemoryStore, *events: Event) -> None:
    store.apply(decide_batch(PROCESSOR, store, events, woken_events(PROCESSOR, store, 10, 0, limit=9)).changes)


def test_an_event_sees_what_earlier_ones_of_its_batch_changed() -> None:
    """Entries put, replaced and forgotten in a batch are seen by the rest of it, in order with those stored."""
    store = MemoryStore()
    _run(store, _event("e/2", "b", None), _event("e/4", "d", None))
    changes = decide_batch(
        PROCESSOR,
        store,
        [_event("e/1", "a", None), _event("e/3", "c", None), _event("e/2", None, None), _event("e/9", "z", None)],
    ).changes
    head = changes["k", HEAD]
    assert head is not None
    assert b"e/1,e/3,e/4" in head
    assert changes["k", "e/2"] is None


def test_nothing_is_written_by_deciding() -> None:
    """The store is the same after a batch that was not applied."""
    store = MemoryStore()
    decide_batch(PROCESSOR, store, [_event("e/1", "a", None)])
    assert len(store) == 0


def test_a_timer_that_the_batch_has_put_off_does_not_wake() -> None:
    """Only who still wants it after the records of the batch is woken."""
    store = MemoryStore()
    _run(store, _event("e/1", "due", 5), _event("e/2", "due", 5))
    _run(store, _event("e/1", "later", 99))
    assert store.get("k", "e/1") is not None
    assert store.get("k", "e/2") is None


def _wanting(*texts: str) -> MemoryStore:
    """Return a store with an entry for each text, in order, that wants a turn."""
    store = MemoryStore()
    _run(store, *(_event(f"e/{number}", text, 0) for number, text in enumerate(texts)))
    return store


def _woken(store: MemoryStore, turns: int) -> list[str]:
    """Return the names of the entries whose steps fill so many turns, if a step of text `small` takes half of one."""
    weighing = replace(PROCESSOR, weight=lambda entry: 0.5 if entry.text == "small" else 1)
    return [event.fact.name for event in woken_events(weighing, store, 10, 0, limit=9, turns=turns)]


def test_small_steps_share_a_turn_and_each_has_one_before_any_has_a_second() -> None:
    """So that many keys with little to do get on as quickly as one with much."""
    store = _wanting(*["small"] * 5, "large", "small")
    assert _woken(store, 1) == ["e/0", "e/1"]
    assert _woken(store, 2) == ["e/2", "e/3", "e/4", "e/5"]
    assert _woken(store, 1) == ["e/6", "e/0"]


def test_only_large_steps_follow_one_another_when_few_want_a_turn() -> None:
    """What is small is mostly done in one step."""
    assert _woken(_wanting("small"), 8) == ["e/0"]
    assert _woken(_wanting("small", "large"), 3) == ["e/0", "e/1", "e/1", "e/1"]
    assert _woken(_wanting(), 3) == []


class CountingStore(MemoryStore):
    """State in memory that counts what it is asked for."""

    asked = 0

    def find(self, term: int, after: str, limit: int) -> Sequence[str]:
        """Count the keys that are wanted."""
        self.asked += limit
        return super().find(term, after, limit)


class Finding:
    """A processor that is found by the letters of its heads, and that looks for a letter."""

    def __init__(self) -> None:
        self.found: list[Sequence[str]] = []
        self.indexed = 0
        self.processor = replace(PROCESSOR, decide=self.decide, terms=self.terms)

    def decide(self, state: View, event: Event) -> Decision:
        """Put a head, or look for the first two after a key."""
        kind, *what = event.fact
        if kind == "put":
            return Decision({HEAD: Entry(what[0]) if what[0] else None})
        assert state.having({ord(what[0]), 0}) <= {ord(what[0])}
        self.found.append(state.find(ord(what[0]), what[1], 2) if state.having({ord(what[0])}) else [])
        return Decision()

    def terms(self, head: Entry) -> Iterator[int]:
        """Yield the letters, and count that."""
        self.indexed += 1
        return map(ord, head.text)

    def run(self, store: MemoryStore, *facts: tuple[str, ...]) -> Batch:
        """Decide facts, the first of which is the key of each."""
        events = [Event(key, fact, now=10, partition=0, offset=0) for key, *fact in facts]
        return decide_batch(self.processor, store, events)


def test_what_a_batch_changed_is_found_as_it_is_now() -> None:
    """Heads that came, went, lost a term or got one, among those that are as they were, in order and not too many."""
    finding = Finding()
    store = MemoryStore(terms_of(finding.processor))
    store.apply(finding.run(store, *((key, "put", "x") for key in "bcdefg")).changes)
    changes: tuple[tuple[str, ...], ...] = (
        ("b", "put", ""),
        ("c", "put", "y"),
        ("e", "put", "yy"),
        ("e", "put", "xy"),
        ("a", "put", "x"),
        ("h", "put", "x"),
    )
    finding.run(
        store, *changes, *(("", "find", "x", after) for after in ("", "a", "d", "f", "g")), ("", "find", "y", "")
    )
    assert finding.found == [["a", "d"], ["d", "e"], ["e", "f"], ["g", "h"], ["h"], ["c", "e"]]


def test_finding_costs_no_more_for_what_else_the_batch_changed() -> None:
    """The store is asked for what is wanted, and the terms of a head are made out once, however long the batch is."""
    finding = Finding()
    store = CountingStore(terms_of(finding.processor))
    facts = [((f"k{number}", "put", "x"), (f"k{number}", "find", "x", "")) for number in range(50)]
    finding.run(store, *(fact for pair in facts for fact in pair))
    assert store.asked == 2 * 50
    assert finding.indexed == 50


def test_what_decide_raises_says_on_what() -> None:
    """A bug in `decide` names the fact, the key and the offset."""
    with pytest.raises(UndecidableError, match="of key 'k' at offset 0"):
        decide_batch(PROCESSOR, MemoryStore(), [_event("e/1", "broken", None)])
