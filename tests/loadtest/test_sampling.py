import asyncio
import math
import os
import subprocess
import sys

import pytest

from loadtest.profiles.soak import windows
from loadtest.sampling import SAMPLES_MAX, Samples, memory_chart, resident_mib, sampling
from loadtest.turns import POINTS_MAX, cumulative


def test_a_process_that_takes_memory_is_seen_to() -> None:
    """64 MiB that are written to are resident, whoever looks."""
    before = resident_mib(os.getpid())
    taken = bytearray(os.urandom(1)) * (64 * 1024 * 1024)
    after = resident_mib(os.getpid())
    assert before is not None
    assert after is not None
    assert len(taken) == 64 * 1024 * 1024
    assert after - before == pytest.approx(64, abs=8)


def test_a_process_that_is_gone_has_no_memory() -> None:
    """It is left out, and no reason to fail."""
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    assert resident_mib(gone.pid) is None


def test_a_long_run_keeps_a_bounded_number_of_looks() -> None:
    """Every second one is dropped, from its beginning to its end."""
    samples = Samples()
    for number in range(3 * SAMPLES_MAX):
        samples.note({"self": os.getpid()}, number)
    assert SAMPLES_MAX / 2 <= len(samples.gauge) <= SAMPLES_MAX
    assert samples.gauge[0][1] == 0
    assert samples.gauge[-1][1] >= 3 * SAMPLES_MAX - 2
    assert len(memory_chart(samples, "memory").lines[0].points) == len(samples.memory_mib["self"])


def test_the_greatest_is_of_the_time_that_is_asked_for() -> None:
    """And of a process that was never seen there is none."""
    samples = Samples({"matcher": [(1.0, 50.0), (2.0, 90.0), (3.0, 60.0)]})
    assert samples.greatest("matcher") == 90
    assert samples.greatest("matcher", since=2.5) == 60
    assert samples.greatest("matcher", until=1.5) == 50
    assert math.isnan(samples.greatest("nobody"))


def test_looks_are_taken_at_both_ends() -> None:
    """However short it was."""

    async def look() -> Samples:
        async with sampling(lambda: {"self": os.getpid()}, lambda: 7.0) as samples:
            await asyncio.sleep(0)
        return samples

    assert [value for _, value in asyncio.run(look()).gauge] == [7.0, 7.0]


def test_windows_are_by_intended_time() -> None:
    """An upload that waits long counts where it was sent, not where it was answered."""
    intended = {number: float(number) for number in range(11)}
    arrived = {number: at + (100.0 if number == 0 else 0.5) for number, at in intended.items() if number != 5}
    (first_end, first), (second_end, second) = windows(intended, arrived, 2)
    assert (first_end, second_end) == (5.0, 10.0)
    assert first.percentiles().max == pytest.approx(100_000, rel=2e-3)
    assert (first.percentiles().count, second.percentiles().count) == (5, 5)
    assert second.percentiles().max == pytest.approx(500, rel=2e-3)


@pytest.mark.parametrize("count", [1, 7, POINTS_MAX, POINTS_MAX + 1, 100_000])
def test_a_curve_of_arrivals_begins_at_nothing_and_ends_with_all(count: int) -> None:
    """At no more points than can be drawn."""
    points = cumulative([0.1 * number for number in range(count)])
    assert points[0] == (0.0, 0.0)
    seconds, came = points[-1]
    assert seconds == pytest.approx(0.1 * (count - 1))
    assert came == count
    assert len(points) <= POINTS_MAX + 1
    assert list(points) == sorted(points)
