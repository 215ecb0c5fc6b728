"""What goes on: totals, the last hours, how far behind the record is. Reads counters alone, however much there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.measures import Measure, Span
from services.archive.queries.counting import Counts, ever, series
from services.archive.queries.scope import Scope
from services.archive.tables import POSITIONS
from services.contracts.types import timestamp

SHOWN = (Measure.SUBMITTED, Measure.DECIDED, Measure.ISSUED, Measure.REINSTATED, Measure.ANSWERED, Measure.DISPUTED)
"""What the charts show."""


@dataclass(frozen=True, slots=True)
class Overview:
    """`present`: uploads by their verdict now. `ever`: how many there were, by measure and value."""

    present: Counts
    ever: Mapping[Measure, Counts]


@dataclass(frozen=True, slots=True)
class Moment:
    """An hour or a day by its begin, and how many there were of each measure in it, by value."""

    begin: datetime
    counts: Mapping[Measure, Counts]


@dataclass(frozen=True, slots=True)
class Progress:
    """Up to where a partition is in the record, and when its last record there was written."""

    topic: str
    partition: int
    next_offset: int
    at: datetime


async def overview(connection: AsyncConnection, scope: Scope) -> Overview | None:
    """Return the totals; None for whoever does not see everything."""
    if not scope.is_everything:
        return None
    return Overview(
        await ever(connection, Measure.PRESENT), {measure: await ever(connection, measure) for measure in SHOWN}
    )


async def moments(
    connection: AsyncConnection, scope: Scope, span: Span, since_ms: int, until_ms: int
) -> Sequence[Moment]:
    """Return the hours or days of a time in which there was anything; none for whoever does not see everything."""
    if not scope.is_everything:
        return ()
    found = {measure: await series(connection, span, measure, since_ms, until_ms) for measure in SHOWN}
    begins = sorted({begin_ms for counts in found.values() for begin_ms in counts})
    return [
        Moment(timestamp(begin), {measure: counts[begin] for measure, counts in found.items() if begin in counts})
        for begin in begins
    ]


async def progress(connection: AsyncConnection) -> Sequence[Progress]:
    """Return up to where each partition is in the record."""
    found = await connection.execute(select(POSITIONS).order_by(POSITIONS.c.topic, POSITIONS.c.partition))
    return [
        Progress(row["topic"], row["partition"], row["next_offset"], timestamp(row["at_ms"]))
        for row in found.mappings()
    ]
