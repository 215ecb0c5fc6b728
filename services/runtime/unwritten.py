"""What is committed and not yet on disk: of each entry that changed the last value, and what was there before. Pure.

An upload's case is rewritten three times within a second, and the deadlines that it sets are mostly taken back as
soon; of all that the disk sees the end. Promises: with what is on disk, or in an `Unwritten` that is being written, it
answers as if its changes were there; bounded by whoever asks `is_full` after each batch.
"""

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Container

from services.contracts.processor import HEAD, no_terms
from services.runtime.index import Index
from services.runtime.recent import ENTRY_BYTES
from services.runtime.store import At, Mark, Terms, wake_of

SIZE_BYTES_MAX = 4 * 1024 * 1024
"""For each unit, and once more while they are being written: some 4,000 uploads."""
PUTS_MAX = 30_000
"""What a start after a kill reads again of the changelog besides: a quarter of a second."""


class Unwritten:
    """The changes of some committed batches, and where the changelog stood after the last."""

    def __init__(self, terms: Terms) -> None:
        self._terms_of = terms
        self.changes: dict[At, bytes | None] = {}
        self.before: dict[At, bytes | None] = {}
        """What is there without the changes."""
        self.lined: dict[At, None] = {}
        """Who lines up for a turn anew, in this order; who had a place and wants a turn still keeps it."""
        self.mark: Mark | None = None
        self.size_bytes = 0
        self.terms = 0
        """How many terms came and went, as often as they did."""
        self._puts = 0
        self._names: dict[str, list[str]] = {}
        self._waiting: dict[int, dict[At, None]] = {}
        """Whose each wake time is, but for what is known to be hidden; a batch gives all its uploads one."""
        self._heap: list[int] = []
        """These times, also those that are nobody's any more."""
        self._terms: dict[str, frozenset[int]] = {}
        self.found_by = Index()
        """Whose heads are changed, by what they have now."""

    @property
    def is_full(self) -> bool:
        """Whether it is time to write."""
        return self.size_bytes >= SIZE_BYTES_MAX or self._puts >= PUTS_MAX

    def begin(self, at: At, before: bytes | None) -> None:
        """Take in an entry that has not been changed here yet, as it is."""
        self.changes[at] = self.before[at] = before
        key, name = at
        if name != HEAD:
            insort(self._names.setdefault(key, []), name)
        elif self._terms_of is not no_terms:
            self._index(key, before)
        self.size_bytes += ENTRY_BYTES + len(before or b"")
        if before is not None and (wake := wake_of(before)):
            self._wait(wake, at)

    def put(self, at: At, value: bytes | None) -> None:
        """Change an entry that has been taken in; None forgets it."""
        now = self.changes[at]
        self.changes[at] = value
        self.size_bytes += len(value or b"") - (0 if now is self.before[at] else len(now or b""))
        self._puts += 1
        self._schedule(at, None if now is None else wake_of(now), None if value is None else wake_of(value))
        if at[1] == HEAD and self._terms_of is not no_terms:
            self._index(at[0], value)

    def line_up(self, at: At) -> None:
        """Put one who wants a turn, and has been taken in, last."""
        self.lined.pop(at, None)
        self.lined[at] = None

    def hides_turn(self, at: At) -> bool:
        """Tell whether the place in the line that an entry has elsewhere counts no more."""
        if at not in self.changes:
            return False
        value = self.changes[at]
        return at in self.lined or value is None or wake_of(value) != 0

    def names_after(self, key: str, name: str, past: str) -> list[str]:
        """Return the names under `key` that sort between the two, those of forgotten entries among them."""
        names = self._names.get(key, [])
        return names[bisect_right(names, name) : bisect_left(names, past)]

    def earliest(self, hidden: Container[At]) -> int | None:
        """Return the earliest wake time of an entry that is not hidden, or None."""
        while self._heap:
            waiting = self._waiting[self._heap[0]]
            while waiting:
                at, _ = waiting.popitem()
                if at not in hidden:
                    waiting[at] = None
                    return self._heap[0]
            del self._waiting[heapq.heappop(self._heap)]
        return None

    def due(self, now: int, limit: int, hidden: Container[At]) -> list[tuple[int, At]]:
        """Return up to `limit` wake times until `now`, and whose they are, in order; none of what is hidden."""
        found: list[tuple[int, At]] = []
        passed: list[int] = []
        while self._heap and self._heap[0] <= now and len(found) < limit:
            passed.append(heapq.heappop(self._heap))
            waiting = self._waiting[passed[-1]]
            while waiting and len(found) < limit:
                at, _ = waiting.popitem()
                if at not in hidden:
                    found.append((passed[-1], at))
        for wake in passed:
            heapq.heappush(self._heap, wake)
        for wake, at in found:
            self._waiting[wake][at] = None
        return sorted(found)

    def _schedule(self, at: At, before: int | None, after: int | None) -> None:
        if before == after:
            return
        if before:
            del self._waiting[before][at]
        if after == 0:
            self.lined[at] = None
            return
        self.lined.pop(at, None)
        if after is not None:
            self._wait(after, at)

    def _wait(self, wake: int, at: At) -> None:
        if wake not in self._waiting:
            self._waiting[wake] = {}
            heapq.heappush(self._heap, wake)
        self._waiting[wake][at] = None

    def _index(self, key: str, head: bytes | None) -> None:
        old = self._terms.get(key, frozenset())
        self._terms[key] = new = frozenset() if head is None else frozenset(self._terms_of(head))
        self.terms += len(old ^ new)
        self.found_by.change(key, old, new)
