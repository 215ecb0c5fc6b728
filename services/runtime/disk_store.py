"""State on disk: a cache of the changelog, so that state may be larger than memory and a start reads only the tail.

    changes of a batch ─► young ─► old, while it is written ─► tables, and for a while in `recent`

Since it is a cache it may lag: changes are gathered for some seconds and then written together, so that of an entry
that changes often the end is written and no more. Promises: what is on disk is the state that some committed
transaction left, or is recognised as not being so, and it lags by a bounded part of the changelog; what is asked is
answered from all of it, as `MemoryStore` does.
"""

import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from heapq import merge
from itertools import chain, islice
from pathlib import Path

from services.contracts.processor import HEAD, no_terms
from services.runtime.recent import Recent
from services.runtime.store import TURNS_MAX, At, Changes, Mark, Terms, kind_of
from services.runtime.tables import TERMS_A_STEP, Tables
from services.runtime.unwritten import Unwritten

LAG_SECONDS_MAX = 4.0
"""How long changes are gathered, if they do not come to much before."""
STEPS_MIN = 500
"""So many steps of what is being written are prepared with each batch, some 2 ms, or twice what its changes take."""
STEPS_AT_REST = 5_000
"""And so many when there is nothing else to do, some 20 ms."""
SIFTED_A_STEP = 4
"""Terms on disk that are walked in the time of one entry."""


