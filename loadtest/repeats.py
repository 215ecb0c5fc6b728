"""One measurement, and what several of them come to: the middle one, and the spread of every figure."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from loadtest.latency import Percentiles
from loadtest.report import Chart, Cost, Goal, Grid, Number, Spread
from loadtest.truth import Tally

NOTHING_WRONG = Tally(0, 0, 0, 0, ())


@dataclass(frozen=True, slots=True)
class Measured:
    """What one repeat of a profile came to. `truth`: about what is no upload; uploads are the session's.

    `per`: what the cost is counted for.
    """

    figures_ms: Mapping[str, Percentiles] = field(default_factory=dict)
    numbers: tuple[Number, ...] = ()
    grids: tuple[Grid, ...] = ()
    charts: tuple[Chart, ...] = ()
    goals: tuple[Goal, ...] = ()
    cost: tuple[Cost, ...] = ()
    void: tuple[str, ...] = ()
    others_cores: float = 0.0
    truth: Tally = NOTHING_WRONG
    per: str = "upload"


def middle(repeats: Sequence[Measured]) -> Measured:
    """Return the repeat with the middle one of what the first goal is about, its goals at the medians of all."""
    by_first = sorted(repeats, key=_rank)
    chosen = by_first[(len(by_first) - 1) // 2]
    whole = [one for one in repeats if len(one.goals) == len(chosen.goals)]  # one that broke off has none, and is void
    reached = [statistics.median(one.goals[number].reached for one in whole) for number in range(len(chosen.goals))]
    goals = tuple(replace(goal, reached=value) for goal, value in zip(chosen.goals, reached, strict=True))
    return replace(chosen, goals=goals)


def spread(repeats: Sequence[Measured]) -> tuple[Spread, ...]:
    """Return least, median and greatest of every figure that all repeats have; none for a single one."""
    if len(repeats) == 1:
        return ()
    found = [_scalars(one) for one in repeats]
    shared = [name for name in found[0] if all(name in other for other in found)]
    return tuple(_spread(name, unit, [one[name, unit] for one in found]) for name, unit in shared)


def void_of(repeats: Sequence[Measured]) -> tuple[str, ...]:
    """Return why the repeats mean nothing; one that is void makes all so."""
    if len(repeats) == 1:
        return repeats[0].void
    return tuple(f"repeat {number}: {why}" for number, one in enumerate(repeats, 1) for why in one.void)


def _rank(measured: Measured) -> float:
    if measured.goals:
        return measured.goals[0].reached
    return next((figure.p99 for figure in measured.figures_ms.values()), 0.0)


def _scalars(measured: Measured) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for name, ms in measured.figures_ms.items():
        found[f"{name.strip()}, p50", "ms"] = ms.p50
        found[f"{name.strip()}, p99", "ms"] = ms.p99
    for number in measured.numbers:
        found[number.name, number.unit] = number.value
    for cost in measured.cost:
        found[f"CPU of {cost.process}", f"ms per {measured.per}"] = cost.cpu_ms_per_upload
    return found


def _spread(figure: str, unit: str, values: list[float]) -> Spread:
    return Spread(figure, unit, min(values), statistics.median(values), max(values))
