import math
from dataclasses import replace

import pytest

from loadtest.ladder import Rung, knee, rates

GOOD = Rung(rate=1000, answered=1000, p50_ms=80, p99_ms=300, late_ms=3, cpu_ms=0.3)


def rung(rate: float, p99_ms: float = 300) -> Rung:
    """Return a rung that answers all that is offered."""
    return replace(GOOD, rate=rate, answered=rate, p99_ms=p99_ms)


@pytest.mark.parametrize(
    ("first", "step", "last", "expected"),
    [
        (1000, 1000, 3000, [1000, 2000, 3000]),
        (1000, 1000, 3500, [1000, 2000, 3000]),
        (0.1, 0.1, 0.3, [0.1, 0.2, pytest.approx(0.3)]),
        (500, 100, 500, [500]),
    ],
)
def test_a_ladder_goes_evenly_up_to_its_last_rung(
    first: float, step: float, last: float, expected: list[float]
) -> None:
    """And not beyond it."""
    assert rates(first, step, last) == expected


@pytest.mark.parametrize(
    ("fallen", "because"),
    [
        (replace(GOOD, p99_ms=1000), "p99 was not below 1,000 ms"),
        (replace(GOOD, p99_ms=math.nan), "p99 was not below 1,000 ms"),
        (replace(GOOD, late_ms=25), "the generator was 25 ms late"),
        (replace(GOOD, answered=900), "a backlog grew"),
        (GOOD, ""),
    ],
)
def test_a_rate_falls_by_latency_by_backlog_or_by_the_generator(fallen: Rung, because: str) -> None:
    """A rate that was not offered on time is not sustained either."""
    assert fallen.falls_because == because


def test_the_knee_is_the_last_rung_before_the_first_that_falls() -> None:
    """A rung above one that fell was lucky, and counts not."""
    assert knee([rung(1), rung(2), rung(3, p99_ms=5000), rung(4)]) == rung(2)
    assert knee([rung(1, p99_ms=5000), rung(2)]) is None
    assert knee([rung(1), rung(2)]) == rung(2)
