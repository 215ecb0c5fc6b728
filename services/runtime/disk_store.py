"""State on disk: a cache of the changelog, so that state may be larger than memory and a start reads only the tail.

    e key name → entry      t wake key name → (timers)      q number → key name (turns)      s key name → its number
    i term key → (index)    m → whose state it is           o → the unit's own record        n → how many entries

Written only after the commit, all of a batch together with where the changelog stood. Promises: what is there is the
state that some committed transaction left, or it is recognised as not being so; it answers as `MemoryStore` does.
"""

import shutil
import struct
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import msgspec
from rocksdict import WriteBatch

from services.contracts.processor import HEAD, no_terms
from services.runtime.database import Database, StateBrokenError, new_batch
from services.runtime.recent import Recent
from services.runtime.store import (
    FORMAT_VERSION,
    TURNS_MAX,
    Changes,
    Mark,
    Terms,
    changelog_key,
    entry_of,
    kind_of,
    wake_of,
)
from services.runtime.waiting import Waiting

DISK_FORMAT = 1
"""Raised when keys or values here mean something else; what is of another format is rebuilt."""
_ENTRY, _TIMER, _TURN, _NUMBER, _TERM, _MARK, _OWN, _COUNT = b"e", b"t", b"q", b"s", b"i", b"m", b"o", b"n"
_U64 = struct.Struct(">Q")
_U16 = struct.Struct(">H")
_PAST_TEXT = b"\xff"
"""Follows every byte that UTF-8 has."""

At = tuple[str, str]


class _Standing(msgspec.Struct, frozen=True):
    """Whose state it is, and the offset of the unit's own record."""

    origin: str
    offset: int
    disk_format: int = DISK_FORMAT
    entry_format: int = FORMAT_VERSION


