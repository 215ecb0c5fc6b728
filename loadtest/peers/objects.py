"""The state of one processor as the objects that it consists of: nothing is encoded, since nothing is kept.

The same small ordered maps as those of `services/runtime/store.py`, of all partitions together, and changed at once:
there is no batch that could be lost, and so no overlay.
"""

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sortedcontainers import SortedDict

from services.contracts.processor import HEAD, Processor, View, no_terms
from services.runtime.index import Index
from services.runtime.store import kind_of


class Objects:
    """What a processor knows, and when its entries want to be woken."""

    def __init__(self, processor: Processor) -> None:
        self._processor = processor
        self._is_found = processor.terms is not no_terms
        self.heads: dict[str, Any] = {}
        self.entries: SortedDict[tuple[str, str], Any] = SortedDict()
        self.keys = Index()
        self._changed: dict[tuple[str, str], Any] = {}
        self._wakes: list[tuple[int, str, str]] = []

    def apply(self, key: str, changes: Mapping[str, object | None]) -> None:
        """Write what was decided about a key; None forgets an entry."""
        for name, entry in changes.items():
            self._changed[key, name] = entry
            if name:
                _put(self.entries, (key, name), entry)
            else:
                if self._is_found:
                    self._index(key, self.heads.get(key), entry)
                _put(self.heads, key, entry)

    def due(self, now: int) -> Iterator[tuple[str, str]]:
        """Give (key, name) of each entry that is due. Whoever is woken and wants another turn has it the next time.

        What an entry wants is looked up as late as now: nearly all of them wanted something while their record was
        followed, and want nothing any more.
        """
        for (key, name), entry in self._changed.items():
            wake = None if entry is None else self._processor.next_wake(entry)
            if wake is not None:
                heapq.heappush(self._wakes, (wake, key, name))
        self._changed.clear()
        while self._wakes and self._wakes[0][0] <= now:
            wake, key, name = heapq.heappop(self._wakes)
            entry = ObjectsView(self, key).get(name)
            if entry is not None and self._processor.next_wake(entry) == wake:
                yield key, name

    def _index(self, key: str, before: Any, after: Any) -> None:
        old, new = (set() if head is None else {*self._processor.terms(head)} for head in (before, after))
        self.keys.change(key, old, new)


@dataclass(slots=True)
class ObjectsView:
    """What is under one key, as `decide` sees it."""

    objects: Objects
    key: str

    def get(self, name: str = HEAD) -> Any:
        """Return the entry of that name, or None."""
        return self.objects.entries.get((self.key, name)) if name else self.objects.heads.get(self.key)

    def after(self, name: str, limit: int) -> Sequence[tuple[str, Any]]:
        """Return up to `limit` entries of the kind of `name` whose names sort after it, in order."""
        past = kind_of(name) + "0"  # "0" follows "/" in every encoding
        found = self.objects.entries.irange((self.key, name), (self.key, past), inclusive=(False, False))
        return [(entry[1], self.objects.entries[entry]) for entry in islice(found, limit)]

    def at(self, key: str) -> View:
        """Return what is under another key."""
        return ObjectsView(self.objects, key)

    def find(self, term: int, after: str, limit: int) -> Sequence[str]:
        """Return up to `limit` keys, in order, that sort after `after` and whose head has `term`."""
        return list(islice(self.objects.keys.keys_after(term, after), limit))

    def having(self, terms: Collection[int]) -> AbstractSet[int]:
        """Return those of `terms` that some head has."""
        return self.objects.keys.having(terms)


def _put(where: dict[Any, Any], at: object, entry: object | None) -> None:
    if entry is None:
        where.pop(at, None)
    else:
        where[at] = entry
