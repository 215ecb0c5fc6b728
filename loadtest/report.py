"""What a run comes down to: the figures as data, as JSON, and as tables for a person."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from loadtest.cpu import Used
from loadtest.latency import Percentiles
from loadtest.machine import Machine
from loadtest.options import Load
from loadtest.truth import Tally


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is to be reached; whether it was is told, and does not change the exit code."""

    figure: str
    limit_ms: float
    reached_ms: float

    @property
    def is_reached(self) -> bool:
        """Whether it was; a figure that is missing was not."""
        return self.reached_ms < self.limit_ms


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process used. `idle_cores`: with nothing to do, in cores."""

    process: str
    cpu_ms_per_upload: float
    cores: float
    idle_cores: float


@dataclass(frozen=True, slots=True)
class Report:
    """One run. `void`: why its figures mean nothing, empty if they do."""

    profile: str
    seed: int
    load: Load
    machine: Machine
    void: tuple[str, ...]
    truth: Tally
    figures_ms: dict[str, Percentiles]
    goals: tuple[Goal, ...]
    cost: tuple[Cost, ...]
    others_cores: float


def costs(idle: Used, busy: Used, uploads: int) -> tuple[Cost, ...]:
    """Return what each process used, per upload and in cores; the dearest first."""
    found = (
        Cost(
            name,
            1000 * used / uploads,
            used / busy.seconds,
            idle.by_process.get(name, math.nan) / idle.seconds,
        )
        for name, used in busy.by_process.items()
    )
    return tuple(sorted(found, key=lambda cost: -cost.cores))


def show(report: Report, console: Console) -> None:
    """Print the report."""
    machine = report.machine
    console.print(
        f"{report.profile}: {report.load.rate:g} uploads/s of {report.load.size:,} bytes for "
        f"{report.load.seconds:g} s after {report.load.warm_up_seconds:g} s of warm-up, seed {report.seed}\n"
        f"{machine.cores} cores of {machine.cpu}, {machine.memory_mib:,} MiB, {machine.system}, {machine.python}\n"
        f"{machine.broker}; load average {machine.load_before:.1f} before, "
        f"others used {report.others_cores:.2f} cores meanwhile",
        highlight=False,
    )
    console.print(_latency_table(report.figures_ms), _goal_table(report.goals), _cost_table(report.cost))
    console.print(_truth_line(report.truth), highlight=False)
    for example in report.truth.examples:
        console.print(f"  {example}", highlight=False)
    for why in report.void:
        console.print(f"VOID: {why}. The figures above mean nothing.", style="bold red", highlight=False)


def save(report: Report, path: Path) -> None:
    """Write the report as JSON; a figure that is missing is null."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")


def _latency_table(figures: dict[str, Percentiles]) -> Table:
    table = _table("milliseconds", "p50", "p90", "p99", "p99.9", "max", "count")
    for name, ms in figures.items():
        cells = (f"{value:.1f}" for value in (ms.p50, ms.p90, ms.p99, ms.p99_9, ms.max))
        table.add_row(name, *cells, f"{ms.count:,}")
    return table


def _goal_table(goals: Sequence[Goal]) -> Table:
    table = _table("goal", "below, ms", "reached, ms", "")
    for goal in goals:
        table.add_row(goal.figure, f"{goal.limit_ms:.0f}", f"{goal.reached_ms:.1f}", "yes" if goal.is_reached else "NO")
    return table


def _cost_table(cost: Sequence[Cost]) -> Table:
    table = _table("CPU", "ms per upload", "cores", "cores when idle")
    for one in cost:
        table.add_row(one.process, f"{one.cpu_ms_per_upload:.3f}", f"{one.cores:.3f}", f"{one.idle_cores:.3f}")
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _truth_line(truth: Tally) -> str:
    return f"{truth.uploads:,} uploads: {truth.missed} missed, {truth.wrong} wrong, {truth.duplicate} duplicate"
