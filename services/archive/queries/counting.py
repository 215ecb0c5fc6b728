"""Reading the counters."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.measures import Measure, Span
from services.archive.tables import COUNTERS

Counts = Mapping[str, int]


async def ever(connection: AsyncConnection, measure: Measure) -> Counts:
    """Return how many there ever were, by value; of PRESENT, how many there are."""
    asked = select(COUNTERS.c.value, COUNTERS.c.count).where(*_of(Span.EVER, measure))
    return {value: count for value, count in await connection.execute(asked) if count}


async def between(connection: AsyncConnection, measure: Measure, since_ms: int, until_ms: int) -> Counts:
    """Return how many there were on the days that begin from a time on and before another, by value."""
    asked = select(COUNTERS.c.value, func.sum(COUNTERS.c.count)).where(
        *_of(Span.DAY, measure), COUNTERS.c.begin_ms >= since_ms, COUNTERS.c.begin_ms < until_ms
    )
    return {value: int(count) for value, count in await connection.execute(asked.group_by(COUNTERS.c.value))}


async def series(
    connection: AsyncConnection, span: Span, measure: Measure, since_ms: int, until_ms: int
) -> Mapping[int, Counts]:
    """Return how many there were in each hour or day that begins from a time on and before another, by value."""
    asked = select(COUNTERS.c.begin_ms, COUNTERS.c.value, COUNTERS.c.count).where(
        *_of(span, measure), COUNTERS.c.begin_ms >= since_ms, COUNTERS.c.begin_ms < until_ms
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for begin_ms, value, count in await connection.execute(asked.order_by(COUNTERS.c.begin_ms)):
        found[begin_ms][value] = count
    return found


def _of(span: Span, measure: Measure) -> tuple[ColumnElement[bool], ...]:
    return COUNTERS.c.span == span.value, COUNTERS.c.measure == measure.value
