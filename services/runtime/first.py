"""Inputs that come first: what they held when something else was fetched is decided before it.

The end of such an input is asked for after the fetch, by a client without assignments: one that polls would answer
only when its poll is over. Promises: no record of another input is decided while a record that a `first` input held
when that record was fetched is not; the bound is taken anew for each batch, so a busy `first` input blocks nobody.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from services.runtime.inbox import Inbox, Record


class Positions(Protocol):
    """What is asked about the inputs of a unit."""

    async def ends(self, topics: Sequence[str]) -> dict[str, int]:
        """Return by topic the offset after all that is committed there now."""

    async def position(self, topic: str) -> int:
        """Return the offset up to which the records of the topic have been given out."""


class FirstInputs:
    """Takes the batches of one unit's inbox so that the inputs named `first` are first."""

    def __init__(self, inbox: Inbox, first: Sequence[str], positions: Positions, free: Sequence[str] = ()) -> None:
        """`free`: inputs that neither come first nor wait for what does."""
        self._inbox = inbox
        self._first = tuple(first)
        self._unbound = dict.fromkeys((*free, *first), _NO_END)
        self._positions = positions
        self._bound: dict[str, int] = {}
        self._until: Mapping[str, int] = {}

    @property
    def is_waiting(self) -> bool:
        """Tell whether records are held back until a `first` input has been read up to its end."""
        return bool(self._bound)

    def forget(self) -> None:
        """Begin anew, with an inbox that has been emptied."""
        self._bound = {}

    async def take(self) -> list[Record]:
        """Return the next batch; empty while records of `first` inputs have still to come."""
        if not self._first:
            return self._inbox.take()
        if not self._bound and self._others():
            self._bound = self._others()
            self._until = await self._positions.ends(self._first)
        taken = self._inbox.take(self._unbound)
        if self._bound and await self._is_reached():
            taken += self._inbox.take(self._bound)
            if not any(self._inbox.has_before(topic, end) for topic, end in self._bound.items()):
                self._bound = {}
        return taken

    def _others(self) -> dict[str, int]:
        """Return what waits of the other inputs, by topic the offset after it."""
        return {topic: end for topic, end in self._inbox.ends().items() if topic not in self._unbound}

    async def _is_reached(self) -> bool:
        """Tell whether everything that `first` inputs held has been taken."""
        for topic, end in self._until.items():
            if self._inbox.has_before(topic, end) or await self._positions.position(topic) < end:
                return False
        return True


_NO_END = 2**63 - 1