class DiskStore:
    """State in a database of its own, in the folder `path`, which nobody else has open."""

    def __init__(self, path: Path, terms: Terms = no_terms) -> None:
        """Open it; whatever RocksDB says against that is raised as it is."""
        self._path = path
        self._terms_of = terms
        self._open()
        self._origin = self._tables.origin

    def _open(self) -> None:
        self._recent = Recent()
        self._old: Unwritten | None = None
        self._young = Unwritten(self._terms_of)
        self._since = 0.0
        self._writing: Iterator[None] = iter(())
        self._tables = Tables(self._path / "database", self._terms_of, self._is_changed, self._hides_turn)
        self._count = self._tables.count

    @property
    def origin(self) -> str:
        """Whose state it was when it was opened, or is since `begin`."""
        return self._origin

    def begin(self, origin: str) -> Mark | None:
        """Return where the state stands if it is that of the changelog `origin`; else None, and it is empty."""
        self._origin = origin
        mark = self._tables.mark(origin)
        if mark is None:
            self.clear()
        return mark

    def clear(self) -> None:
        """Forget everything."""
        self._tables.close()
        shutil.rmtree(self._path / "database")
        self._open()

    def close(self) -> None:
        """Write what is not yet on disk, and close the database; nothing is asked any more."""
        while self.lag:
            self.write(self.lag)
        self._tables.close()

    def get(self, key: str, name: str) -> bytes | None:
        """Return the entry, or None."""
        at = (key, name)
        if at in self._young.changes:
            return self._young.changes[at]
        return self._below(at)

    def after(self, key: str, name: str, limit: int) -> Sequence[tuple[str, bytes]]:
        """Return up to `limit` entries under `key`, of the kind of `name`, whose names sort after `name`."""
        past = kind_of(name) + "0"
        changed = {each for layer in self._layers() for each in layer.names_after(key, name, past)}
        if not changed:
            walked = list(islice(self._tables.entries(key, name, past), max(limit, 0)))
            for each, value in walked:
                self._recent.put((key, each), value)
            return walked
        entries = ((each, value) for each, value in self._tables.entries(key, name, past) if each not in changed)
        found = ((each, self.get(key, each)) for each in sorted(changed))
        there = ((each, value) for each, value in found if value is not None)
        return list(islice(merge(entries, there), max(limit, 0)))

    def find(self, term: int, after: str, limit: int) -> Sequence[str]:
        """Return up to `limit` keys, in order, that sort after `after` and whose head has `term`."""
        young, old = self._young, self._old
        keys = [
            (key for key in self._tables.keys(term, after) if not self._is_changed((key, HEAD))),
            ()
            if old is None
            else (key for key in old.found_by.keys_after(term, after) if (key, HEAD) not in young.changes),
            young.found_by.keys_after(term, after),
        ]
        return list(islice(merge(*keys), max(limit, 0)))

    def having(self, terms: Collection[int]) -> AbstractSet[int]:
        """Return those of `terms`, none below 0, that some head has, and few others."""
        return set(self._tables.having(terms)).union(*(layer.found_by.having(terms) for layer in self._layers()))

    def due(self, now: int, limit: int, turns: int = TURNS_MAX) -> Sequence[At]:
        """Return the first that are due; see `Store`."""
        timers = [self._tables.due(now, limit)]
        if self._old is not None:
            timers.append(self._old.due(now, limit, self._young.changes))
        timers.append(self._young.due(now, limit, ()))
        return [*self._next_turns(turns), *(at for _, at in islice(merge(*timers), max(limit, 0)))]

    def next_due(self) -> int | None:
        """Return the earliest wake time, or None."""
        if self._line(1):
            return 0
        times = [self._tables.earliest(), self._young.earliest(())]
        if self._old is not None:
            times.append(self._old.earliest(self._young.changes))
        return min((each for each in times if each is not None), default=None)

    def apply(self, changes: Changes, mark: Mark | None = None) -> None:
        """Take in the changes of one committed batch, and where the changelog stands after it, together."""
        if not self.lag:
            self._since = time.monotonic()
        terms = self._young.terms
        self._take_in([at for at in changes if at not in self._young.changes])
        for at, value in changes.items():
            self._count += (value is not None) - (self._young.changes[at] is not None)
            self._young.put(at, value)
        self._young.mark = mark or self._young.mark
        self.rest(max(2 * (len(changes) + (self._young.terms - terms) // TERMS_A_STEP), STEPS_MIN))

    def rest(self, steps: int = STEPS_AT_REST) -> None:
        """Write some of what has been gathered for long enough, if there is any."""
        if self._old is None:
            self._tables.sift(SIFTED_A_STEP * steps)
        is_due = self._young.is_full or time.monotonic() - self._since > LAG_SECONDS_MAX
        if self._old is not None or (self.lag and is_due):
            self.write(steps)

    @property
    def lag(self) -> int:
        """How many entries, or what goes with them, are not on disk."""
        lag = len(self._young.changes) + (self._young.mark is not None)
        return lag if self._old is None else lag + len(self._old.changes)

    @property
    def size_bytes(self) -> int:
        """How large it is: what the database estimates that it holds, and what is not in it yet."""
        return self._tables.size_bytes + sum(layer.size_bytes for layer in self._layers())

    def write(self, steps: int) -> None:
        """Go on writing by so many steps: one for each entry, and more for a head of many terms."""
        if self._old is None:
            self._old, self._young = self._young, Unwritten(self._terms_of)
            self._since = time.monotonic()
            self._writing = self._tables.write(self._old, self._origin)
        if sum(1 for _ in islice(self._writing, steps)) < steps:
            self._recent.renew(self._old.changes, self._old.size_bytes)
            self._old = None

    def __len__(self) -> int:
        return self._count

    def _layers(self) -> list[Unwritten]:
        return [self._young] if self._old is None else [self._old, self._young]

    def _below(self, at: At) -> bytes | None:
        """Return an entry that is not changed in the young layer."""
        if self._old is not None and at in self._old.changes:
            return self._old.changes[at]
        is_known, found = self._recent.get(at)
        if not is_known:
            found = self._tables.get(at)
            self._recent.put(at, found)
        return found

    def _take_in(self, ats: list[At]) -> None:
        """Let the young layer have what is to be changed as it is; mostly it was read when that was decided."""
        unknown = []
        for at in ats:
            if self._old is not None and at in self._old.changes:
                self._young.begin(at, self._old.changes[at])
                continue
            is_known, found = self._recent.get(at)
            if is_known:
                self._young.begin(at, found)
            else:
                unknown.append(at)
        if unknown:
            for at, found in zip(unknown, self._tables.get_all(unknown), strict=True):
                self._young.begin(at, found)

    def _is_changed(self, at: At) -> bool:
        return at in self._young.changes or (self._old is not None and at in self._old.changes)

    def _hides_turn(self, at: At) -> bool:
        return self._young.hides_turn(at) or (self._old is not None and self._old.hides_turn(at))

    def _line(self, count: int) -> list[At]:
        """Return the first of those that want a turn."""
        found = self._tables.turns(count)
        if len(found) < count:
            old = () if self._old is None else (at for at in self._old.lined if not self._young.hides_turn(at))
            found += islice(chain(old, self._young.lined), count - len(found))
        return found

    def _next_turns(self, count: int) -> list[At]:
        """Return who is next among those that want a turn, and put them last; no part of the state hangs on it."""
        found = self._line(count) if count > 0 else []
        self._take_in([at for at in found if at not in self._young.changes])
        for at in found:
            self._young.line_up(at)
        return found
