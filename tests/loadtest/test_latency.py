import math
import random

import pytest

from loadtest.latency import Latencies, between


def test_percentiles_are_those_of_the_sorted_values() -> None:
    """To three significant digits: nearest rank, the value that so many percent do not exceed."""
    seconds = [random.Random(7).lognormvariate(-3, 1) for _ in range(10_000)]
    latencies = Latencies()
    for each in seconds:
        latencies.record(each)
    found = latencies.percentiles()
    ordered = sorted(seconds)
    for percent, ms in ((50, found.p50), (90, found.p90), (99, found.p99), (99.9, found.p99_9), (100, found.max)):
        rank = math.ceil(percent / 100 * len(ordered)) - 1
        assert ms == pytest.approx(ordered[rank] * 1000, rel=2e-3)
    assert found.count == 10_000


def test_one_outlier_is_the_maximum_and_nothing_else() -> None:
    """A single second among a thousand milliseconds is no p99."""
    latencies = Latencies()
    for seconds in [0.001] * 999 + [1.0]:
        latencies.record(seconds)
    found = latencies.percentiles()
    assert found.p99 == pytest.approx(1.0, rel=2e-3)
    assert found.max == pytest.approx(1000.0, rel=2e-3)


def test_nothing_recorded_is_no_number() -> None:
    """Not 0, which would look like a very fast system."""
    assert math.isnan(Latencies().percentiles().p50)


def test_a_time_before_its_cause_counts_as_nothing_waited() -> None:
    """Clocks of two processes may differ by a little."""
    latencies = Latencies()
    latencies.record(-0.002)
    assert latencies.percentiles().max == 0.001


def test_what_has_no_answer_is_not_counted() -> None:
    """It is missed, which the truth tells; a latency it has not."""
    found = between({"a": 1.0, "b": 1.0}, {"a": 1.5})
    assert found.count == 1
    assert found.max == pytest.approx(500, rel=2e-3)
