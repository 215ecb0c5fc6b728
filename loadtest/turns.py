"""A great many uploads at once: put up as fast as they are answered, then all of them turned by one submission.

What is measured of a turn is the same for one song's copies and for a whole catalogue: when each upload's next verdict
came, when the submission was answered, and what it cost.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loadtest.cpu import Used, snapshot, used_between
from loadtest.even_load import processes
from loadtest.session import ANSWER_SECONDS_MAX, Session, Status
from loadtest.target import Cluster

# Enough in flight that no service waits for work, and few enough that none waits the 30 s of TIMED_OUT.
UNANSWERED_MAX = 10_000
TOGETHER = 1_000
POINTS_MAX = 200


class IncompleteError(Exception):
    """Uploads have no verdict, so there is nothing to time; the truth says which."""


@dataclass(frozen=True, slots=True)
class Turn:
    """All uploads' way down, or back. Times are by the monotonic clock; `receipt_at`: of the submission's answer."""

    began: float
    ended: float
    receipt_at: float
    curve: tuple[tuple[float, float], ...]
    used: Used

    @property
    def seconds(self) -> float:
        """How long it took, from handing over the submission to the last verdict."""
        return self.ended - self.began


async def put_up(session: Session, numbers: range, send: Callable[[int], None]) -> float:
    """Upload them, as fast as they are answered, and return how many seconds it took; their truth is told before."""
    began = time.monotonic()
    for begin in range(0, len(numbers), TOGETHER):
        for number in numbers[begin : begin + TOGETHER]:
            send(number)
        unsent = max(0, len(numbers) - begin - TOGETHER)
        await _answered(session, unsent + UNANSWERED_MAX)
    await _answered(session, 0)
    return time.monotonic() - began


async def turn(
    session: Session, cluster: Cluster, numbers: range, submit: Callable[[], float], answer: tuple[str, Status]
) -> Turn:
    """Submit what turns them, and wait for the verdict of each, as told before, and for the submission's answer."""
    session.truth.watch(numbers)
    before = snapshot(processes(cluster))
    began = submit()

    def left() -> int:
        return session.truth.left

    came = await session.reader.until_settled(lambda: not left(), left, ANSWER_SECONDS_MAX)
    after = snapshot(processes(cluster))
    work_id, status = answer
    if not came or not await session.receipts_came([work_id], status):
        raise IncompleteError(f"{left():,} uploads had no verdict in time, or {status} did not come")
    arrived = sorted(session.truth.at[number] - began for number in numbers)
    receipt_at = session.receipts[work_id][status][0]
    return Turn(began, began + arrived[-1], receipt_at, cumulative(arrived), used_between(before, after))


async def _answered(session: Session, but: int) -> None:
    if not await session.answered(but):
        raise IncompleteError(f"{session.truth.outstanding:,} uploads had no verdict in time")


def cumulative(arrived: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Return (seconds, how many had come by then) of times in their order, at no more points than are drawn."""
    step = max(1, math.ceil(len(arrived) / POINTS_MAX))
    places = [*range(step - 1, len(arrived) - 1, step), len(arrived) - 1]
    return ((0.0, 0.0), *((arrived[place], float(place + 1)) for place in places))
