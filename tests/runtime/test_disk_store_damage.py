"""A block on disk that cannot be read: whoever walks over it is told so, and never given too little."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from contextlib import closing
from hashlib import blake2b
from pathlib import Path

import pytest

from services.runtime.database import Database, StateBrokenError, damaged_mark, new_batch
from services.runtime.disk_store import DiskStore
from services.runtime.store import Mark, pack

COUNT = 4_000
"""Dozens of blocks of every sort of key."""
DAMAGED = COUNT // 2
TERM = ~7


def _text(number: int) -> str:
    """Return a text that sorts as its number does and that compression leaves as it is."""
    return f"{number:05}-{_unlike(number)}"


def _unlike(number: int) -> str:
    return urlsafe_b64encode(blake2b(number.to_bytes(4, "big"), digest_size=12).digest()).decode()


def _damage(database: Path, number: int) -> None:
    """Overwrite the text of a number wherever it stands in the files of a database."""
    text = _unlike(number).encode()[:12]
    before = {path: path.read_bytes() for path in database.glob("*.sst")}
    assert any(text in content for content in before.values())
    for path, content in before.items():
        path.write_bytes(content.replace(text, b"\xa5" * len(text)))


def _by_after(store: DiskStore) -> Sequence[object]:
    return store.after("k", "copy/", COUNT)


def _by_due(store: DiskStore) -> Sequence[object]:
    return store.due(COUNT, COUNT, turns=0)


def _by_find(store: DiskStore) -> Sequence[object]:
    return store.find(TERM, "", COUNT)


def _by_turn(store: DiskStore) -> Sequence[object]:
    return store.due(0, 0, turns=COUNT)


@pytest.mark.parametrize("read", [_by_after, _by_due, _by_find, _by_turn], ids=lambda each: each.__name__.strip("_"))
def test_a_walk_over_a_damaged_block_raises(tmp_path: Path, read: Callable[[DiskStore], Sequence[object]]) -> None:
    """It ends neither early nor silently: a round taken for finished would leave copies that nobody is told of."""
    with closing(DiskStore(tmp_path, lambda _: [TERM])) as store:
        texts = [_text(number) for number in range(COUNT)]
        store.apply({("k", f"copy/{text}"): pack(b"", 0) for text in texts})
        store.apply({(text, ""): pack(b"", at) for at, text in enumerate(texts, 1)}, Mark(1, b"own"))
        assert len(read(store)) == COUNT
    _damage(tmp_path / "database", DAMAGED)
    with closing(DiskStore(tmp_path, lambda _: [TERM])) as store, pytest.raises(StateBrokenError):
        read(store)
    assert damaged_mark(tmp_path / "database").exists()


def test_the_last_key_is_not_said_to_be_missing_where_its_block_is_damaged(tmp_path: Path) -> None:
    """Else the numbers of turns would begin again at 0, before those that wait."""
    path = tmp_path / "database"
    with closing(Database(path)) as database:
        batch = new_batch()
        for number in range(COUNT):
            batch.put(b"q" + _text(number).encode(), b"")
        database.write(batch)
        assert database.last(b"q", b"r") == b"q" + _text(COUNT - 1).encode()
        assert database.last(b"a", b"q") is None
        assert database.last(b"q", b"q" + _text(7).encode()) == b"q" + _text(6).encode()
    _damage(path, COUNT - 2)  # in the same block; the last key stands in the index too
    with closing(Database(path)) as database, pytest.raises(StateBrokenError):
        database.last(b"q", b"r")
    assert damaged_mark(path).exists()