class DiskStore:
    """State in a database of its own, at `path`, which nobody else has open."""

    def __init__(self, path: Path, terms: Terms = no_terms) -> None:
        """Open it; whatever RocksDB says against that is raised as it is."""
        self._path = path
        self._terms_of = terms
        self._open()
        found = self._db.get(_MARK)
        self._origin = "" if found is None else msgspec.json.decode(found, type=_Standing).origin

    def _open(self) -> None:
        self._db = Database(self._path / "database")
        self._recent = Recent()
        self._count = _U64.unpack(self._db.get(_COUNT) or bytes(_U64.size))[0]
        self._timers = Waiting(self._db, _TIMER)
        self._turns = Waiting(self._db, _TURN)
        last = self._db.last(_TURN, _next(_TURN))
        self._number = 0 if last is None else _U64.unpack(last[1:])[0] + 1

    @property
    def origin(self) -> str:
        """Whose state it was when it was opened, or is since `begin`."""
        return self._origin

    def begin(self, origin: str) -> Mark | None:
        """Return where the state stands if it is that of the changelog `origin`; else None, and it is empty."""
        self._origin = origin
        found, own = self._db.get(_MARK), self._db.get(_OWN)
        if found is not None and own is not None:
            standing = msgspec.json.decode(found, type=_Standing)
            if standing == _Standing(origin, standing.offset):
                return Mark(standing.offset, own)
        self.clear()
        return None

    def clear(self) -> None:
        """Forget everything."""
        self._db.close()
        shutil.rmtree(self._path / "database")
        self._open()

    def close(self) -> None:
        """Close the database; nothing is asked any more."""
        self._db.close()

    def get(self, key: str, name: str) -> bytes | None:
        """Return the entry, or None."""
        is_known, found = self._recent.get((key, name))
        if not is_known:
            found = self._db.get(_ENTRY + changelog_key(key, name))
            self._recent.put((key, name), found)
        return found

    def after(self, key: str, name: str, limit: int) -> Sequence[tuple[str, bytes]]:
        """Return up to `limit` entries under `key`, of the kind of `name`, whose names sort after `name`."""
        begin, past = (_ENTRY + changelog_key(key, each) for each in (name, kind_of(name) + "0"))
        skipped = len(begin) - len(name.encode())
        # A zero byte makes the least key that sorts after `begin`.
        found = [
            (at[skipped:].decode(), value) for at, value in islice(self._db.items(begin + b"\0", past), max(limit, 0))
        ]
        for entry, value in found:
            self._recent.put((key, entry), value)
        return found

    def find(self, term: bytes, after: str, limit: int) -> Sequence[str]:
        """Return up to `limit` keys, in order, that sort after `after` and whose head has `term`."""
        prefix = _term_prefix(term)
        items = self._db.items(prefix + after.encode() + b"\0", prefix + _PAST_TEXT)
        return [at[len(prefix) :].decode() for at, _ in islice(items, max(limit, 0))]

    def due(self, now: int, limit: int, turns: int = TURNS_MAX) -> Sequence[At]:
        """Return the first that are due; see `Store`."""
        due = self._timers.first(limit, _TIMER + _U64.pack(max(now, 0) + 1))
        return [*self._next_turns(turns), *(entry_of(at[1 + _U64.size :]) for at, _ in due)]

    def next_due(self) -> int | None:
        """Return the earliest wake time, or None."""
        if self._turns.earliest() is not None:
            return 0
        earliest = self._timers.earliest()
        return None if earliest is None else int(_U64.unpack_from(earliest, 1)[0])

    def apply(self, changes: Changes, mark: Mark | None = None) -> None:
        """Write the changes of one committed batch, and where the changelog stands after it, together."""
        known = self._known(changes)
        batch = new_batch()
        count = self._count
        for (key, name), value in changes.items():
            before = known[key, name]
            at = changelog_key(key, name)
            if value is not None:
                batch.put(_ENTRY + at, value)
            elif before is not None:
                batch.delete(_ENTRY + at)
            count += (value is not None) - (before is not None)
            self._reschedule(batch, at, before, value)
            if name == HEAD and self._terms_of is not no_terms:
                self._reindex(batch, key, before, value)
            self._recent.put((key, name), value)
        batch.put(_COUNT, _U64.pack(count))
        if mark is not None:
            batch.put(_MARK, msgspec.json.encode(_Standing(self._origin, mark.offset)))
            batch.put(_OWN, mark.own)
        self._db.write(batch)
        self._count = count

    def __len__(self) -> int:
        return int(self._count)

    def _known(self, changes: Changes) -> dict[At, bytes | None]:
        """Return what is to be changed as it is; mostly it was read when that was decided."""
        known: dict[At, bytes | None] = {}
        unknown: list[At] = []
        for at in changes:
            is_known, known[at] = self._recent.get(at)
            if not is_known:
                unknown.append(at)
        if unknown:
            known |= zip(unknown, self._db.get_all([_ENTRY + changelog_key(*at) for at in unknown]), strict=True)
        return known

    def _reschedule(self, batch: WriteBatch, at: bytes, before: bytes | None, after: bytes | None) -> None:
        old = None if before is None else wake_of(before)
        new = None if after is None else wake_of(after)
        if old == new:
            return
        if old == 0:
            number = self._db.get(_NUMBER + at)
            if number is None:
                raise StateBrokenError("a turn has no number")
            self._turns.delete(batch, _TURN + number)
            batch.delete(_NUMBER + at)
        elif old is not None:
            self._timers.delete(batch, _TIMER + _U64.pack(old) + at)
        if new == 0:
            self._line_up(batch, at)
        elif new is not None:
            self._timers.put(batch, _TIMER + _U64.pack(new) + at)

    def _reindex(self, batch: WriteBatch, key: str, before: bytes | None, after: bytes | None) -> None:
        old, new = (set() if head is None else {*self._terms_of(head)} for head in (before, after))
        for term in old - new:
            batch.delete(_term_prefix(term) + key.encode())
        for term in new - old:
            batch.put(_term_prefix(term) + key.encode(), b"")

    def _line_up(self, batch: WriteBatch, at: bytes) -> None:
        number = _U64.pack(self._number)
        self._number += 1
        self._turns.put(batch, _TURN + number, at)
        batch.put(_NUMBER + at, number)

    def _next_turns(self, count: int) -> list[At]:
        """Return who is next among those that want a turn, and put them last; no part of the state hangs on it."""
        found = self._turns.first(count, _next(_TURN))
        if found:
            batch = new_batch()
            for place, at in found:
                self._turns.delete(batch, place)
                self._line_up(batch, at)
            self._db.write(batch)
        return [entry_of(at) for _, at in found]


def _term_prefix(term: bytes) -> bytes:
    return _TERM + _U16.pack(len(term)) + term


def _next(prefix: bytes) -> bytes:
    return bytes([prefix[0] + 1])
