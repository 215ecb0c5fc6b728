"""What waits in the database in the order of its keys: timers by their time, turns by their number.

Who is served is deleted at the front, and RocksDB walks over what was deleted until it is compacted; so the place is
remembered before which nothing is left. Promises: looking for the first costs no more the more have been served.
"""

from itertools import islice

from rocksdict import WriteBatch

from services.runtime.database import Database


class Waiting:
    """The keys of the database that begin with `prefix`, one byte."""

    def __init__(self, database: Database, prefix: bytes) -> None:
        self._db = database
        self._end = bytes([prefix[0] + 1])
        self._from = prefix
        self._first: bytes | None = None
        self._is_known = False

    def earliest(self) -> bytes | None:
        """Return the first key, or None."""
        if not self._is_known:
            self._first = next((key for key, _ in self._db.items(self._from, self._end)), None)
            self._from = self._first or self._end
            self._is_known = True
        return self._first

    def first(self, limit: int, end: bytes) -> list[tuple[bytes, bytes]]:
        """Return up to `limit` keys before `end` with their values, in order."""
        earliest = self.earliest()
        if earliest is None or earliest >= end or limit <= 0:
            return []
        return list(islice(self._db.items(earliest, end), limit))

    def put(self, batch: WriteBatch, key: bytes, value: bytes = b"") -> None:
        """Put a key, which the batch will write."""
        batch.put(key, value)
        self._from = min(self._from, key)
        if self._is_known and (self._first is None or key < self._first):
            self._first = key

    def delete(self, batch: WriteBatch, key: bytes) -> None:
        """Delete a key, which the batch will do."""
        batch.delete(key)
        if key == self._first:
            self._is_known = False
