"""Costs as they are taken apart: what an event costs besides another, and what of it goes by the chunks. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from operator import sub

from loadtest.capacity.coefficients import PerEvent


@dataclass(frozen=True, slots=True)
class Sized:
    """What an upload of one size costs; `chunks`: what its sample has, on average."""

    chunks: float
    cost: PerEvent


def fitted(short: Sized, long: Sized) -> tuple[PerEvent, PerEvent]:
    """Return what each costs, and what each chunk on top of it: the line through both, of which nothing falls."""

    def chunk(low: float, high: float) -> float:
        return max(0.0, (high - low) / (long.chunks - short.chunks))

    def each(low: float, high: float) -> float:
        return max(0.0, low - chunk(low, high) * short.chunks)

    costs = short.cost, long.cost
    return by_name(each, *costs), by_name(chunk, *costs)


def besides(one: Sized, other: Sized) -> Sized:
    """Return what one costs more than the other."""
    return Sized(one.chunks, by_name(sub, one.cost, other.cost))


def by_name(how: Callable[..., float], *events: PerEvent) -> PerEvent:
    """Return the event that this makes of so many, number by number; what costs nothing is left out."""

    def made(costs: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
        found = ((name, how(*(one.get(name, 0.0) for one in costs))) for name in sorted({*chain(*costs)}))
        return {name: value for name, value in found if value}

    return PerEvent(**{field.name: made([getattr(one, field.name) for one in events]) for field in fields(PerEvent)})


def besides_first(sizes: Sequence[Sized]) -> list[Sized]:
    """Return what each of the further ones costs more than the first."""
    return [besides(each, sizes[0]) for each in sizes[1:]]


def shared(event: PerEvent, among: float) -> PerEvent:
    """Return its costs divided."""
    return by_name(lambda value: value / among, event)
