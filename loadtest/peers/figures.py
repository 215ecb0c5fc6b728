"""What passes come down to: rates, CPU per upload, memory, and ratios to two consumers of the same round. Pure.

The plain consumer does the same work without guarantees, so the ratio to it is what these cost; the shortest consumer
does the least that gives the right verdicts, so the ratio to it is what everything together costs.

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
SHORTEST = "shortest"
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

    `rate_ratio` and `cpu_ratio`: to the plain consumer, above 1 when better than it; those `to_shortest` likewise.
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
    rate_ratio_to_shortest: Spread
    cpu_ratio_to_shortest: Spread
    missed: int
    wrong: int
    duplicate: int


@dataclass(frozen=True, slots=True)
class RatioGoal:
    """A ratio that is to be reached; whether it was is told, and does not change the exit code.

    `to_shortest`: the ratio to the shortest consumer, of which nothing is asked.
    """

    figure: str
    least: float
    reached: float
    to_shortest: float

    @property
    def is_reached(self) -> bool:
        """Whether it was."""
        return self.reached >= self.least


def figures(rows: Sequence[Row]) -> tuple[Figures, ...]:
    """Return the figures of every row; each stage and size has a row of either consumer."""
    of_row = {(row.stage, row.size, row.who): row for row in rows}
    return tuple(
        _figures(row, of_row[row.stage, row.size, PLAIN], of_row[row.stage, row.size, SHORTEST]) for row in rows
    )


def goals(found: Sequence[Figures]) -> tuple[RatioGoal, ...]:
    """Return what the issue set out to reach, as far as this run measured it."""
    return tuple(
        RatioGoal(
            "Staydown ÷ plain consumer, uploads/s, whole pipeline, 4 KiB",
            GOAL_RATIO,
            one.rate_ratio.median,
            one.rate_ratio_to_shortest.median,
        )
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


def _figures(row: Row, plain: Row, shortest: Row) -> Figures:
    names = sorted({name for one in row.passes for name in one.used.by_process})
    by_process = {
        name: statistics.median(1000 * one.used.by_process.get(name, 0.0) / one.uploads for one in row.passes)
        for name in names
    }
    return Figures(
        stage=row.stage,
        size=row.size,
        who=row.who,
        rate=_spread(rate, row.passes),
        cpu_ms=_spread(cpu_ms, row.passes),
        cpu_ms_by_process=by_process,
        memory_mib=max(sum(one.memory_mib.values()) for one in row.passes),
        rate_ratio=_rate_ratio(row, plain),
        cpu_ratio=_cpu_ratio(row, plain),
        rate_ratio_to_shortest=_rate_ratio(row, shortest),
        cpu_ratio_to_shortest=_cpu_ratio(row, shortest),
        missed=sum(one.tally.missed for one in row.passes),
        wrong=sum(one.tally.wrong for one in row.passes),
        duplicate=sum(one.tally.duplicate for one in row.passes),
    )


def _rate_ratio(row: Row, to: Row) -> Spread:
    return _of([rate(one) / rate(other) for one, other in zip(row.passes, to.passes, strict=True)])


def _cpu_ratio(row: Row, to: Row) -> Spread:
    return _of([cpu_ms(other) / max(cpu_ms(one), 1e-9) for one, other in zip(row.passes, to.passes, strict=True)])


def _spread(figure: Callable[[Pass], float], passes: Sequence[Pass]) -> Spread:
    return _of([figure(one) for one in passes])


def _of(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))
