"""What a run comes down to, as data that is written as JSON, shown as tables (`showing.py`) and drawn (`plots.py`)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from loadtest.cpu import Used
from loadtest.latency import Percentiles
from loadtest.machine import Machine
from loadtest.truth import Tally


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is to be reached; whether it was is told, and does not change the exit code.

    It is to be below `limit`, or at least that if `at_least`.
    """

    figure: str
    limit: float
    reached: float
    unit: str = "ms"
    at_least: bool = False

    @property
    def is_reached(self) -> bool:
        """Whether it was; a figure that is missing was not."""
        return self.reached >= self.limit if self.at_least else self.reached < self.limit


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process used. `idle_cores`: with nothing to do, in cores; NaN if that was not measured."""

    process: str
    cpu_ms_per_upload: float
    cores: float
    idle_cores: float


@dataclass(frozen=True, slots=True)
class Number:
    """A figure that is no latency."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of a profile's own, drawn as it stands."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart: points in the order of x."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, drawn into NAME.png. `percentiles`: x is a percentile, drawn by nines; `limit`: a goal's line across."""

    name: str
    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    percentiles: bool = False
    log_y: bool = False
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """What a figure was over the repeats."""

    figure: str
    unit: str
    min: float
    median: float
    max: float


@dataclass(frozen=True, slots=True)
class Report:
    """One run. `void`: why its figures mean nothing, empty if they do. `load`: what was offered, as data.

    `offered`: the same as a sentence. `per`: what the cost is counted for, if that is no upload; `of`: what the truth
    is about, if that is no uploads.
    With repeats, everything but truth, goals and `spread` is of the middle one.
    """

    profile: str
    seed: int
    load: Any
    machine: Machine
    void: tuple[str, ...]
    truth: Tally
    figures_ms: Mapping[str, Percentiles]
    goals: tuple[Goal, ...]
    cost: tuple[Cost, ...]
    others_cores: float
    offered: str = ""
    numbers: tuple[Number, ...] = ()
    grids: tuple[Grid, ...] = ()
    charts: tuple[Chart, ...] = ()
    spread: tuple[Spread, ...] = ()
    repeats: int = 1
    per: str = "upload"
    of: str = "uploads"


def costs(idle: Used | None, busy: Used, uploads: int) -> tuple[Cost, ...]:
    """Return what each process used, per upload and in cores; the dearest first."""
    found = (
        Cost(
            name,
            1000 * used / uploads if uploads else math.nan,
            used / busy.seconds,
            idle.by_process.get(name, math.nan) / idle.seconds if idle else math.nan,
        )
        for name, used in busy.by_process.items()
    )
    return tuple(sorted(found, key=lambda cost: -cost.cores))


def restarted(used: Used) -> tuple[str, ...]:
    """Return the sentence that makes a run void in which a process died, if one did."""
    return (f"started again meanwhile: {', '.join(used.restarted)}",) if used.restarted else ()


def save(report: Report, path: Path) -> None:
    """Write the report as JSON; a figure that is missing is null."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")
