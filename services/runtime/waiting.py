"""What waits in the database in the order of its keys: timers by their time, turns by their number.

Who is served is deleted at the front, and RocksDB walks over what was deleted until it is compacted; so the place is
remembered before which nothing is left. Promises: looking for the first costs no more the more have been served.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from services.runtime.database import Database
from services.runtime.store import At

Place = tuple[bytes, At]
"""A key, and the entry that waits there."""


class Waiting:
    """The keys of the database that begin with `prefix`, one byte.

    `entry` gives whose place a key and its value are; what is `hidden` is passed over, and is looked at again only
    after it has been written: see `again`.
    """

    def __init__(
        self, database: Database, prefix: bytes, entry: Callable[[bytes, bytes], At], hidden: Callable[[At], bool]
    ) -> None:
        self._db = database
        self._end = bytes([prefix[0] + 1])
        self._from = prefix
        self._first: Place | None = None
        self._is_known = False
        self._entry = entry
        self._hidden = hidden

    def earliest(self) -> bytes | None:
        """Return the first key, or None."""
        if self._first is not None and self._hidden(self._first[1]):
            self._is_known = False
        if not self._is_known:
            self._first = next(self._places(self._end), None)
            self._from = self._end if self._first is None else self._first[0]
            self._is_known = True
        return None if self._first is None else self._first[0]

    def first(self, limit: int, end: bytes) -> list[Place]:
        """Return up to `limit` keys before `end` with their entries, in order."""
        earliest = self.earliest()
        if earliest is None or earliest >= end or limit <= 0:
            return []
        return list(islice(self._places(end), limit))

    def again(self, key: bytes) -> None:
        """Look from `key` on, since something that is now in the database waits there."""
        self._from = min(self._from, key)
        self._is_known = False

    def _places(self, end: bytes) -> Iterator[Place]:
        for key, value in self._db.items(self._from, end):
            at = self._entry(key, value)
            if not self._hidden(at):
                yield key, at
