"""Who gives way to whom in a unit: turns of a long fan-out, and inputs in the background, to everything else.

Promises: with nobody else there they get all that a unit can give; as long as others are there they go on at a pace
that leaves others, here and at whoever reads what is written, the larger part of the machine.
"""

import time
from collections.abc import Callable

from services.runtime.store import TURNS_MAX

# A turn is some 500 records, and four times as many for whoever gets them: 5,500 copies a second.
TURN_SECONDS = 0.09
# Others are there who had something to do within this time.
OTHERS_SECONDS = 1.0


class Turning:
    """The pace of one unit."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next_at = 0.0
        self._others_until = 0.0

    @property
    def gives_way(self) -> bool:
        """Whether others are there."""
        return self._clock() < self._others_until

    def saw_others(self) -> None:
        """Note that others have something to do."""
        self._others_until = self._clock() + OTHERS_SECONDS

    def turns(self) -> int:
        """Return how many turns the next batch may hold."""
        now = self._clock()
        if now < self._next_at:
            return 0
        if not self.gives_way:
            return TURNS_MAX
        self._next_at = now + TURN_SECONDS
        return 1

    def wait_seconds(self) -> float:
        """Return how long it is until a turn is allowed."""
        return max(0.0, self._next_at - self._clock())
