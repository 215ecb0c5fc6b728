from services.runtime.store import TURNS_MAX, MemoryStore, pack

NOW = 1_000_000


def _store(**wakes: int) -> MemoryStore:
    store = MemoryStore()
    store.apply({(key, ""): pack(b"{}", wake) for key, wake in wakes.items()})
    return store


def test_everybody_who_wants_a_turn_gets_one() -> None:
    """Of many entries that want a turn at once, each has had one before any has a second."""
    store = _store(**{f"k{number:02}": 0 for number in range(3 * TURNS_MAX)})
    served = [store.due(NOW, 100) for _ in range(3)]
    assert sorted(key for batch in served for key, _ in batch) == [f"k{number:02}" for number in range(3 * TURNS_MAX)]
    assert store.due(NOW, 100) == served[0]


def test_turns_do_not_keep_timers_from_their_time() -> None:
    """However many entries want a turn, timers that are due are served besides."""
    store = _store(due=NOW, later=NOW + 1, **{f"k{number}": 0 for number in range(3 * TURNS_MAX)})
    found = store.due(NOW, 1)
    assert len(found) == TURNS_MAX + 1
    assert found[-1] == ("due", "")


def test_who_wants_no_more_turns_gets_none() -> None:
    """An entry that is changed to another time, or forgotten, leaves the queue of turns."""
    store = _store(a=0, b=0, c=0)
    store.apply({("a", ""): pack(b"{}", NOW + 5), ("b", ""): pack(b"{}", None), ("c", ""): None})
    assert store.due(NOW, 10) == []
    assert store.next_due() == NOW + 5
    store.apply({("a", ""): pack(b"{}", 0)})
    assert store.next_due() == 0
    assert store.due(NOW + 9, 10) == [("a", "")]
