import asyncio
from dataclasses import dataclass, field

import pytest

from loadtest.latency import Percentiles
from loadtest.schedule import (
    LATE_MS_MAX,
    TOGETHER_SECONDS_MAX,
    TOGETHER_SECONDS_MIN,
    Burst,
    Plan,
    Schedule,
    lateness,
    send_on_time,
    void_because,
)


@dataclass
class Clock:
    """A clock that goes on only when somebody sleeps or works."""

    now: float = 100.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        """Tell the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time go by."""
        self.slept.append(seconds)
        self.now += seconds


def play(plan: Plan, send_seconds: dict[int, float]) -> tuple[list[tuple[int, float, float]], list[float]]:
    """Send by a clock on which some sends take long; return (number, due, sent) of each, and how late each was."""
    clock = Clock()
    sent: list[tuple[int, float, float]] = []

    def send(numbers: range) -> None:
        for number in numbers:
            sent.append((number, plan.due(number), clock()))
            clock.now += send_seconds.get(number, 0.0)

    late = asyncio.run(send_on_time(plan, send, clock, clock.sleep))
    return sent, list(late)


def test_intended_times_are_evenly_spaced() -> None:
    """At ten a second from 100 s on, the fourth is due at 100.3."""
    sent, late = play(Schedule(rate=10, count=4, start=100.0), {})
    assert [round(due, 6) for _, due, _ in sent] == [100.0, 100.1, 100.2, 100.3]
    assert max(late) < 1e-9


def test_a_slow_send_moves_no_later_intended_time() -> None:
    """The loop is open: a send that takes a second leaves the plan as it was, and what it held up goes out at once."""
    smooth, _ = play(Schedule(rate=10, count=30, start=100.0), {})
    held_up, late = play(Schedule(rate=10, count=30, start=100.0), {5: 1.0})
    assert [due for _, due, _ in held_up] == [due for _, due, _ in smooth]
    assert [number for number, _, _ in held_up] == list(range(30))
    assert [round(sent, 6) for _, _, sent in held_up[6:15]] == [101.5] * 9
    assert [round(seconds, 6) for seconds in late[5:9]] == [1.0, 0.9, 0.8, 0.7]
    assert max(late[16:]) < 1e-9


def test_what_falls_due_together_goes_out_together_and_late_by_no_more_than_that() -> None:
    """At 10,000 a second a wake-up for each would be all that the generator does."""
    sent, late = play(Schedule(rate=10_000, count=10_000, start=100.0), {})
    assert [number for number, _, _ in sent] == list(range(10_000))
    assert len({at for _, _, at in sent}) == pytest.approx(1 / TOGETHER_SECONDS_MAX, abs=3)
    assert max(late) <= TOGETHER_SECONDS_MAX + 1e-9
    assert all(due <= at + 1e-9 for _, due, at in sent)


def test_what_is_sent_slowly_is_hardly_late() -> None:
    """What is measured there are milliseconds."""
    _, late = play(Schedule(rate=900, count=100, start=100.0), {})
    assert max(late) <= TOGETHER_SECONDS_MIN + 1e-9
    sent, late = play(Schedule(rate=150, count=100, start=100.0), {})
    assert len({at for _, _, at in sent}) == 100
    assert max(late) < 1e-9


def test_a_burst_is_intended_at_one_time_and_moves_no_other() -> None:
    """Those of the even rate stay where they were, before it and after it."""
    even = Schedule(rate=10, count=6, start=100.0)
    burst = Burst(even, first=2, at_once=1_000)
    due = [round(burst.due(number), 6) for number in range(burst.count)]
    assert due == [100.0, 100.1, *[100.2] * 1_001, 100.3, 100.4, 100.5]
    sent, _ = play(burst, {})
    assert [number for number, _, _ in sent] == list(range(burst.count))


def test_a_late_generator_makes_the_run_void() -> None:
    """Two of a hundred sends beyond the bound are enough; one is not."""
    beyond = LATE_MS_MAX / 1000 * 1.1
    assert void_because(lateness([0.001] * 99 + [beyond])) == ""
    assert void_because(lateness([0.001] * 98 + [beyond] * 2)) == (
        f"the generator was {lateness([beyond]).p99:.1f} ms late at p99, more than {LATE_MS_MAX:.0f} ms"
    )


def test_a_run_without_a_measured_send_is_void() -> None:
    """What was not measured cannot be vouched for."""
    nothing = lateness([])
    assert isinstance(nothing, Percentiles)
    assert void_because(nothing)
