"""The open loop: when each upload is meant to be sent is fixed before the first one is.

Promises: whatever a send takes, the intended times of those that follow stay what they were; how late the generator
itself was is kept for each, since an offered load that was not offered makes every figure void.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from loadtest.latency import Latencies, Percentiles

# A fifteenth of the goal for p99. Latency counts from the intended time, so a late generator makes figures worse,
# never better; beyond this they are about the generator. Reading shares its loop, so it was as late.
LATE_MS_MAX = 20.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """So many sends at an even rate a second. `start`: the clock's time of the first, in seconds."""

    rate: float
    count: int
    start: float

    def due(self, number: int) -> float:
        """Return when a send is intended, by the clock, counted from 0."""
        return self.start + number / self.rate


async def send_on_time(
    schedule: Schedule,
    send: Callable[[int, float], Awaitable[None]],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> list[float]:
    """Send each with its intended time, when that has come, and return how many seconds late each one was handed over.

    A send that is overdue goes out at once; none is left out and none moves the ones after it.
    """
    late = []
    for number in range(schedule.count):
        due = schedule.due(number)
        await sleep(max(0.0, due - clock()))
        await send(number, due)
        late.append(max(0.0, clock() - due))
    return late


def lateness(late: list[float]) -> Percentiles:
    """Return the percentiles of how late sends were."""
    latencies = Latencies()
    for seconds in late:
        latencies.record(seconds)
    return latencies.percentiles()


def void_because(late: Percentiles) -> str:
    """Return the sentence that says why a run means nothing, or none."""
    if late.p99 <= LATE_MS_MAX:
        return ""
    return f"the generator was {late.p99:.1f} ms late at p99, more than {LATE_MS_MAX:.0f} ms"
