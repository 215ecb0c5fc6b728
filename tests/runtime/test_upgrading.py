"""Entries of earlier formats are read as the ones of now; those of a later version are refused."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from services.contracts.codec import decode, encode
from services.contracts.processor import Decision, Emit, Engine, Event, Processor, View
from services.contracts.topics import Topic
from services.runtime.batch import decide_batch
from services.runtime.changelog import apply
from services.runtime.store import MemoryStore, changelog_key, format_of, pack, unpack
from services.runtime.upgrading import NewerStateError, upgraded

TOPIC = Topic("topic", "key", dict, ("tests",), "says")


@dataclass(frozen=True, slots=True)
class Counted:
    """Yesterday's entry was `{"count": "3"}`, that of the day before `{"seen": 3}`; neither had a timer."""

    total: int
    wake_at: int


def _first(_kind: str, entry: Any) -> Any:
    return {"count": str(entry["seen"])}


def _second(kind: str, entry: Any) -> Any:
    return {"total": int(entry["count"]), "wake_at": 7 if kind else 5}


def _decide(state: View, event: Event) -> Decision:
    before = state.get() or Counted(0, 0)
    return Decision({"": Counted(before.total + 1, 9)}, [Emit(TOPIC, event.key, {"total": before.total + 1})])


NOW = Processor(
    name="counter",
    engine=Engine.EXACTLY_ONCE,
    reads=(TOPIC,),
    writes=(TOPIC,),
    decide=_decide,
    entries={"": Counted, "part": Counted},
    next_wake=lambda entry: entry.wake_at,
    upgrades=(_first, _second),
)


def restored(**entries: bytes) -> MemoryStore:
    """Return the store that a changelog with these entries under one key leads to."""
    store = MemoryStore()
    records = (SimpleNamespace(key=changelog_key("k", name), value=value) for name, value in entries.items())
    apply(records, NOW, store)
    return store


@pytest.mark.parametrize(
    ("written_as", "payload", "wake"),
    [(1, b'{"seen": 3}', None), (2, b'{"count": "3"}', 2), (3, b'{"total": 3, "wake_at": 5}', 5)],
)
def test_an_entry_of_any_format_is_read_as_it_would_be_now(written_as: int, payload: bytes, wake: int | None) -> None:
    """Through as many upgrades as it takes; its timer is that of the present form."""
    store = restored(**{"": pack(payload, wake, written_as)})
    stored = store.get("k", "")
    assert stored is not None
    assert decode(Counted, unpack(stored)) == Counted(3, 5)
    assert store.next_due() == 5


def test_an_upgrade_is_told_the_kind_of_an_entry() -> None:
    """Kinds have types of their own."""
    store = restored(**{"part/a": pack(b'{"seen": 3}', None)})
    assert store.next_due() == 7


def test_what_changes_is_written_in_the_present_format() -> None:
    """So a changelog follows as its entries change, and what is not changed is upgraded at every start."""
    store = restored(**{"": pack(b'{"seen": 3}', None)})
    batch = decide_batch(NOW, store, [Event("k", {}, 1, 0, 0)])
    [(_, value)] = batch.changes.items()
    assert value is not None
    assert (format_of(value), decode(Counted, unpack(value))) == (3, Counted(4, 9))


def test_what_is_forgotten_needs_no_upgrade() -> None:
    """A removal has no format."""
    store = MemoryStore()
    store.apply({("k", ""): pack(encode(Counted(1, 1)), None, 3)})
    apply([SimpleNamespace(key=changelog_key("k", ""), value=None)], NOW, store)
    assert store.get("k", "") is None


def test_the_state_of_a_later_version_is_refused() -> None:
    """An earlier program would misread it; the message says what to do."""
    with pytest.raises(NewerStateError, match="format 4 and this version reads up to 3"):
        upgraded(NOW, "", pack(b"{}", None, 4))
