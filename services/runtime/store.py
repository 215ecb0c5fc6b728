"""The state of one unit: entries under keys, and the times at which entries want to be woken.

What is stored is what the changelog holds: a byte for the format, the entry's wake time, and the entry as JSON. The
wake time stands outside of the JSON so that timers are restored without decoding anything.
"""

import heapq
import struct
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from sortedcontainers import SortedDict

from services.contracts.processor import no_terms
from services.runtime.index import Index

FORMAT_FIRST = 1
_PREFIX = struct.Struct(">Bq")
_LENGTH = struct.Struct(">H")
_NEVER = -1
# A turn is a step of a long fan-out, some hundred records each: a batch holds 50 ms of them at the most.
TURNS_MAX = 8

At = tuple[str, str]
"""Key and name of an entry."""
Changes = Mapping[At, bytes | None]
Terms = Callable[[bytes], Iterable[int]]
"""What a head, in its stored form, is found by."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where in its changelog a state stands: at the unit's own record, its offset and its value."""

    offset: int
    own: bytes


class Store(Protocol):
    """What an engine needs of a state store; every value is as `pack` made it.

    Two keep it alike: `MemoryStore`, which begins empty, and `DiskStore`, which has what it was left with.
    """

    def begin(self, origin: str) -> Mark | None:
        """Return where the state stands if it is that of the changelog `origin`; else None, and it is empty."""

    def clear(self) -> None:
        """Forget everything."""

    def close(self) -> None:
        """Let go of everything; nothing is asked any more."""

    def get(self, key: str, name: str) -> bytes | None:
        """Return the entry, or None."""

    def after(self, key: str, name: str, limit: int) -> Sequence[tuple[str, bytes]]:
        """Return up to `limit` entries under `key`, of the kind of `name`, whose names sort after `name`."""

    def find(self, term: int, after: str, limit: int) -> Sequence[str]:
        """Return up to `limit` keys, in order, that sort after `after` and whose head has `term`."""

    def having(self, terms: Collection[int]) -> AbstractSet[int]:
        """Return those of `terms`, none below 0, that some head has; and perhaps some that none has."""

    def due(self, now: int, limit: int, turns: int = TURNS_MAX) -> Sequence[tuple[str, str]]:
        """Return (key, name) of up to `limit` whose wake time is `now` or earlier, earliest first, equals in any order.

        Before them, and besides, up to `turns` of those whose wake time is 0; the next time the next of them.
        """

    def next_due(self) -> int | None:
        """Return the earliest wake time, or None."""

    def apply(self, changes: Changes, mark: Mark | None = None) -> None:
        """Write the changes of one committed batch; None forgets an entry. `mark`: where the state stands then."""

    def rest(self) -> None:
        """Do what may wait until there is nothing else to do."""

    @property
    def lag(self) -> int:
        """How many entries are in memory alone, so that the next start reads them again, though they should not be."""

    @property
    def size_bytes(self) -> int:
        """How large it is: keys, names and entries, or what the database says."""

    def __len__(self) -> int:
        """Return the number of entries."""


def pack(payload: bytes, wake: int | None, written_as: int = FORMAT_FIRST) -> bytes:
    """Return the stored form of an entry; `written_as`: the format of its payload."""
    return _PREFIX.pack(written_as, _NEVER if wake is None else wake) + payload


def unpack(value: bytes) -> bytes:
    """Return the payload of a stored entry."""
    return value[_PREFIX.size :]


def format_of(value: bytes) -> int:
    """Return the format of a stored entry."""
    return value[0]


def wake_of(value: bytes) -> int | None:
    """Return the wake time of a stored entry, or None."""
    _, wake = _PREFIX.unpack_from(value)
    return None if wake == _NEVER else wake


def kind_of(name: str) -> str:
    """Return the kind of an entry's name: `copy` of `copy/u-17`, the empty one of the head."""
    return name.partition("/")[0]


def changelog_key(key: str, name: str) -> bytes:
    """Return the changelog's record key of an entry: the length of the key in bytes, the key, the name."""
    encoded = key.encode()
    return _LENGTH.pack(len(encoded)) + encoded + name.encode()


def entry_of(record_key: bytes) -> tuple[str, str]:
    """Return the (key, name) of a changelog's record key."""
    (size,) = _LENGTH.unpack_from(record_key)
    end = _LENGTH.size + size
    return record_key[_LENGTH.size : end].decode(), record_key[end:].decode()


