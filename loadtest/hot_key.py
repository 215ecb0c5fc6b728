"""One song with a great many copies: put up, taken down by a registration, brought back by a release.

All copies have one file, so one digest: everything about them goes through one key of the matcher, whose fan-out must
neither hold up anybody else nor grow with their number.
"""

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from loadtest.cpu import Used, snapshot, used_between
from loadtest.even_load import processes, settle_memory
from loadtest.files import MadeFile
from loadtest.form import plain
from loadtest.others import Others, going_on
from loadtest.session import ANSWER_SECONDS_MAX, Session, Status
from loadtest.stock import expected_of
from loadtest.target import Cluster, progress

# Enough in flight that no service waits for work, and few enough that none waits the 30 s of TIMED_OUT.
UNANSWERED_MAX = 10_000
TOGETHER = 1_000
# The others are going on for so long before the registration.
BEFORE_SECONDS = 3.0
POINTS_MAX = 200


class IncompleteError(Exception):
    """Copies have no verdict, so there is nothing to time; the truth says which."""


@dataclass(frozen=True, slots=True)
class Turn:
    """All copies' way down, or back. Times are by the monotonic clock; `receipt_at`: of ENFORCED or RELEASED."""

    began: float
    ended: float
    receipt_at: float
    curve: tuple[tuple[float, float], ...]
    used: Used

    @property
    def seconds(self) -> float:
        """How long it took, from handing over the submission to the last verdict."""
        return self.ended - self.began


@dataclass(frozen=True, slots=True)
class Round:
    """Down and back again."""

    down: Turn
    back: Turn


class Song:
    """The song's copies."""

    def __init__(self, session: Session, cluster: Cluster, made: MadeFile, copies: int) -> None:
        self._session = session
        self._cluster = cluster
        self._made = made
        self.numbers = session.new_uploads(copies)

    async def put_up(self) -> float:
        """Upload all copies, as fast as they are answered, and return how many seconds it took."""
        session, address, clear = self._session, plain(self._made.uri), expected_of(self._made, None)
        progress(f"putting up {len(self.numbers):,} copies")
        began = time.monotonic()
        for begin in range(0, len(self.numbers), TOGETHER):
            together = self.numbers[begin : begin + TOGETHER]
            session.truth.expect_all(together, clear)
            for number in together:
                session.submit(number, address)
            await self._answered(UNANSWERED_MAX)
        await self._answered(0)
        return time.monotonic() - began

    async def take_down_and_bring_back(self, work_id: str, others: Others | None) -> Round:
        """Register the song and release it again, while others go on, or nobody."""
        settle_memory()
        async with going_on(others):
            if others is not None:
                await asyncio.sleep(BEFORE_SECONDS)
            progress(f"taking down {len(self.numbers):,} copies" + (", while others go on" if others else ""))
            down = await self._turn(work_id, Status.ENFORCED)
            progress(f"down in {down.seconds:.1f} s; bringing them back")
            back = await self._turn(work_id, Status.RELEASED)
        await self._session.answered()
        return Round(down, back)

    async def _turn(self, work_id: str, status: Status) -> Turn:
        session, registers = self._session, status is Status.ENFORCED
        session.truth.expect_all(self.numbers, expected_of(self._made, work_id if registers else None))
        session.truth.watch(self.numbers)
        before = snapshot(processes(self._cluster))
        began = session.register(work_id, self._made) if registers else session.release(work_id)
        came = await session.reader.until_settled(lambda: not session.truth.left, self._left, ANSWER_SECONDS_MAX)
        after = snapshot(processes(self._cluster))
        if not came or not await session.receipts_came([work_id], status):
            raise IncompleteError(f"{session.truth.left:,} copies had no verdict in time, or {status} did not come")
        arrived = sorted(session.truth.at[number] - began for number in self.numbers)
        receipt_at = session.receipts[work_id][status][0]
        return Turn(began, began + arrived[-1], receipt_at, cumulative(arrived), used_between(before, after))

    def _left(self) -> int:
        return self._session.truth.left

    async def _answered(self, but: int) -> None:
        if not await self._session.answered(but):
            raise IncompleteError(f"{self._session.truth.outstanding:,} copies had no verdict in time")


def cumulative(arrived: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Return (seconds, how many had come by then) of times in their order, at no more points than are drawn."""
    step = max(1, math.ceil(len(arrived) / POINTS_MAX))
    places = [*range(step - 1, len(arrived) - 1, step), len(arrived) - 1]
    return ((0.0, 0.0), *((arrived[place], float(place + 1)) for place in places))
