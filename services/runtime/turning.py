"""How often those that want turns get them: steps of a long fan-out, which go on as soon as others had their turn.

Promises: with nobody else there a fan-out gets all that a unit can give; as long as others are there it goes on at a
pace that leaves them, here and at whoever reads what it writes, the larger part of the machine.
"""

import time
from collections.abc import Callable

from services.runtime.store import TURNS_MAX

# A turn is some 500 records, and four times as many for whoever gets them: 5,500 copies a second.
TURN_SECONDS = 0.09
# Others are there who had a record within this time.
OTHERS_SECONDS = 1.0


class Turning:
    """The pace of one unit."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next_at = 0.0
        self._others_until = 0.0

    def allow(self, *, others: bool) -> int:
        """Return how many turns the next batch may hold; `others`: it holds records, too."""
        now = self._clock()
        if others:
            self._others_until = now + OTHERS_SECONDS
        if now < self._next_at:
            return 0
        if now >= self._others_until:
            return TURNS_MAX
        self._next_at = now + TURN_SECONDS
        return 1

    def wait_seconds(self) -> float:
        """Return how long it is until a turn is allowed."""
        return max(0.0, self._next_at - self._clock())
