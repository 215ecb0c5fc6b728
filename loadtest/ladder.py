"""The knee: rates that rise until the cluster or the generator no longer keeps up. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from loadtest.schedule import LATE_MS_MAX

# Issue 4: the highest rate is one at which p99 is below a second.
P99_MS_MAX = 1_000.0
# Of what was offered, answered while it was offered: less means that a backlog grew.
ANSWERED_SHARE_MIN = 0.95


@dataclass(frozen=True, slots=True)
class Rung:
    """What came of one rate. `answered`: verdicts a second that came while it was offered."""

    rate: float
    answered: float
    p50_ms: float
    p99_ms: float
    late_ms: float
    cpu_ms: float

    @property
    def falls_because(self) -> str:
        """Why this rate is not sustained, or nothing if it is."""
        if self.late_ms > LATE_MS_MAX:
            return f"the generator was {self.late_ms:.0f} ms late"
        if not self.p99_ms < P99_MS_MAX:
            return f"p99 was not below {P99_MS_MAX:,.0f} ms"
        if self.answered < ANSWERED_SHARE_MIN * self.rate:
            return "a backlog grew"
        return ""


def rates(first: float, step: float, last: float) -> list[float]:
    """Return the ladder: evenly from the first to the last, both among them if the step allows."""
    count = int((last - first) / step + 1e-9) + 1
    return [first + number * step for number in range(count)]


def knee(rungs: Sequence[Rung]) -> Rung | None:
    """Return the highest rung below the first that falls, None if the first one falls."""
    sustained = None
    for rung in rungs:
        if rung.falls_because:
            break
        sustained = rung
    return sustained
