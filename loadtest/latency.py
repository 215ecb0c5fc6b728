"""Latencies in HDR histograms: every value is kept to three significant digits, however long the run."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from hdrh.histogram import HdrHistogram

US_MAX = 3_600_000_000  # an hour: longer than any run waits
US_PER_SECOND = 1_000_000
SIGNIFICANT_DIGITS = 3
CURVE_STEPS = 8
"""Points of a curve for each further nine."""

Name = TypeVar("Name", str, int)


@dataclass(frozen=True, slots=True)
class Percentiles:
    """In milliseconds; NaN in all of them if nothing was counted."""

    count: int
    p50: float
    p90: float
    p99: float
    p99_9: float
    max: float


class Latencies:
    """One histogram."""

    def __init__(self) -> None:
        self._histogram = HdrHistogram(1, US_MAX, SIGNIFICANT_DIGITS)

    def record(self, seconds: float) -> None:
        """Count one; 0 and below count as a microsecond, since two clocks' difference may be that."""
        counted = self._histogram.record_value(max(1, round(seconds * US_PER_SECOND)))
        assert counted, f"no run waits {seconds} s"  # noqa: S101  # an invariant

    def percentiles(self) -> Percentiles:
        """Return what is reported: the value that so many percent do not exceed."""
        count = self._histogram.get_total_count()
        if count == 0:
            return Percentiles(0, math.nan, math.nan, math.nan, math.nan, math.nan)
        return Percentiles(count, *(self.ms(percent) for percent in (50, 90, 99, 99.9, 100)))

    def curve(self) -> tuple[tuple[float, float], ...]:
        """Return (percentile, milliseconds) from 0 to as many nines as were counted, denser towards the end."""
        count = self._histogram.get_total_count()
        nines = math.log10(count) if count else 0.0
        steps = range(math.ceil(nines * CURVE_STEPS) + 1) if count else ()
        percents = [min(100 * (1 - 10 ** (-step / CURVE_STEPS)), 100 * (1 - 1 / count)) for step in steps]
        return tuple((percent, self.ms(percent)) for percent in percents)

    def ms(self, percent: float) -> float:
        """Return the milliseconds that so many percent do not exceed."""
        return float(self._histogram.get_value_at_percentile(percent)) / 1000


def between(before: Mapping[Name, float], after: Mapping[Name, float]) -> Percentiles:
    """Return how long it took from one to the other, by name and in seconds; what has only one of them counts not."""
    return latencies_between(before, after).percentiles()


def latencies_between(before: Mapping[Name, float], after: Mapping[Name, float]) -> Latencies:
    """Return the same as a histogram."""
    latencies = Latencies()
    for name, at in after.items():
        if name in before:
            latencies.record(at - before[name])
    return latencies
