"""What passes come down to: rates, CPU per upload, memory, and ratios to the plain consumer of the same round. Pure.

Two ratios are told. By rate: everything on one machine, so a subject of several processes may use cores that a single
process leaves idle, and all share them with the broker and the reader. By CPU: what an upload costs, subject and
broker together, whatever the number of cores; it is what a larger cluster pays.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from loadtest.peers.draining import Pass
from loadtest.peers.task import Stage

STAYDOWN = "Staydown"
PLAIN = "plain consumer"
FAUST = "Faust"
LOOP = "loop, no Kafka"
READER = "reader"
# The goal of issue 4, for the whole pipeline and files of 4 KiB.
GOAL_RATIO = 0.4
GOAL_SIZE = 4096


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of several rounds, and how far they lay apart."""

    median: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Row:
    """One subject at one stage and size of file, with a pass of each round, in the rounds' order."""

    stage: Stage
    size: int
    who: str
    passes: tuple[Pass, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a row comes down to. `cpu_ms`: own processes and broker, per upload, which is seconds per 1,000 uploads.

    `rate_ratio` and `cpu_ratio`: to the plain consumer, above 1 when better than it.
    """

    stage: Stage
    size: int
    who: str
    rate: Spread
    cpu_ms: Spread
    cpu_ms_by_process: Mapping[str, float]
    memory_mib: float
    rate_ratio: Spread
    cpu_ratio: Spread
    missed: int
    wrong: int
    duplicate: int


@dataclass(frozen=True, slots=True)
class RatioGoal:
    """A ratio that is to be reached; whether it was is told, and does not change the exit code."""

    figure: str
    least: float
    reached: float

    @property
    def is_reached(self) -> bool:
        """Whether it was."""
        return self.reached >= self.least


def figures(rows: Sequence[Row]) -> tuple[Figures, ...]:
    """Return the figures of every row; each stage and size has a row of the plain consumer."""
    plain = {(row.stage, row.size): row for row in rows if row.who == PLAIN}
    return tuple(_figures(row, plain[row.stage, row.size]) for row in rows)


def goals(found: Sequence[Figures]) -> tuple[RatioGoal, ...]:
    """Return what the issue set out to reach, as far as this run measured it."""
    return tuple(
        RatioGoal("Staydown ÷ plain consumer, uploads/s, whole pipeline, 4 KiB", GOAL_RATIO, one.rate_ratio.median)
        for one in found
        if (one.stage, one.size, one.who) == (Stage.PIPELINE, GOAL_SIZE, STAYDOWN)
    )


def rate(one: Pass) -> float:
    """Return how many uploads were answered a second."""
    return one.uploads / one.seconds


def cpu_ms(one: Pass) -> float:
    """Return the CPU that an upload took: all but the reader's, which stands for the platform."""
    used = sum(seconds for name, seconds in one.used.by_process.items() if name != READER)
    return 1000 * used / one.uploads


def _figures(row: Row, plain: Row) -> Figures:
    names = sorted({name for one in row.passes for name in one.used.by_process})
    by_process = {
        name: statistics.median(1000 * one.used.by_process.get(name, 0.0) / one.uploads for one in row.passes)
        for name in names
    }
    pairs = tuple(zip(row.passes, plain.passes, strict=True))
    return Figures(
        stage=row.stage,
        size=row.size,
        who=row.who,
        rate=_spread(rate, row.passes),
        cpu_ms=_spread(cpu_ms, row.passes),
        cpu_ms_by_process=by_process,
        memory_mib=max(sum(one.memory_mib.values()) for one in row.passes),
        rate_ratio=_of([rate(one) / rate(other) for one, other in pairs]),
        cpu_ratio=_of([cpu_ms(other) / max(cpu_ms(one), 1e-9) for one, other in pairs]),
        missed=sum(one.tally.missed for one in row.passes),
        wrong=sum(one.tally.wrong for one in row.passes),
        duplicate=sum(one.tally.duplicate for one in row.passes),
    )


def _spread(figure: Callable[[Pass], float], passes: Sequence[Pass]) -> Spread:
    return _of([figure(one) for one in passes])


def _of(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))
