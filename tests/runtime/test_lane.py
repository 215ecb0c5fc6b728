"""Lanes: every piece of work is answered once, whatever its thread does."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from services.runtime.helping import Spent, helpful_threads
from services.runtime.lane import ABANDONED_MAX, HangingError, Lane, Terms

DEADLINE_SECONDS = 10.0
ONE = Terms("one", 1, 1, 5.0)


class Answers:
    """What a lane answered and how it failed, and waiting for it."""

    def __init__(self) -> None:
        self.got: list[tuple[int, str]] = []
        self.errors: list[BaseException] = []
        self._changed = asyncio.Event()

    def answered(self, results: Sequence[tuple[int, str]]) -> None:
        """Note answers."""
        self.got += results
        self._changed.set()

    def failed(self, error: BaseException) -> None:
        """Note a failure."""
        self.errors.append(error)
        self._changed.set()

    async def until(self, count: int) -> list[tuple[int, str]]:
        """Wait for so many answers or a failure."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while len(self.got) < count and not self.errors:
                self._changed.clear()
                await self._changed.wait()
        return sorted(self.got)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


class Hanging:
    """Work that hangs until it is released, and tells when it has begun."""

    def __init__(self, *hanging: int) -> None:
        self.begun: asyncio.Queue[int] = asyncio.Queue()
        self.release = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._hanging = hanging

    def __call__(self, work: int) -> str:
        """Do the work; on a thread."""
        self._loop.call_soon_threadsafe(self.begun.put_nowait, work)
        if work in self._hanging:
            self.release.wait(DEADLINE_SECONDS)
        return _spell(work)


@contextmanager
def _running(
    terms: Terms, perform: Callable[[int], str], clock: Clock | None = None
) -> Iterator[tuple[Lane[int, str], Answers]]:
    answers = Answers()
    lane = Lane(
        terms, perform, lambda work: f"{work} overdue", answers.answered, answers.failed, clock=clock or Clock()
    )
    try:
        yield lane, answers
    finally:
        lane.close()


def _spell(work: int) -> str:
    return f"{work} done"


def test_every_piece_of_work_is_answered_once() -> None:
    """However it was submitted, in one go or one by one."""

    async def scenario() -> list[tuple[int, str]]:
        with _running(Terms("many", 3, 3, 5.0), _spell) as (lane, answers):
            lane.submit(range(500))
            for work in range(500, 1_000):
                lane.submit([work])
                if work % 100 == 0:
                    await asyncio.sleep(0)
            return await answers.until(1_000)

    assert asyncio.run(scenario()) == [(work, f"{work} done") for work in range(1_000)]


def test_a_lane_of_one_works_in_order_on_one_thread() -> None:
    """A second thread would cost more than it brings."""
    threads: set[int] = set()

    def note(work: int) -> str:
        threads.add(threading.get_ident())
        return _spell(work)

    async def scenario() -> list[tuple[int, str]]:
        with _running(ONE, note) as (lane, answers):
            for work in range(100):
                lane.submit([work])
                await answers.until(work + 1)
            return answers.got

    assert asyncio.run(scenario()) == [(work, f"{work} done") for work in range(100)]
    assert len(threads) == 1


def test_who_has_been_called_is_not_called_for_by_another() -> None:
    """Work that comes while a thread is on its way waits for it, though others are idle: two would cost more."""

    async def scenario() -> int:
        clock, perform = Clock(), Hanging(0, 1, 2)
        with _running(Terms("more", 1, 2, 60.0), perform, clock) as (lane, answers):
            lane.submit([0, 1])
            for _ in range(2):  # until both of its threads work
                await perform.begun.get()
                clock.now += 1.0
                lane.look_after()
            perform.release.set()
            await answers.until(2)
            while lane.working:  # noqa: ASYNC110  # threads tell nobody that they rest
                await asyncio.sleep(0)
            perform.release.clear()
            lane.look_after()
            lane.submit([2])
            lane.submit([3])
            await perform.begun.get()
            while not lane.calls.empty():  # noqa: ASYNC110  # nor that they are awake
                await asyncio.sleep(0)
            waiting = len(lane.waiting)
            perform.release.set()
            await answers.until(4)
            return waiting

    assert asyncio.run(scenario()) == 1


