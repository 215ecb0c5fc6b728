import asyncio
from dataclasses import dataclass, field

from loadtest.latency import Percentiles
from loadtest.schedule import LATE_MS_MAX, Schedule, lateness, send_on_time, void_because


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


def play(schedule: Schedule, send_seconds: dict[int, float]) -> tuple[list[tuple[int, float, float]], list[float]]:
    """Send by a clock on which some sends take long; return (number, due, sent) of each, and how late each was."""
    clock = Clock()
    sent: list[tuple[int, float, float]] = []

    async def send(number: int, due: float) -> None:
        sent.append((number, due, clock()))
        clock.now += send_seconds.get(number, 0.0)

    late = asyncio.run(send_on_time(schedule, send, clock, clock.sleep))
    return sent, late


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
