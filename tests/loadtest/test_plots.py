from dataclasses import replace
from pathlib import Path

import pytest

from loadtest.latency import Latencies
from loadtest.plots import DOTS_PER_INCH, INCHES, draw
from loadtest.report import Chart, Cost, Line, Report
from tests.loadtest.reports import report

PNG = b"\x89PNG\r\n\x1a\n"


def latencies() -> Latencies:
    """Return a thousand of them."""
    found = Latencies()
    for number in range(1, 1001):
        found.record(number / 1000)
    return found


def charted(chart: Chart) -> Report:
    """Return a report with a chart."""
    return replace(report(), charts=(chart,), cost=())


CURVE = Line("verdicts", latencies().curve())
FLAT = Line("p99", ((0.0, 5.0), (10.0, 5.0)))
CHARTS = [
    Chart("percentiles", "by percentile", "percentile", "milliseconds", (CURVE,), percentiles=True, log_y=True),
    Chart("time", "over time", "seconds", "MiB", (FLAT, replace(FLAT, name="p50")), limit=10.0),
    Chart("nothing", "nothing came", "seconds", "verdicts", (Line("verdicts", ()),)),
]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_a_chart_is_a_picture(tmp_path: Path, chart: Chart) -> None:
    """A PNG of the size that is meant, with something in it, also when nothing came."""
    (path,) = draw(charted(chart), tmp_path / "plots")
    data = path.read_bytes()
    assert path.name == f"steady-{chart.name}.png"
    assert data.startswith(PNG)
    assert int.from_bytes(data[16:20]) == INCHES[0] * DOTS_PER_INCH  # PNG: the width stands in the first chunk
    assert len(data) > 5_000


def test_what_an_upload_costs_is_a_picture_by_process(tmp_path: Path) -> None:
    """More processes, more to see."""
    one = draw(replace(report(), cost=(Cost("matcher", 0.4, 0.1, 0.0),)), tmp_path / "one")
    costs = tuple(Cost(f"service-{number}", 0.4, 0.1, 0.0) for number in range(6))
    six = draw(replace(report(), cost=costs), tmp_path / "six")
    assert [path.name for path in (*one, *six)] == ["steady-cost.png"] * 2
    assert six[0].stat().st_size > one[0].stat().st_size


def test_a_curve_has_a_point_for_every_nine_that_was_counted() -> None:
    """A thousand values know 99.9 % and no more."""
    percents = [percent for percent, _ in CURVE.points]
    assert percents == sorted(percents)
    assert percents[0] == 0.0
    assert percents[-1] == pytest.approx(99.9)
    assert dict(CURVE.points)[90.0] == pytest.approx(900, rel=2e-3)
    assert Latencies().curve() == ()
