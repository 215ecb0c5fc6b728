"""The two stores side by side: the same operations, the same answers."""

from itertools import groupby
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from services.runtime.disk_store import DiskStore
from services.runtime.store import Mark, Store, pack, wake_of
from tests.runtime.stores import emptied, empty_store

KEYS = st.sampled_from(["a", "b", "aa", "ü", "\x00"])
NAMES = st.sampled_from(["", "copy/1", "copy/2", "copy/\x00é", "work/1"])
VALUES = st.none() | st.builds(pack, st.binary(max_size=2), st.none() | st.integers(0, 4))
BATCHES = st.dictionaries(st.tuples(KEYS, NAMES), VALUES, max_size=6)
LOOKS = st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 3))
WRITES = st.integers(1, 4)
TERMS = set(range(256))
STEPS = st.lists(st.one_of(BATCHES, LOOKS, WRITES), max_size=16)


def _last_byte(stored: bytes) -> list[int]:
    return [stored[-1], ~stored[-1]]


def test_the_stores_answer_alike() -> None:
    """Whatever is applied in batches, whoever looks at timers and turns between, both have the same to say.

    At any time the one on disk may have written some of it, or be about to.
    """
    with empty_store("memory", _last_byte) as memory, empty_store("disk", _last_byte) as disk:
        assert isinstance(disk, DiskStore)

        @given(STEPS)
        @settings(max_examples=600)
        def check(steps: list[object]) -> None:
            put = dict[tuple[str, str], bytes]()
            for step in steps:
                if isinstance(step, dict):
                    memory.apply(step)
                    disk.apply(step, Mark(1, b"own"))
                    put |= step
                elif isinstance(step, tuple):
                    assert _due(memory, *step) == _due(disk, *step)
                elif isinstance(step, int):
                    disk.write(step)
                assert _seen(memory, put) == _seen(disk, put)
                assert memory.having(TERMS) <= disk.having(TERMS)
            emptied(memory, put)
            emptied(disk, put)

        check()


def _due(store: Store, now: int, limit: int, turns: int) -> list[set[tuple[str, str]] | int]:
    """Return whose turn it is one after another, of the timers the times: equal ones come in any order."""
    found = store.due(now, limit, turns)
    wakes = [wake_of(store.get(*at) or b"") for at in found]
    served = [{at} for at, wake in zip(found, wakes, strict=True) if wake == 0]
    return [*served, *(wake for wake, _ in groupby(wakes) if wake)]


def _seen(store: Store, put: dict[tuple[str, str], bytes]) -> list[object]:
    keys = sorted({key for key, _ in put})
    return [
        len(store),
        store.next_due(),
        [store.get(*at) for at in put],
        [list(store.after(key, name, limit)) for key in keys for name in ("copy/", "copy/1") for limit in (0, 1, 9)],
        [list(store.find(term, key, limit)) for term in (1, ~1) for key in ("", *keys) for limit in (1, 9)],
    ]


def test_turns_go_on_after_a_restart(tmp_path: Path) -> None:
    """What is on disk, turns and timers and what heads are found by among it, is there when it is opened again."""
    store = DiskStore(tmp_path, _last_byte)
    assert store.begin("origin") is None
    store.apply({(f"k{number}", ""): pack(b"x", number % 2) for number in range(6)}, Mark(7, b"own"))
    assert [key for key, _ in store.due(9, 9, turns=2)] == ["k0", "k2", "k1", "k3", "k5"]
    store.close()
    store = DiskStore(tmp_path, _last_byte)
    assert store.begin("origin") == Mark(7, b"own")
    assert len(store) == 6
    assert [key for key, _ in store.due(9, 1, turns=2)] == ["k4", "k0", "k1"]
    store.apply({("k9", ""): pack(b"x", 0)})
    assert [key for key, _ in store.due(9, 0, turns=4)] == ["k2", "k4", "k0", "k9"]
    assert store.find(ord("x"), "k1", 2) == ["k2", "k3"]
    assert store.begin("another") is None
    assert len(store) == 0
    store.close()
