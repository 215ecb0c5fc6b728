"""From charts to Grafana's JSON: the same bytes whenever it is drawn."""

from collections.abc import Mapping

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import GraphTresholdsStyleMode, LegendDisplayMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import DataSourceRef, Threshold, ThresholdsMode

from services.dashboards.charts import BOARDS, Board, Chart

# The provisioned data source of compose; in another Grafana it is chosen at the import.
SOURCE = DataSourceRef("prometheus", "prometheus")
WIDTH, HEIGHT = 12, 8
FIGURE_WIDTH, FIGURE_HEIGHT = 6, 4


def drawn() -> Mapping[str, str]:
    """Return the JSON of each dashboard by the name of its file."""
    return {f"{board.name}.json": _json(board) for board in BOARDS}


def _json(board: Board) -> str:
    builder = (
        dashboard.Dashboard(board.title)
        .uid(f"staydown-{board.name}")
        .tags(["staydown"])
        .timezone("utc")
        .time("now-1h", "now")
        .refresh("30s")
        .readonly()
    )
    for chart in board.charts:
        builder = builder.with_panel(_figure(chart) if chart.is_figure else _lines(chart))
    return JSONEncoder(sort_keys=True, indent=1).encode(builder.build()) + "\n"


def _figure(chart: Chart) -> stat.Panel:
    panel = stat.Panel().title(chart.title).description(chart.says).unit(chart.unit).datasource(SOURCE)
    panel = panel.height(FIGURE_HEIGHT).span(FIGURE_WIDTH).thresholds(_thresholds(chart))
    for query in _queries(chart):
        panel = panel.with_target(query.instant())
    return panel


def _lines(chart: Chart) -> timeseries.Panel:
    """Return lines over time, with the limit drawn if there is one."""
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    panel = (
        timeseries.Panel()
        .title(chart.title)
        .description(chart.says)
        .unit(chart.unit)
        .datasource(SOURCE)
        .height(HEIGHT)
        .span(WIDTH)
        .min(0)
        .legend(legend.show_legend(True))
        .thresholds(_thresholds(chart))
    )
    if chart.limit is not None:
        panel = panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphTresholdsStyleMode.DASHED))
    for query in _queries(chart):
        panel = panel.with_target(query.range())
    return panel


def _queries(chart: Chart) -> list[prometheus.Dataquery]:
    return [
        prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(chr(ord("A") + number))
        for number, (legend, expression) in enumerate(chart.queries.items())
    ]


def _thresholds(chart: Chart) -> dashboard.ThresholdsConfig:
    below, above = ("red", "green") if chart.is_least else ("green", "red")
    steps = [Threshold(None, below), *([] if chart.limit is None else [Threshold(chart.limit, above)])]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
