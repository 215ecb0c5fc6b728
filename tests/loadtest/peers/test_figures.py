from dataclasses import replace

import pytest

from loadtest.cpu import Used
from loadtest.peers.draining import Pass
from loadtest.peers.figures import PLAIN, SHORTEST, STAYDOWN, Row, Spread, figures, goals
from loadtest.peers.memory import parse_resident
from loadtest.peers.task import Stage
from loadtest.truth import Tally

RIGHT = Tally(1000, 0, 0, 0, ())


def done(seconds: float, used: dict[str, float], tally: Tally = RIGHT) -> Pass:
    """Return a pass of 1,000 uploads."""
    return Pass(1000, seconds, Used(seconds, used, 0.0, ()), {"one": 30.0, "two": 12.0}, {}, tally)


def rounded(spread: Spread) -> Spread:
    """Return a spread without the last digits."""
    return Spread(round(spread.median, 9), round(spread.least, 9), round(spread.most, 9))


PLAIN_ROW = Row(
    Stage.PIPELINE,
    4096,
    PLAIN,
    (
        done(0.1, {"consumer": 0.04, "kafka-1": 0.01, "reader": 9.0}),
        done(0.2, {"consumer": 0.08, "kafka-1": 0.02, "reader": 9.0}),
        done(0.1, {"consumer": 0.04, "kafka-1": 0.01, "reader": 9.0}),
    ),
)
SHORTEST_ROW = Row(Stage.PIPELINE, 4096, SHORTEST, (done(0.05, {"shortest": 0.02, "kafka-1": 0.005}),) * 3)
STAYDOWN_ROW = Row(
    Stage.PIPELINE,
    4096,
    STAYDOWN,
    (
        done(0.2, {"hasher": 0.1, "kafka-1": 0.1, "reader": 9.0}),
        done(0.5, {"hasher": 0.3, "kafka-1": 0.1, "reader": 9.0}),
        done(0.25, {"hasher": 0.1, "kafka-1": 0.4, "reader": 9.0}),
    ),
)


def test_ratios_are_those_within_a_round() -> None:
    """The second round was slow for everybody: 2,000 to 5,000 uploads/s and 0.4 to 0.1 s of CPU, and so ratios hold."""
    found = figures([STAYDOWN_ROW, PLAIN_ROW, SHORTEST_ROW])[0]
    assert found.rate == Spread(4000, 2000, 5000)
    assert rounded(found.rate_ratio) == Spread(0.4, 0.4, 0.5)
    assert rounded(found.cpu_ratio) == Spread(0.25, 0.1, 0.25)
    assert rounded(found.rate_ratio_to_shortest) == Spread(0.2, 0.1, 0.25)
    assert rounded(found.cpu_ratio_to_shortest) == Spread(0.0625, 0.05, 0.125)
    assert found.memory_mib == 42


def test_the_reader_costs_nobody_anything() -> None:
    """It stands for the platform; it is shown by process, and left out of the sum and the ratio."""
    found = figures([PLAIN_ROW, SHORTEST_ROW])[0]
    assert rounded(found.cpu_ms) == Spread(0.05, 0.05, 0.1)
    assert found.cpu_ms_by_process == {"consumer": pytest.approx(0.04), "kafka-1": pytest.approx(0.01), "reader": 9.0}
    assert (found.rate_ratio.median, found.cpu_ratio.median) == (1.0, 1.0)


def test_wrong_answers_of_all_rounds_count() -> None:
    """Not the middle of them."""
    wrong = done(0.1, {"consumer": 0.04}, Tally(1000, 3, 2, 1, ()))
    rows = [replace(row, passes=(wrong, wrong)) for row in (PLAIN_ROW, SHORTEST_ROW)]
    found = figures(rows)[0]
    assert (found.missed, found.wrong, found.duplicate) == (6, 4, 2)


@pytest.mark.parametrize(("seconds", "reached", "is_reached"), [(0.25, 0.4, True), (0.26, 0.1 / 0.26, False)])
def test_the_goal_is_the_ratio_by_rate(seconds: float, reached: float, is_reached: bool) -> None:
    """0.4 of what the consumer that does the same work does is enough; the ratio to the shortest is told beside it."""
    ours, theirs = done(seconds, {"hasher": 1.0}), done(0.1, {"consumer": 0.01})
    rows = [replace(STAYDOWN_ROW, passes=(ours,)), replace(PLAIN_ROW, passes=(theirs,))]
    rows.append(replace(SHORTEST_ROW, passes=(done(0.05, {"shortest": 0.01}),)))
    (goal,) = goals(figures(rows))
    assert goal.reached == pytest.approx(reached)
    assert goal.to_shortest == pytest.approx(reached / 2)
    assert goal.is_reached == is_reached


def test_the_goal_is_about_the_whole_pipeline_and_small_files() -> None:
    """Others of the same name set no goal."""
    rows = [replace(row, size=65536) for row in (STAYDOWN_ROW, PLAIN_ROW, SHORTEST_ROW)]
    assert goals(figures(rows)) == ()


def test_resident_memory_is_read_from_a_processs_status() -> None:
    """In kB there, which are KiB (proc(5)); a process that has ended has no such line."""
    assert parse_resident("Name:\tpython\nVmPeak:\t 9 kB\nVmRSS:\t   10240 kB\n") == 10.0
    assert parse_resident("Name:\tpython\nState:\tZ (zombie)\n") == 0.0
