"""A circuit breaker: whoever fails again and again is left alone for a while. Pure.

closed ─ FAILURES_MAX in a row ─► open for a pause ─► one probe ─ failed ─► open for twice as long, up to PAUSE_MAX
"""

from collections.abc import Callable

# Fewer could be chance; with each taking seconds to fail, more would hold up what waits behind them.
FAILURES_MAX = 5
# The enforcer's retries begin after a second too, and go on for 17 minutes: a source that is back is found in time.
PAUSE_SECONDS_MIN = 1.0
PAUSE_SECONDS_MAX = 60.0


class Breaker:
    """The breaker of one host. `moved` is called with whether it is open, when that changes."""

    def __init__(self, clock: Callable[[], float], moved: Callable[[bool], None]) -> None:
        self._clock = clock
        self._moved = moved
        self._failures = 0
        self._pause = 0.0  # above 0 while it is open
        self._until = 0.0
        self._is_probed = False

    @property
    def is_open(self) -> bool:
        """Tell whether the host is left alone."""
        return self._pause > 0

    def admits(self) -> bool:
        """Tell whether to ask the host. After a pause one asks, and the others wait another pause for what comes."""
        if not self.is_open:
            return True
        if self._clock() < self._until:
            return False
        self._until = self._clock() + self._pause
        self._is_probed = True
        return True

    def succeeded(self) -> None:
        """Note that the host answered."""
        self._failures = 0
        if self.is_open:
            self._pause = 0.0
            self._moved(False)

    def failed(self) -> None:
        """Note that it did not. What fails while it is open, and no probe is out, was asked before and is no news."""
        self._failures += 1
        if self._failures < FAILURES_MAX or (self.is_open and not self._is_probed):
            return
        if not self.is_open:
            self._moved(True)
        self._is_probed = False
        self._pause = min(max(PAUSE_SECONDS_MIN, 2 * self._pause), PAUSE_SECONDS_MAX)
        self._until = self._clock() + self._pause
