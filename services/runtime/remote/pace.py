"""The time of one read: so much in all, and no pause in which next to nothing comes."""

import asyncio

from services.runtime.metrics import SOURCE_ERRORS, SOURCE_RESUMES
from services.runtime.remote.breaker import Breaker
from services.runtime.remote.source import Scheme

# Long enough for a line that hesitates, or for a source that restarts; a source that drips is found out after it.
RATE_SECONDS = 10.0


class Pace:
    """Moves a timeout on as bytes come, never beyond the end; tells the breaker when a host brings anything."""

    def __init__(
        self, timeout: asyncio.Timeout, seconds: float, rate_min: int, scheme: Scheme, breaker: Breaker
    ) -> None:
        """`timeout` is entered; `rate_min` is in bytes per second, 0 for none."""
        self._timeout = timeout
        self._now = asyncio.get_running_loop().time
        self._end = self._now() + seconds
        self._least = int(rate_min * RATE_SECONDS)
        self._scheme = scheme
        self._breaker = breaker
        self._came = 0
        self.has_begun = False
        self._move_on()

    def came(self, count: int) -> None:
        """Note that bytes came."""
        if not self.has_begun:
            self.has_begun = True
            self._breaker.succeeded()
        self._came += count
        if self._came >= self._least:
            self._move_on()

    def dropped(self) -> None:
        """Note that the connection was lost and the read goes on."""
        SOURCE_ERRORS.labels(self._scheme).inc()
        SOURCE_RESUMES.labels(self._scheme).inc()

    def _move_on(self) -> None:
        self._came = 0
        if self._least:
            self._timeout.reschedule(min(self._end, self._now() + RATE_SECONDS))
        elif self._timeout.when() is None:
            self._timeout.reschedule(self._end)
