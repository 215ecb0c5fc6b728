"""Charts, drawn here as SVG: bars over time, one colour a kind, with the same figures as a table beside. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH = 1_000
HEIGHT = 180
GAP = 0.25
"""Of a bar's place that is left empty."""

TOP_STEPS = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)
"""Tenths of a power of ten that make a round number."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is counted, in words, and what colour it has."""

    words: str
    colour: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures by time: each row is a time, in words, and one figure a kind. `top` is what the full height means."""

    title: str
    kinds: tuple[Kind, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    top: int
    bars: tuple[Bar, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to see."""
        return not self.bars

    @property
    def words(self) -> str:
        """Say what the chart shows."""
        sums = [sum(row[1][index] for row in self.rows) for index in range(len(self.kinds))]
        told = ", ".join(f"{amount:,} {kind.words}" for kind, amount in zip(self.kinds, sums, strict=True))
        return (
            f"{self.title}, {self.rows[0][0]} to {self.rows[-1][0]}: {told}."
            if self.rows
            else f"{self.title}: nothing."
        )


def chart(title: str, kinds: Sequence[Kind], figures: Sequence[tuple[datetime, Sequence[int]]], form: str) -> Chart:
    """Return figures as stacked bars, the earliest first; `form` says how a time is written."""
    rows = tuple((format(at, form), tuple(amounts)) for at, amounts in figures)
    top = _top(max((sum(amounts) for _, amounts in rows), default=0))
    place = WIDTH / max(len(rows), 1)
    bars = tuple(
        bar for number, (_, amounts) in enumerate(rows) for bar in _stack(number * place, place, amounts, top, kinds)
    )
    return Chart(title, tuple(kinds), rows, top, bars)


def _stack(x: float, place: float, amounts: Sequence[int], top: int, kinds: Sequence[Kind]) -> list[Bar]:
    bars, y = [], float(HEIGHT)
    for kind, amount in zip(kinds, amounts, strict=True):
        height = HEIGHT * amount / top
        y -= height
        if amount:
            bars.append(
                Bar(
                    round(x + place * GAP / 2, 2),
                    round(y, 2),
                    round(place * (1 - GAP), 2),
                    round(height, 2),
                    kind.colour,
                )
            )
    return bars


def _top(most: int) -> int:
    """Return a round number that is not below; bars of few are as high as they are many."""
    if most <= TOP_STEPS[0]:
        return max(most, 1)
    power: int = 10 ** (len(str(most)) - 2)
    return next(step * power for step in TOP_STEPS if step * power >= most)
