"""A recogniser of which is counted what it reads: work, not time."""

from collections import Counter

from services.recogniser import PROCESSOR
from services.runtime.batch import terms_of
from services.runtime.store import MemoryStore
from tests.deciding import Deciding


class CountingStore(MemoryStore):
    """State in memory that counts how often each head was read, and how many keys were found."""

    def __init__(self) -> None:
        super().__init__(terms_of(PROCESSOR))
        self.heads = Counter[str]()
        self.keys = 0

    def get(self, key: str, name: str) -> bytes | None:
        """Count a head that is read."""
        self.heads[key] += not name
        return super().get(key, name)

    def find(self, term: int, after: str, limit: int) -> list[str]:
        """Count the keys that are found."""
        found = list(super().find(term, after, limit))
        self.keys += len(found)
        return found


def reading() -> tuple[Deciding, CountingStore]:
    """Return a recogniser that knows nothing, and what counts."""
    deciding = Deciding(PROCESSOR)
    deciding.store = store = CountingStore()
    return deciding, store
