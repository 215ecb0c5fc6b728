"""Both stores for tests that hold of either."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.runtime.disk_store import DiskStore
from services.runtime.store import MemoryStore, Store, Terms

BOTH = pytest.mark.parametrize("kind", ["memory", "disk"])


@contextmanager
def empty_store(kind: str, terms: Terms | None = None) -> Iterator[Store]:
    """Give an empty store of that kind."""
    given = () if terms is None else (terms,)
    if kind == "memory":
        yield MemoryStore(*given)
        return
    with tempfile.TemporaryDirectory(prefix="staydown-store-") as directory:
        store = DiskStore(Path(directory), *given)
        try:
            yield store
        finally:
            store.close()


def emptied(store: Store, names: dict[tuple[str, str], bytes]) -> None:
    """Take away all that a test has put, one after the other, so that the next example begins with nothing."""
    store.apply(dict.fromkeys(names))
    assert len(store) == 0
    assert store.next_due() is None
