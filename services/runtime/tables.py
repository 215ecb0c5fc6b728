"""How a unit's state lies in its database, and how changes get there.

    e key name → entry      t wake key name → (timers)      q number → key name (turns)      s key name → its number
    i term key → (index)    m → whose state it is           o → the unit's own record        n → how many entries
    r → of how many the term is 0 or above

Promises: what is written is written at once and together with where the changelog stood, after having been prepared
in steps; so what is here is the state that some committed transaction left.
"""

import struct
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import msgspec
from rocksdict import WriteBatch

from services.contracts.processor import HEAD, no_terms
from services.runtime.database import Database, StateBrokenError, new_batch
from services.runtime.sieve import Sieve
from services.runtime.store import At, Mark, Terms, changelog_key, entry_of, wake_of
from services.runtime.unwritten import Unwritten
from services.runtime.waiting import Waiting

DISK_FORMAT = 2
"""Raised when keys or values here mean something else; what is of another format is rebuilt."""
_ENTRY, _TIMER, _TURN, _NUMBER, _TERM, _MARK, _OWN, _COUNT = b"e", b"t", b"q", b"s", b"i", b"m", b"o", b"n"
_DIGESTS = b"r"
TERMS_A_STEP = 32
"""Of a head that has thousands: so many cost about what an entry costs."""
_U64 = struct.Struct(">Q")
_TERM_BYTES = 9
_TERMS_BELOW = 1 << 64
_PAST_TEXT = b"\xff"
"""Follows every byte that UTF-8 has."""

Hidden = Callable[[At], bool]


class _Standing(msgspec.Struct, frozen=True):
    """Whose state it is, and the offset of the unit's own record."""

    origin: str
    offset: int
    disk_format: int = DISK_FORMAT


