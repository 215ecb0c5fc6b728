"""Which keys have which terms, in memory. Nearly every term has one key, so a key stands at its term, in a dict.

Promises: which of a hundred terms have a key is told by one operation on sets; the keys of a term come in their order,
however many there are. Terms below 0 stand apart: of those that many heads have the others must not be slower.
"""

from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet

from sortedcontainers import SortedSet


class Index:
    """Keys by their terms."""

    def __init__(self) -> None:
        self._only: dict[int, str | None] = {}
        self._below: dict[int, str | None] = {}
        """The key of each term, of those from 0 on and below; None: it has, or had, several."""
        self._several: SortedSet[tuple[int, str]] = SortedSet()  # one for all: a container for each would take 1 KB

    def change(self, key: str, before: AbstractSet[int], after: AbstractSet[int]) -> None:
        """Let a key have other terms than before."""
        for term in before - after:
            self._discard(term, key)
        came = after - before if before else after
        below = came if max(came, default=0) < 0 else {term for term in came if term < 0}
        self._add(self._below, below, key)
        self._add(self._only, came - below, key)

    def having(self, terms: Collection[int]) -> AbstractSet[int]:
        """Return those of `terms`, none below 0, that some key has."""
        there = self._only.keys()
        return frozenset() if not there or there.isdisjoint(terms) else there & terms

    def keys_after(self, term: int, after: str) -> Iterator[str]:
        """Yield, in order, the keys that have `term` and sort after `after`."""
        only = self._at(term).get(term, "")
        if only is not None:
            return iter((only,) if only > after else ())
        return (key for _, key in self._several.irange((term, after), (term + 1, ""), inclusive=(False, False)))

    def _at(self, term: int) -> dict[int, str | None]:
        return self._below if term < 0 else self._only

    def _add(self, where: dict[int, str | None], terms: AbstractSet[int], key: str) -> None:
        shared = terms & where.keys()
        where.update(dict.fromkeys(terms - shared if shared else terms, key))
        for term in shared:
            only = where[term]
            if only is not None:
                self._several.add((term, only))
                where[term] = None
            self._several.add((term, key))

    def _discard(self, term: int, key: str) -> None:
        where = self._at(term)
        self._several.discard((term, key))
        if where[term] is not None or next(self.keys_after(term, ""), None) is None:
            del where[term]
