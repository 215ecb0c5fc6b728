"""Deciding a batch: an overlay above the state, and timers that are still wanted."""

from dataclasses import dataclass
from typing import Any

import pytest

from services.contracts.processor import HEAD, Decision, Engine, Event, Processor, View, Woken
from services.runtime.batch import UndecidableError, decide_batch, woken_events
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
    store.apply(decide_batch(PROCESSOR, store, events, woken_events(store, 10, 0, 9)).changes)


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


def test_what_decide_raises_says_on_what() -> None:
    """A bug in `decide` names the fact, the key and the offset."""
    with pytest.raises(UndecidableError, match="of key 'k' at offset 0"):
        decide_batch(PROCESSOR, MemoryStore(), [_event("e/1", "broken", None)])