class MemoryStore:
    """State in memory. Heads in a dict; other entries in one sorted map, so that a key can be walked in order."""

    def __init__(self, terms: Terms = no_terms) -> None:
        self._heads: dict[str, bytes] = {}
        self._terms_of = terms
        self._found_by = Index()
        self._entries: SortedDict[tuple[str, str], bytes] = SortedDict()
        self._wakes: dict[tuple[str, str], int] = {}
        self._heap: list[tuple[int, str, str]] = []
        self._turns: dict[tuple[str, str], None] = {}
        self._size_bytes = 0

    def begin(self, _origin: str) -> Mark | None:
        """Begin with nothing."""
        return None

    def clear(self) -> None:
        """Forget everything."""
        self.__init__(self._terms_of)  # type: ignore[misc]  # nothing inherits from it

    def close(self) -> None:
        """Have nothing to let go of."""

    def get(self, key: str, name: str) -> bytes | None:
        """Return the entry, or None."""
        return self._entries.get((key, name)) if name else self._heads.get(key)

    def after(self, key: str, name: str, limit: int) -> Sequence[tuple[str, bytes]]:
        """Return up to `limit` entries under `key`, of the kind of `name`, whose names sort after `name`."""
        past = kind_of(name) + "0"  # "0" follows "/" in every encoding
        entries = self._entries.irange((key, name), (key, past), inclusive=(False, False))
        return [(entry[1], self._entries[entry]) for entry in islice(entries, limit)]

    def find(self, term: int, after: str, limit: int) -> Sequence[str]:
        """Return up to `limit` keys, in order, that sort after `after` and whose head has `term`."""
        return list(islice(self._found_by.keys_after(term, after), limit))

    def having(self, terms: Collection[int]) -> AbstractSet[int]:
        """Return those of `terms` that some head has."""
        return self._found_by.having(terms)

    def due(self, now: int, limit: int, turns: int = TURNS_MAX) -> Sequence[tuple[str, str]]:
        """Return the first that are due; see `Store`."""
        found: list[tuple[int, str, str]] = []
        while self._heap and self._heap[0][0] <= now and len(found) < limit:
            timer = heapq.heappop(self._heap)
            if self._wakes.get(timer[1:]) == timer[0] and timer not in found[-1:]:
                found.append(timer)
        for timer in found:
            heapq.heappush(self._heap, timer)
        return [*self._next_turns(turns), *(timer[1:] for timer in found)]

    def next_due(self) -> int | None:
        """Return the earliest wake time, or None."""
        if self._turns:
            return 0
        while self._heap and self._wakes.get(self._heap[0][1:]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def apply(self, changes: Changes, _mark: Mark | None = None) -> None:
        """Write the changes of one committed batch; None forgets an entry."""
        for (key, name), value in changes.items():
            before = self.get(key, name)
            if before is not None:
                self._size_bytes -= len(key) + len(name) + len(before)
            if value is not None:
                self._size_bytes += len(key) + len(name) + len(value)
            if name:
                self._put(self._entries, (key, name), value)
            else:
                self._index(key, before, value)
                self._put(self._heads, key, value)
            self._schedule(key, name, None if value is None else wake_of(value))

    def rest(self) -> None:
        """Have nothing left to do."""

    @property
    def lag(self) -> int:
        """None, since nothing is meant to be elsewhere."""
        return 0

    @property
    def size_bytes(self) -> int:
        """How large it is: keys, names and entries."""
        return self._size_bytes

    def __len__(self) -> int:
        return len(self._heads) + len(self._entries)

    def _index(self, key: str, before: bytes | None, after: bytes | None) -> None:
        old, new = ({*self._terms_of(head)} if head else set() for head in (before, after))
        self._found_by.change(key, old, new)

    @staticmethod
    def _put(where: dict, at: object, value: bytes | None) -> None:  # type: ignore[type-arg]  # either of the two maps
        if value is None:
            where.pop(at, None)
        else:
            where[at] = value

    def _schedule(self, key: str, name: str, wake: int | None) -> None:
        if wake == 0:
            self._wakes.pop((key, name), None)
            self._turns[key, name] = None
            return
        self._turns.pop((key, name), None)
        if wake is None:
            self._wakes.pop((key, name), None)
        elif self._wakes.get((key, name)) != wake:
            self._wakes[key, name] = wake
            heapq.heappush(self._heap, (wake, key, name))

    def _next_turns(self, count: int) -> list[tuple[str, str]]:
        """Return who is next among those that want a turn as soon as others had theirs, and put them last."""
        found = list(islice(self._turns, count))
        for entry in found:
            self._turns[entry] = self._turns.pop(entry)
        return found
