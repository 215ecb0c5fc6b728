"""A report as pictures: its charts, and what an upload costs by stage. PNG, drawn without a display.

Without pyplot, which would look for one, and takes a second to import.
"""

import math
import textwrap
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from loadtest.report import Chart, Report

INCHES = (9.0, 5.2)
DOTS_PER_INCH = 130
STYLE = {
    "font.size": 12,
    "axes.titlesize": 14,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "lines.linewidth": 2,
}
# What fits beside one another at that size, and how high a line is.
SUBTITLE_CHARACTERS = 125
SUBTITLE_POINTS = 12
# A name inside a bar that is narrower than this share of the whole would run over its neighbours.
NARROW_SHARE = 0.09


def draw(report: Report, folder: Path) -> list[Path]:
    """Write all pictures of a report into the folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]  # the stubs list every name as a literal
        drawn = [_save(_chart(report, one), folder / f"{report.profile}-{one.name}.png") for one in report.charts]
        if report.cost:
            drawn.append(_save(_cost(report), folder / f"{report.profile}-cost.png"))
    return drawn


def _save(figure: Figure, path: Path) -> Path:
    figure.savefig(path)
    return path


def _begin(report: Report, title: str) -> tuple[Figure, Axes]:
    """Return an empty picture that says what it shows and on what it was measured."""
    figure = Figure(figsize=INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    axes = figure.add_subplot()
    machine = f"{report.machine.cores} cores of {report.machine.cpu.strip()}"
    void = "VOID: see the report.  " if report.void else ""
    said = textwrap.fill(f"{void}{report.profile}: {report.offered}; {machine}", SUBTITLE_CHARACTERS)
    axes.set_title(title, loc="left", fontweight="bold", pad=20 + SUBTITLE_POINTS * said.count("\n"))
    axes.text(0, 1.015, said, transform=axes.transAxes, fontsize=9, color="dimgray")
    return figure, axes


def _chart(report: Report, chart: Chart) -> Figure:
    figure, axes = _begin(report, chart.title)
    few = max((len(line.points) for line in chart.lines), default=0) <= 40  # noqa: PLR2004  # more would merge
    for line in chart.lines:
        xs = [_nines(x) if chart.percentiles else x for x, _ in line.points]
        axes.plot(xs, [y for _, y in line.points], marker="o" if few else "", markersize=4, label=line.name)
    if chart.limit is not None:
        axes.axhline(chart.limit, color="firebrick", linestyle="--", linewidth=1.2, label="goal")
    if chart.log_y:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    if chart.percentiles:
        _mark_percentiles(axes)
    else:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.set_xlabel(chart.x_label)
    axes.set_ylabel(chart.y_label)
    if len(chart.lines) > 1 or chart.limit is not None:
        axes.legend(frameon=False)
    return figure


def _nines(percentile: float) -> float:
    """Return how many nines a percentile has: 90 % is one, 99.9 % three."""
    return -math.log10(max(1 - percentile / 100, 1e-9))


def _mark_percentiles(axes: Axes) -> None:
    """Write percentiles instead of their nines."""
    named = {"0 %": 0.0, "50 %": _nines(50), "90 %": 1, "99 %": 2, "99.9 %": 3, "99.99 %": 4, "99.999 %": 5}
    _, last = axes.get_xlim()
    shown = {name: at for name, at in named.items() if at <= last}
    axes.set_xticks(list(shown.values()), list(shown))


def _cost(report: Report) -> Figure:
    """Draw one bar in the order of what is dearest, each part with its name."""
    figure, axes = _begin(report, f"CPU per {report.per}, by process")
    whole = sum(cost.cpu_ms_per_upload for cost in report.cost)
    left = 0.0
    # The colours of the memory's lines, which are in this order too and know no generator.
    order = sorted((cost.process for cost in report.cost), key=lambda name: (name == "generator", name))
    for cost in report.cost:
        axes.barh(
            [0],
            [cost.cpu_ms_per_upload],
            left=left,
            height=0.5,
            label=f"{cost.process} {cost.cpu_ms_per_upload:.3f} ms",
            edgecolor="white",
            color=f"C{order.index(cost.process) % 10}",
        )
        if cost.cpu_ms_per_upload > NARROW_SHARE * whole:
            axes.text(
                left + cost.cpu_ms_per_upload / 2, 0, cost.process, ha="center", va="center", color="white", fontsize=11
            )
        left += cost.cpu_ms_per_upload
    axes.set_yticks([])
    axes.set_ylim(-0.3, 0.62)
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_major_locator(MaxNLocator(8))
    axes.set_xlabel(f"milliseconds of CPU per {report.per}; {whole:.3f} in all")
    axes.legend(frameon=False, ncols=3, loc="upper center")
    return figure