def test_a_thread_that_hangs_is_answered_for_and_replaced() -> None:
    """The work behind it goes on; when it comes back after all, nobody hears of it."""

    async def scenario() -> list[tuple[int, str]]:
        clock, perform = Clock(), Hanging(0)
        with _running(ONE, perform, clock) as (lane, answers):
            lane.submit([0, 1, 2])
            await perform.begun.get()
            lane.look_after()
            assert answers.got == []
            clock.now = 100.0
            lane.look_after()
            await answers.until(3)
            perform.release.set()
            lane.submit([3])
            return await answers.until(4)

    assert asyncio.run(scenario()) == [(0, "0 overdue"), (1, "1 done"), (2, "2 done"), (3, "3 done")]


def test_others_join_while_work_waits() -> None:
    """A source that takes its time is asked by several at once, up to the lane's bound."""

    async def scenario() -> list[tuple[int, str]]:
        clock, perform = Clock(), Hanging(0, 1, 2)
        with _running(Terms("more", 1, 3, 60.0), perform, clock) as (lane, answers):
            lane.submit(range(3))
            for _ in range(3):
                await perform.begun.get()
                clock.now += 1.0
                lane.look_after()
            perform.release.set()
            return await answers.until(3)

    assert len(asyncio.run(scenario())) == 3


@pytest.mark.parametrize(
    ("spent", "expected"),
    [
        (Spent(0, 0, 0.0, 0.0), 8),
        (Spent(10, 12, 0.01, 0.01), 8),
        (Spent(100, 4, 0.01, 0.01), 1),
        (Spent(500, 10, 0.04, 0.05), 1),
        (Spent(500, 600, 0.04, 0.05), 1),
        (Spent(100, 10, 0.01, 0.05), 1),
        (Spent(50, 10, 0.04, 0.05), 4),
        (Spent(0, 0, 0.0, 0.2), 4),
    ],
    ids=[
        "a hanging thread",
        "slow storage",
        "no core",
        "much Python",
        "contended Python",
        "a busy loop",
        "hashing",
        "a long piece",
    ],
)
def test_threads_join_where_they_help(spent: Spent, expected: int) -> None:
    """Storage is asked by many at once, hashing wants every core, and Python runs on one thread at a time."""
    assert helpful_threads(spent, 0.05, 1, 8, cores=4) == expected


def test_too_many_hanging_threads_are_an_error() -> None:
    """Started anew, the process is rid of them."""

    async def scenario() -> None:
        clock, perform = Clock(), Hanging(*range(ABANDONED_MAX + 2))
        with _running(ONE, perform, clock) as (lane, _):
            lane.submit(range(ABANDONED_MAX + 2))
            try:
                for _ in range(ABANDONED_MAX + 1):
                    await perform.begun.get()
                    clock.now += 100.0
                    lane.look_after()
            finally:
                perform.release.set()

    with pytest.raises(HangingError):
        asyncio.run(scenario())


def test_what_work_raises_reaches_whoever_runs_the_lane() -> None:
    """Work answers for its own errors; what escapes is a bug and ends the process."""

    def fail(work: int) -> str:
        raise ValueError(work)

    async def scenario() -> Sequence[BaseException]:
        with _running(ONE, fail) as (lane, answers):
            lane.submit([7])
            await answers.until(1)
            return answers.errors

    (error,) = asyncio.run(scenario())
    assert (type(error), error.args) == (ValueError, (7,))


def test_what_waits_can_be_forgotten() -> None:
    """Whoever lost its partitions wants no answers."""

    async def scenario() -> list[tuple[int, str]]:
        perform = Hanging(0)
        with _running(ONE, perform) as (lane, answers):
            lane.submit([0, 1, 2])
            await perform.begun.get()
            lane.forget()
            perform.release.set()
            lane.submit([3])
            return await answers.until(2)

    assert asyncio.run(scenario()) == [(0, "0 done"), (3, "3 done")]
