"""The open loop: when each upload is meant to be sent is fixed before the first one is.

Promises: whatever a send takes, the intended times of those that follow stay what they were; how late the generator
itself was is kept for each, since an offered load that was not offered makes every figure void.
"""

import asyncio
import time
from array import array
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from loadtest.latency import Latencies, Percentiles

# A fifteenth of the goal for p99. Latency counts from the intended time, so a late generator makes figures worse,
# never better; beyond this they are about the generator. Reading shares its loop, so it was as late.
LATE_MS_MAX = 20.0
# What falls due meanwhile goes out together: a wake-up for every upload would be half of the generator's CPU, and a
# request for every upload a third of the broker's. Slower than 200 a second, each still goes out by itself; at 2,800,
# with a request for each 5 ms, the generator took twice the CPU.
TOGETHER_SECONDS_MIN = 0.005
TOGETHER_SECONDS_MAX = 0.015
TOGETHER_SECONDS_A_SEND = 0.001
# So that whoever else is on the event loop has a turn while thousands fall due at once.
TOGETHER_MAX = 2_000


class Plan(Protocol):
    """So many sends, in the order of their intended times."""

    @property
    def count(self) -> int:
        """How many."""

    def due(self, number: int) -> float:
        """Return when a send is intended, by the clock, counted from 0."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """So many sends at an even rate a second. `start`: the clock's time of the first, in seconds."""

    rate: float
    count: int
    start: float

    def due(self, number: int) -> float:
        """Return when a send is intended, by the clock, counted from 0."""
        return self.start + number / self.rate


@dataclass(frozen=True, slots=True)
class Burst:
    """An even rate, and `at_once` more that are all intended at the time of send number `first`, and follow it."""

    even: Schedule
    first: int
    at_once: int

    @property
    def count(self) -> int:
        """How many there are in all."""
        return self.even.count + self.at_once

    def due(self, number: int) -> float:
        """Return when a send is intended, by the clock, counted from 0."""
        return self.even.due(number if number <= self.first else max(self.first, number - self.at_once))


async def send_on_time(
    plan: Plan,
    send: Callable[[range], None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Sequence[float]:
    """Send all that has come due, again and again, and return how many seconds late each one was handed over.

    A send that is overdue goes out at once; none is left out and none moves the ones after it.
    """
    late = array("d")
    number, rested = 0, 0.0
    while number < plan.count:
        now = clock()
        await sleep(max(0.0, plan.due(number) - now, rested - now))
        began = clock()
        end = _end_of_due(plan, number, began)
        send(range(number, end))
        sent = clock()
        late.extend(max(0.0, sent - plan.due(each)) for each in range(number, end))
        together = min(max((end - number) * TOGETHER_SECONDS_A_SEND, TOGETHER_SECONDS_MIN), TOGETHER_SECONDS_MAX)
        number, rested = end, began + together
    return late


def _end_of_due(plan: Plan, number: int, now: float) -> int:
    """Return the number after the last that is due; the first was waited for, so it is, whatever a clock's rounding."""
    end = number + 1
    last = min(plan.count, number + TOGETHER_MAX)
    while end < last and plan.due(end) <= now:
        end += 1
    return end


def lateness(late: Iterable[float]) -> Percentiles:
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
