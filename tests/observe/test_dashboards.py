"""Dashboards are what is drawn, ask for what there is, and say in which unit."""

from pathlib import Path

import pytest

from services.dashboards.charts import BOARDS, Chart
from services.dashboards.drawing import drawn
from tests.observe.promtool import ROOT
from tests.observe.test_alerts import RECORDED, exposed, series_of

FOLDER = ROOT / "k8s/observe/dashboards"
CHARTS = [chart for board in BOARDS for chart in board.charts]


def test_the_dashboards_are_those_that_are_drawn() -> None:
    """Else run python -m services.dashboards k8s/observe/dashboards."""
    assert {path.name: path.read_text() for path in Path(FOLDER).glob("*.json")} == drawn()


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title)
def test_a_chart_asks_for_what_is_exposed(chart: Chart) -> None:
    """Each of its queries has a legend of its own, and a histogram's are told in its unit."""
    for query in chart.queries.values():
        assert series_of(query) <= exposed() | RECORDED
        assert ("_seconds_bucket" not in query) or chart.unit == "s"


def test_titles_are_told_apart() -> None:
    """On one dashboard no two charts have one name."""
    for board in BOARDS:
        assert len({chart.title for chart in board.charts}) == len(board.charts)
