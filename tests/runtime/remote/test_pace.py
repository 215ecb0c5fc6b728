"""A read has its time in all, and no ten seconds in which next to nothing comes."""

import asyncio
from collections.abc import Callable

from services.runtime.remote.breaker import Breaker
from services.runtime.remote.pace import RATE_SECONDS, Pace
from services.runtime.remote.source import Scheme


def _paced(seconds: float, rate_min: int, check: Callable[[Pace, Callable[[], float]], None]) -> None:
    """Check a pace, and how many seconds from its begin its timeout stands."""

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        breaker = Breaker(loop.time, lambda _is_open: None)
        async with asyncio.timeout(None) as timeout:
            began = loop.time()
            pace = Pace(timeout, seconds, rate_min, Scheme.HTTP, breaker)
            check(pace, lambda: (timeout.when() or 0.0) - began)
            await asyncio.sleep(0)

    asyncio.run(scenario())


def test_what_drips_ends_long_before_its_time() -> None:
    """The end moves only when as much has come as the least rate brings in ten seconds."""

    def check(pace: Pace, seconds: Callable[[], float]) -> None:
        first = seconds()
        assert RATE_SECONDS <= first < RATE_SECONDS + 1
        pace.came(int(1000 * RATE_SECONDS) - 1)
        assert seconds() == first
        pace.came(1)
        assert seconds() > first

    _paced(1800.0, 1000, check)


def test_nothing_moves_a_read_beyond_its_time() -> None:
    """However fast bytes come."""

    def check(pace: Pace, seconds: Callable[[], float]) -> None:
        assert seconds() < 6
        pace.came(10**9)
        assert seconds() < 6

    _paced(5.0, 1000, check)


def test_without_a_least_rate_only_the_whole_time_counts() -> None:
    """An operator may know that a source is slow."""

    def check(pace: Pace, seconds: Callable[[], float]) -> None:
        assert 1800 <= seconds() < 1801
        pace.came(1)
        assert 1800 <= seconds() < 1801

    _paced(1800.0, 0, check)
