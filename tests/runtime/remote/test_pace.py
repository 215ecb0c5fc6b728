"""A read has its time in all, and no ten seconds in which next to nothing comes."""

import asyncio
from collections.abc import Callable

from services.runtime.remote.breaker import Breaker
from services.runtime.remote.pace import RATE_SECONDS, Pace
from services.runtime.remote.source import Scheme

BEGAN = 100.0


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose clock moves only when it is told to."""

    now = BEGAN

    def time(self) -> float:
        return self.now


def _paced(seconds: float, rate_min: int, check: Callable[[Pace, _Loop, Callable[[], float]], None]) -> None:
    """Check a pace, with the loop that has its clock and how many seconds from its begin its timeout stands."""
    loop = _Loop()

    async def scenario() -> None:
        breaker = Breaker(loop.time, lambda _is_open: None)
        async with asyncio.timeout(None) as timeout:
            pace = Pace(timeout, seconds, rate_min, Scheme.HTTP, breaker)
            check(pace, loop, lambda: (timeout.when() or 0.0) - BEGAN)
            await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(scenario())


def test_what_drips_ends_long_before_its_time() -> None:
    """The end moves only when as much has come as the least rate brings in ten seconds."""

    def check(pace: Pace, loop: _Loop, seconds: Callable[[], float]) -> None:
        assert seconds() == RATE_SECONDS
        loop.now += 4
        pace.came(int(1000 * RATE_SECONDS) - 1)
        assert seconds() == RATE_SECONDS
        pace.came(1)
        assert seconds() == RATE_SECONDS + 4

    _paced(1800.0, 1000, check)


def test_nothing_moves_a_read_beyond_its_time() -> None:
    """However fast bytes come."""

    def check(pace: Pace, loop: _Loop, seconds: Callable[[], float]) -> None:
        assert seconds() == 5
        loop.now += 4
        pace.came(10**9)
        assert seconds() == 5

    _paced(5.0, 1000, check)


def test_without_a_least_rate_only_the_whole_time_counts() -> None:
    """An operator may know that a source is slow."""

    def check(pace: Pace, loop: _Loop, seconds: Callable[[], float]) -> None:
        assert seconds() == 1800
        loop.now += 4
        pace.came(1)
        assert seconds() == 1800

    _paced(1800.0, 0, check)
