"""What deciding costs, as data, as JSON, and as a table for a person."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from loadtest.deciding.plant import Spent, total
from loadtest.deciding.story import MIX, MIX_SAYS
from loadtest.machine import Machine

GOAL_US = 30.0
"""The goal of issue 5: `decide` of each service, for a record, on average over the mix."""

Place = tuple[str, str, str]
"""Service, scene, topic."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a record of a kind costs, in µs of CPU, by `decide`: the median of the rounds, the least and the most.

    `whole_us`: with reading the record and writing all that follows. `applying_us`: writing what was decided into the
    state, besides.
    """

    service: str
    scene: str
    topic: str
    records: int
    median_us: float
    least_us: float
    most_us: float
    whole_us: float
    applying_us: float


@dataclass(frozen=True, slots=True)
class Average:
    """What `decide` takes for a record, over all kinds as often as they came in the mix; and all of it (`whole_us`)."""

    service: str
    records: int
    average_us: float
    whole_us: float
    goal_us: float

    @property
    def is_reached(self) -> bool:
        """Whether it is."""
        return self.average_us <= self.goal_us


@dataclass(frozen=True, slots=True)
class DecidingReport:
    """One run."""

    seed: int
    count: int
    rounds: int
    on_disk: bool
    machine: Machine
    rows: tuple[Row, ...]
    averages: tuple[Average, ...]


def rows(rounds: Sequence[Mapping[Place, Spent]]) -> tuple[Row, ...]:
    """Return a row for each kind of record, in the story's order within each service."""
    services = list(dict.fromkeys(service for service, _, _ in rounds[0]))
    places = sorted(rounds[0], key=lambda place: services.index(place[0]))
    return tuple(_row(place, [one[place] for one in rounds]) for place in places if rounds[0][place].records)


def averages(rounds: Sequence[Mapping[Place, Spent]]) -> tuple[Average, ...]:
    """Return what each service comes to in the mix, of the median round."""
    found = []
    for service in dict.fromkeys(service for service, scene, _ in rounds[0] if scene == MIX):
        sums = [total([spent for place, spent in one.items() if place[:2] == (service, MIX)]) for one in rounds]
        average = statistics.median(_us(one.decide_seconds, one.records) for one in sums)
        whole = statistics.median(_us(one.seconds, one.records) for one in sums)
        found.append(Average(service, sums[0].records, average, whole, GOAL_US))
    return tuple(found)


def _row(place: Place, spent: Sequence[Spent]) -> Row:
    each = [_us(one.decide_seconds, one.records) for one in spent]
    whole = statistics.median(_us(one.seconds, one.records) for one in spent)
    applying = statistics.median(_us(one.applying_seconds, one.records) for one in spent)
    return Row(*place, spent[0].records, statistics.median(each), min(each), max(each), whole, applying)


def _us(seconds: float, records: int) -> float:
    return 1e6 * seconds / max(records, 1)


def show(report: DecidingReport, console: Console) -> None:
    """Print the report."""
    machine = report.machine
    console.print(
        f"deciding: {report.rounds} rounds of {report.count:,} records a scene, seed {report.seed}, "
        f"state {'on disk' if report.on_disk else 'in memory'}; "
        "µs of CPU a record, medians; in all: with reading it and writing what follows\n"
        f"{machine.cores} cores of {machine.cpu}, {machine.memory_mib:,} MiB, {machine.system}, {machine.python}; "
        f"load average {machine.load_before:.1f} before",
        highlight=False,
    )
    console.print(_kinds(report.rows))
    console.print(f"the mix: {MIX_SAYS}", highlight=False)
    console.print(_goals(report.averages))


def save(report: DecidingReport, path: Path) -> None:
    """Write the report as JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")


def _kinds(shown: Sequence[Row]) -> Table:
    table = Table("service", "scene", "reads", box=SIMPLE)
    for name in ("records", "decide", "least-most", "in all", "state"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in shown:
        spread = f"{row.least_us:.1f}-{row.most_us:.1f}"
        figures = (f"{row.records:,}", f"{row.median_us:.1f}", spread, f"{row.whole_us:.1f}", f"{row.applying_us:.1f}")
        table.add_row(row.service, row.scene, row.topic, *figures)
    return table


def _goals(shown: Sequence[Average]) -> Table:
    table = Table("goal: a record of the mix", box=SIMPLE)
    for name in ("records", "to reach", "reached", "", "in all"):
        table.add_column(name, justify="right")
    for one in shown:
        figures = (f"{one.records:,}", f"≤ {one.goal_us:.0f} µs", f"{one.average_us:.1f} µs")
        table.add_row(one.service, *figures, "yes" if one.is_reached else "NO", f"{one.whole_us:.1f} µs")
    return table
