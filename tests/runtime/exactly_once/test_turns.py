from collections.abc import Iterator
from contextlib import contextmanager

from services.runtime.store import TURNS_MAX, Store, pack
from tests.runtime.stores import BOTH, empty_store

NOW = 1_000_000


@contextmanager
def _store(kind: str, **wakes: int) -> Iterator[Store]:
    with empty_store(kind) as store:
        store.apply({(key, ""): pack(b"{}", wake) for key, wake in wakes.items()})
        yield store


@BOTH
def test_everybody_who_wants_a_turn_gets_one(kind: str) -> None:
    """Of many entries that want a turn at once, each has had one before any has a second."""
    with _store(kind, **{f"k{number:02}": 0 for number in range(3 * TURNS_MAX)}) as store:
        served = [store.due(NOW, 100) for _ in range(3)]
        every = sorted(key for batch in served for key, _ in batch)
        assert every == [f"k{number:02}" for number in range(3 * TURNS_MAX)]
        assert store.due(NOW, 100) == served[0]


@BOTH
def test_who_comes_later_waits_behind_who_was_there(kind: str) -> None:
    """One that had its turn and goes on is not overtaken for ever by those that come."""
    with _store(kind, long=0) as store:
        served = []
        for number in range(6):
            store.apply({(f"new{number}{letter}", ""): pack(b"{}", 0) for letter in "ab"})
            served += [key for key, _ in store.due(NOW, 0, turns=2)]
    assert served[:4] == ["long", "new0a", "new0b", "long"]


@BOTH
def test_turns_do_not_keep_timers_from_their_time(kind: str) -> None:
    """However many entries want a turn, timers that are due are served besides."""
    with _store(kind, due=NOW, later=NOW + 1, **{f"k{number}": 0 for number in range(3 * TURNS_MAX)}) as store:
        found = store.due(NOW, 1)
        assert len(found) == TURNS_MAX + 1
        assert found[-1] == ("due", "")


@BOTH
def test_who_wants_no_more_turns_gets_none(kind: str) -> None:
    """An entry that is changed to another time, or forgotten, leaves the queue of turns."""
    with _store(kind, a=0, b=0, c=0) as store:
        store.apply({("a", ""): pack(b"{}", NOW + 5), ("b", ""): pack(b"{}", None), ("c", ""): None})
        assert store.due(NOW, 10) == []
        assert store.next_due() == NOW + 5
        store.apply({("a", ""): pack(b"{}", 0)})
        assert store.next_due() == 0
        assert store.due(NOW + 9, 10) == [("a", "")]
