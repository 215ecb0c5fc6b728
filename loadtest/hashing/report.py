"""What a run of the hashing stage comes down to: figures by size as data, as JSON, and as a table for a person."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from loadtest.machine import Machine
from loadtest.truth import Tally

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure of several rounds."""

    min: float
    median: float
    max: float

    def __str__(self) -> str:
        """Return the median, and what it varied between."""
        return f"{self.median:.2f} ({self.min:.2f} to {self.max:.2f})"


@dataclass(frozen=True, slots=True)
class SizeFigures:
    """Files of one size: GB a second of CPU time, by the service, at the limit, and by scanning without any reading.

    `ratio`: what the limit costs by what the service costs, of the same round.
    """

    size: int
    reads: int
    service_gb: Spread
    limit_gb: Spread
    compute_gb: Spread
    ratio: Spread
    service_us: Spread
    others_cores: Spread


@dataclass(frozen=True, slots=True)
class Memory:
    """How much memory the hasher had, in bytes, after the first gigabyte and after the last."""

    gigabytes: float
    first_bytes: int
    last_bytes: int

    @property
    def change(self) -> float:
        """Return by which part of what it was it changed."""
        return abs(self.last_bytes - self.first_bytes) / self.first_bytes


@dataclass(frozen=True, slots=True)
class RatioGoal:
    """A ratio that is to be at least, or at most, so large; whether it is does not change the exit code."""

    figure: str
    sign: str
    limit: float
    reached: float

    @property
    def is_reached(self) -> bool:
        """Whether it is."""
        return self.reached >= self.limit if self.sign == "≥" else self.reached <= self.limit


@dataclass(frozen=True, slots=True)
class HashingReport:
    """One run. `void`: why its figures mean nothing, empty if they do."""

    profile: str
    seed: int
    rounds: int
    machine: Machine
    void: tuple[str, ...]
    truth: Tally
    sizes: tuple[SizeFigures, ...]
    memory: Memory | None
    goals: tuple[RatioGoal, ...]


def spread(values: Sequence[float]) -> Spread:
    """Return least, middle and greatest."""
    return Spread(min(values), statistics.median(values), max(values))


def goals(sizes: Sequence[SizeFigures], memory: Memory | None) -> tuple[RatioGoal, ...]:
    """Return the figures that issue 4 set out to reach: of the median round."""
    found = []
    for one in sizes:
        if one.size >= MIB:
            found.append(RatioGoal(f"{size_name(one.size)}: service / limit", "≥", 0.90, one.ratio.median))
        elif one.size == 64 * KIB:
            found.append(RatioGoal(f"{size_name(one.size)}: service / loop", "≥", 0.50, one.ratio.median))
    if memory is not None:
        found.append(RatioGoal(f"memory, 1 to {memory.gigabytes:g} GB: change", "≤", 0.05, memory.change))
    return tuple(found)


def size_name(size: int) -> str:
    """Return a size as people say it."""
    for unit, name in ((KIB * MIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} B"


def show(report: HashingReport, console: Console) -> None:
    """Print the report."""
    machine = report.machine
    console.print(
        f"{report.profile}: {report.rounds} rounds, seed {report.seed}; GB a second of CPU time, medians\n"
        f"{machine.cores} cores of {machine.cpu}, {machine.memory_mib:,} MiB, {machine.system}, {machine.python}\n"
        f"{machine.broker}; load average {machine.load_before:.1f} before",
        highlight=False,
    )
    console.print(_sizes(report.sizes), _goals(report.goals))
    if memory := report.memory:
        after = f"{memory.first_bytes / MIB:.1f} MiB after 1 GB, {memory.last_bytes / MIB:.1f} MiB after"
        console.print(f"memory: {after} {memory.gigabytes:g} GB", highlight=False)
    truth = report.truth
    console.print(f"{truth.uploads:,} reads: {truth.missed} missed, {truth.wrong} wrong, {truth.duplicate} duplicate")
    for line in (*truth.examples, *(f"VOID: {why}. The figures above mean nothing." for why in report.void)):
        console.print(f"  {line}", highlight=False)


def save(report: HashingReport, path: Path) -> None:
    """Write the report as JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")


def _sizes(sizes: Sequence[SizeFigures]) -> Table:
    table = Table("files of")
    for name in ("reads", "service", "limit", "no reading", "µs a read", "service / limit"):
        table.add_column(name, justify="right")
    for one in sizes:
        speeds = (f"{each.median:.2f}" for each in (one.service_gb, one.limit_gb, one.compute_gb))
        table.add_row(size_name(one.size), f"{one.reads:,}", *speeds, f"{one.service_us.median:,.0f}", f"{one.ratio}")
    return table


def _goals(reached: Sequence[RatioGoal]) -> Table:
    table = Table("goal")
    for name in ("to reach", "reached", ""):
        table.add_column(name, justify="right")
    for goal in reached:
        yes = "yes" if goal.is_reached else "NO"
        table.add_row(goal.figure, f"{goal.sign} {goal.limit:.2f}", f"{goal.reached:.3f}", yes)
    return table