class Tables:
    """The state in a database of its own, at `path`, which nobody else has open.

    `timer_hidden` and `turn_hidden` tell of whom what waits here counts no more, because something newer is known.
    """

    def __init__(self, path: Path, terms: Terms, timer_hidden: Hidden, turn_hidden: Hidden) -> None:
        """Open it; whatever RocksDB says against that is raised as it is."""
        self._db = Database(path)
        self._terms_of = terms
        self.count = self._number_at(_COUNT)
        """How many entries there are."""
        self._digests = self._number_at(_DIGESTS)
        self._timers = Waiting(self._db, _TIMER, lambda key, _: entry_of(key[1 + _U64.size :]), timer_hidden)
        self._turns = Waiting(self._db, _TURN, lambda _, value: entry_of(value), turn_hidden)
        self._sieve = Sieve(self._walk)
        last = self._db.last(_TURN, _next(_TURN))
        self._number = 0 if last is None else _U64.unpack(last[1:])[0] + 1

    def close(self) -> None:
        """Close the database; nothing is asked any more."""
        self._sieve.close()
        self._db.close()

    @property
    def size_bytes(self) -> int:
        """How much the database estimates to hold, its memory included."""
        return self._db.size_bytes

    @property
    def origin(self) -> str:
        """Whose state it is."""
        found = self._db.get(_MARK)
        return "" if found is None else msgspec.json.decode(found, type=_Standing).origin

    def mark(self, origin: str) -> Mark | None:
        """Return where the state stands if it is that of the changelog `origin`, and None if it is not to be used."""
        found, own = self._db.get(_MARK), self._db.get(_OWN)
        if found is None or own is None:
            return None
        standing = msgspec.json.decode(found, type=_Standing)
        return Mark(standing.offset, own) if standing == _Standing(origin, standing.offset) else None

    def get(self, at: At) -> bytes | None:
        """Return the entry, or None."""
        return self._db.get(_ENTRY + changelog_key(*at))

    def get_all(self, ats: list[At]) -> list[bytes | None]:
        """Return entries in their order; for many at half the price."""
        return self._db.get_all([_ENTRY + changelog_key(*at) for at in ats])

    def entries(self, key: str, name: str, past: str) -> Iterator[tuple[str, bytes]]:
        """Yield the entries under `key` whose names sort between the two, in order."""
        begin, end = (_ENTRY + changelog_key(key, each) for each in (name, past))
        skipped = len(begin) - len(name.encode())
        # A zero byte makes the least key that sorts after `begin`.
        return ((at[skipped:].decode(), value) for at, value in self._db.items(begin + b"\0", end))

    def keys(self, term: int, after: str) -> Iterator[str]:
        """Yield, in order, the keys that sort after `after` and whose head has `term`."""
        prefix = _term_prefix(term)
        items = self._db.items(prefix + after.encode() + b"\0", prefix + _PAST_TEXT)
        return (at[len(prefix) :].decode() for at, _ in items)

    def having(self, terms: Collection[int]) -> Collection[int]:
        """Return those of `terms`, none below 0, that some head has, and few others; nothing is read."""
        return self._sieve.passing(terms)

    def sift(self, steps: int) -> None:
        """Prepare that by so many terms, if it is not yet."""
        self._sieve.sift(steps)

    def due(self, now: int, limit: int) -> list[tuple[int, At]]:
        """Return up to `limit` wake times until `now`, and whose they are, in order."""
        due = self._timers.first(limit, _TIMER + _U64.pack(max(now, 0) + 1))
        return [(int(_U64.unpack_from(key, 1)[0]), at) for key, at in due]

    def earliest(self) -> int | None:
        """Return the earliest wake time, or None."""
        earliest = self._timers.earliest()
        return None if earliest is None else int(_U64.unpack_from(earliest, 1)[0])

    def turns(self, count: int) -> list[At]:
        """Return up to `count` of those that want a turn, in the order in which they lined up."""
        return [at for _, at in self._turns.first(count, _next(_TURN))]

    def write(self, changed: Unwritten, origin: str) -> Iterator[None]:
        """Write all of it, once whoever iterates has come to the end.

        Each step prepares one entry, or the next few terms of a head.
        """
        batch = new_batch()
        count = self.count
        for at, value in changed.changes.items():
            before = changed.before[at]
            self._put(batch, changelog_key(*at), before, value, at in changed.lined)
            if at[1] == HEAD and self._terms_of is not no_terms:
                yield from self._reindex(batch, at[0], before, value)
            count += (value is not None) - (before is not None)
            yield
        for at in changed.lined:
            self._line_up(batch, changelog_key(*at))
            yield
        batch.put(_COUNT, _U64.pack(count))
        batch.put(_DIGESTS, _U64.pack(self._digests))
        if changed.mark is not None:
            batch.put(_MARK, msgspec.json.encode(_Standing(origin, changed.mark.offset)))
            batch.put(_OWN, changed.mark.own)
        self._db.write(batch)
        self.count = count
        self._look_again(changed)

    def _look_again(self, changed: Unwritten) -> None:
        """Look from the earliest of what has been written, which was hidden until now."""
        wakes = (wake_of(value) for value in changed.changes.values() if value is not None)
        if earliest := min((wake for wake in wakes if wake), default=None):
            self._timers.again(_TIMER + _U64.pack(earliest))
        if changed.lined:
            self._turns.again(_TURN + _U64.pack(self._number - len(changed.lined)))

    def _put(self, batch: WriteBatch, at: bytes, before: bytes | None, after: bytes | None, lines_up: bool) -> None:
        if after is None:
            if before is not None:
                batch.delete(_ENTRY + at)
        elif after != before:
            batch.put(_ENTRY + at, after)
        old = None if before is None else wake_of(before)
        new = None if after is None else wake_of(after)
        if old == 0 and (new != 0 or lines_up):
            self._leave_line(batch, at)
        elif old and old != new:
            batch.delete(_TIMER + _U64.pack(old) + at)
        if new and old != new:
            batch.put(_TIMER + _U64.pack(new) + at, b"")

    def _leave_line(self, batch: WriteBatch, at: bytes) -> None:
        number = self._db.get(_NUMBER + at)
        if number is None:
            raise StateBrokenError("a turn has no number")
        batch.delete(_TURN + number)
        batch.delete(_NUMBER + at)

    def _line_up(self, batch: WriteBatch, at: bytes) -> None:
        number = _U64.pack(self._number)
        self._number += 1
        batch.put(_TURN + number, at)
        batch.put(_NUMBER + at, number)

    def _reindex(self, batch: WriteBatch, key: str, before: bytes | None, after: bytes | None) -> Iterator[None]:
        old, new = (set() if head is None else {*self._terms_of(head)} for head in (before, after))
        for count, term in enumerate(old ^ new, 1):
            at = _term_prefix(term) + key.encode()
            if term in old:
                batch.delete(at)
                self._digests -= term >= 0
            else:
                batch.put(at, b"")
                self._digests += term >= 0
                if term >= 0:
                    self._sieve.add(term)
            if count % TERMS_A_STEP == 0:
                yield

    def _walk(self) -> tuple[int, Iterator[int]]:
        """Return how many terms from 0 on there are, and all of them, as often as heads have them."""
        items = self._db.items(_term_prefix(0), _next(_TERM))
        return self._digests, (int.from_bytes(at[2 : 1 + _TERM_BYTES]) for at, _ in items)

    def _number_at(self, key: bytes) -> int:
        return int(_U64.unpack(self._db.get(key) or bytes(_U64.size))[0])


def _term_prefix(term: int) -> bytes:
    return _TERM + (_TERMS_BELOW + term).to_bytes(_TERM_BYTES)  # those below 0 first


def _next(prefix: bytes) -> bytes:
    return bytes([prefix[0] + 1])
