"""A report as tables for a person."""

import math

from rich.console import Console
from rich.table import Table

from loadtest.report import Goal, Grid, Number, Report, Spread
from loadtest.truth import Tally


def show(report: Report, console: Console) -> None:
    """Print the report."""
    machine = report.machine
    console.print(
        f"{report.profile}: {report.offered}, seed {report.seed}\n"
        f"{machine.cores} cores of {machine.cpu}, {machine.memory_mib:,} MiB, {machine.system}, {machine.python}\n"
        f"{machine.broker}; load average {machine.load_before:.1f} before, "
        f"others used {report.others_cores:.2f} cores meanwhile",
        highlight=False,
    )
    if report.repeats > 1:
        console.print(f"The middle one of {report.repeats} repeats, but for goals, spread and truth.", highlight=False)
    for table in _tables(report):
        if table.row_count:
            console.print(table)
    console.print(_truth_line(report.truth, report.of), highlight=False)
    for example in report.truth.examples:
        console.print(f"  {example}", highlight=False)
    for why in report.void:
        console.print(f"VOID: {why}. The figures above mean nothing.", style="bold red", highlight=False)


def _tables(report: Report) -> list[Table]:
    return [
        _latency_table(report),
        _number_table(report.numbers),
        *(_grid_table(grid) for grid in report.grids),
        _goal_table(report.goals),
        _cost_table(report),
        _spread_table(report.spread),
    ]


def _latency_table(report: Report) -> Table:
    table = _table("milliseconds", "p50", "p90", "p99", "p99.9", "max", "count")
    for name, ms in report.figures_ms.items():
        cells = ("-" if math.isnan(value) else f"{value:,.1f}" for value in (ms.p50, ms.p90, ms.p99, ms.p99_9, ms.max))
        table.add_row(name, *cells, f"{ms.count:,}")
    return table


def _number_table(numbers: tuple[Number, ...]) -> Table:
    table = _table("figure", "measured", "")
    for number in numbers:
        table.add_row(number.name, in_short(number.value), number.unit)
    return table


def _grid_table(grid: Grid) -> Table:
    table = _table(*grid.columns)
    table.title = grid.title
    for row in grid.rows:
        table.add_row(*row)
    return table


def _goal_table(goals: tuple[Goal, ...]) -> Table:
    table = _table("goal", "to reach", "reached", "")
    for goal in goals:
        limit = f"{'≥' if goal.at_least else '<'} {in_short(goal.limit)} {goal.unit}"
        table.add_row(goal.figure, limit, in_short(goal.reached), "yes" if goal.is_reached else "NO")
    return table


def _cost_table(report: Report) -> Table:
    table = _table("CPU", f"ms per {report.per}", "cores", "cores when idle")
    for one in report.cost:
        table.add_row(one.process, f"{one.cpu_ms_per_upload:.3f}", f"{one.cores:.3f}", in_short(one.idle_cores))
    return table


def _spread_table(spread: tuple[Spread, ...]) -> Table:
    table = _table("over the repeats", "min", "median", "max", "")
    for one in spread:
        table.add_row(one.figure, in_short(one.min), in_short(one.median), in_short(one.max), one.unit)
    return table


def in_short(value: float) -> str:
    """Return a figure with the digits that matter, and a dash for one that is missing."""
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"  # noqa: PLR2004  # three digits are whole ones


def _table(first: str, *others: str) -> Table:
    table = Table(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _truth_line(truth: Tally, of: str) -> str:
    delayed = f"; {truth.delayed:,} were told first that it takes longer" if truth.delayed else ""
    return f"{truth.uploads:,} {of}: {truth.missed} missed, {truth.wrong} wrong, {truth.duplicate} duplicate{delayed}"
