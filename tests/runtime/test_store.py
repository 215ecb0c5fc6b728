"""Both stores against a plain dict, and what stands in the changelog."""

from operator import invert

from hypothesis import given
from hypothesis import strategies as st

from services.contracts.sample import DIGEST_MAX
from services.runtime.store import (
    TURNS_MAX,
    Store,
    changelog_key,
    entry_of,
    kind_of,
    pack,
    unpack,
    wake_of,
)
from tests.runtime.stores import BOTH, emptied, empty_store

UNKNOWN = 7 << 40
KEYS = st.sampled_from(["a", "b", "ü"])
NAMES = st.sampled_from(["", "copy/", "copy/1", "copy/2", "copy/é", "copy/zz", "cop/9", "work/1"])
WAKES = st.none() | st.integers(1, 5)
CHANGES = st.lists(st.tuples(KEYS, NAMES, st.none() | st.tuples(st.binary(max_size=3), WAKES)), max_size=30)


Put = tuple[str, str, tuple[bytes, int | None] | None]


@BOTH
def test_the_store_holds_what_a_dict_would(kind: str) -> None:
    """After any changes every entry, walk, found key and timer is that of a dict with the same changes."""
    with empty_store(kind, _terms) as store:

        @given(CHANGES)
        def check(changes: list[Put]) -> None:
            model = dict[tuple[str, str], bytes]()
            for key, name, value in changes:
                stored = None if value is None else pack(*value)
                store.apply({(key, name): stored})
                model[key, name] = stored or b""
            model = {at: value for at, value in model.items() if value}
            _check(store, model)
            emptied(store, model)

        check()


def _terms(stored: bytes) -> list[int]:
    """Find a head by each of its bytes, from the first and from the last number on, and by what begins it."""
    payload = unpack(stored)
    return [*payload, *(DIGEST_MAX - each for each in payload), *map(invert, payload[:1])]


def _check(store: Store, model: dict[tuple[str, str], bytes]) -> None:
    assert len(store) == len(model)
    assert all(store.get(*at) == value for at, value in model.items())
    for key in ("a", "b", "ü", "missing"):
        under = sorted((name, value) for (one, name), value in model.items() if one == key and name)
        copies = [pair for pair in under if kind_of(pair[0]) == "copy"]
        assert list(store.after(key, "copy/1", 2)) == [pair for pair in copies if pair[0] > "copy/1"][:2]
        assert list(store.after(key, "copy/", 9)) == [pair for pair in copies if pair[0] > "copy/"]
        assert store.get(key, "copy/none") is None
    heads = {key: _terms(value) for (key, name), value in model.items() if not name}
    terms = {term for terms in heads.values() for term in terms}
    assert {term for term in terms if term >= 0} <= store.having({term for term in terms if term >= 0})
    for term in terms | {UNKNOWN}:
        having = sorted(key for key, terms in heads.items() if term in terms)
        assert list(store.find(term, "", 9)) == having
        assert list(store.find(term, "a", 1)) == [key for key in having if key > "a"][:1]
    _check_timers(store, model)


def _check_timers(store: Store, model: dict[tuple[str, str], bytes]) -> None:
    times = sorted((wake, at) for at, value in model.items() if (wake := wake_of(value)) is not None)
    assert store.next_due() == (times[0][0] if times else None)
    for now in range(6):
        due = [(wake, at) for wake, at in times if wake <= now]
        for limit in (100, 2, 0):
            found = store.due(now, limit)
            assert [wake_of(model[at]) for at in found] == [wake for wake, _ in due[:limit]]
            assert len(set(found)) == len(found)
            assert set(found) <= {at for _, at in due}


@BOTH
def test_entries_that_wake_at_once_take_turns(kind: str) -> None:
    """Of many that want to go on as soon as others had their turn, each is called before any is called again."""
    with empty_store(kind) as store:
        many = {(f"k{number}", ""): pack(b"", 0) for number in range(5 * TURNS_MAX)}
        store.apply(many)
        assert store.next_due() == 0
        called = [entry for _ in range(5) for entry in store.due(9, 0)]
        assert sorted(called) == sorted(many)
        emptied(store, {at: value for at, value in many.items() if value})


@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_a_changelog_key_says_key_and_name(key: str, name: str) -> None:
    """No key and name, whatever they hold, can be mistaken for another pair."""
    assert entry_of(changelog_key(key, name)) == (key, name)


@given(st.binary(), WAKES)
def test_an_entry_keeps_payload_and_wake_time(payload: bytes, wake: int | None) -> None:
    """Packing loses nothing."""
    packed = pack(payload, wake)
    assert (unpack(packed), wake_of(packed)) == (payload, wake)
