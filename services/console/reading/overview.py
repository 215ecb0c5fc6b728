"""The figures and charts of the first page, for everybody or for one rightsholder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.measures import DAY_MS, HOUR_MS, Measure, Span
from services.archive.queries.concerning import (
    count_disputed,
    count_held_works,
    down_last,
    own_copies,
    own_days,
    own_figures,
)
from services.archive.queries.overview import moments, overview
from services.archive.queries.scope import EVERYTHING, Scope
from services.console.views.overview import Standings
from services.contracts.decided import TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.types import milliseconds, timestamp

Verdict = VerdictDecided.Verdict
NOTICE, STAYDOWN = TakedownIssued.Basis
ISSUED, REINSTATED = TakedownIssued.Status

Amounts = tuple[int, int, int]
Series = Sequence[tuple[datetime, Amounts]]


@dataclass(frozen=True, slots=True)
class Line:
    """A takedown in a list, as it is at present."""

    at: datetime
    status: str
    upload_id: str
    rightsholder_id: str
    work_id: str


async def figures(connection: AsyncConnection, scope: Scope) -> Standings:
    """Return how things stand: everywhere, or for the works of one rightsholder."""
    waiting = await count_held_works(connection, scope), await count_disputed(connection, scope)
    found = await overview(connection, scope)
    if found is None:
        taken_down, refused, back = _amounts(await own_figures(connection, scope))
        return Standings(*waiting, taken_down=taken_down, refused=refused, down_now=taken_down + refused - back)
    clear, blocked, held, unscanned = (found.present.get(verdict, 0) for verdict in Verdict)
    accepted = found.ever[Measure.ANSWERED].get(WorkReceipt.Status.ACCEPTED, 0)
    return Standings(*waiting, clear=clear, blocked=blocked, held=held, unscanned=unscanned, accepted=accepted)


async def latest_takedowns(connection: AsyncConnection, scope: Scope, rows_max: int) -> Sequence[Line]:
    """Return what came down last and is down; of a rightsholder, the latest of theirs."""
    ask = down_last if scope.is_everything else own_copies
    rows = await ask(connection, scope, limit=rows_max)
    return [Line(row.decided_at, row.status, row.upload_id, row.rightsholder_id, row.work_id) for row in rows]


async def by_hour(connection: AsyncConnection, until: datetime, hours: int) -> tuple[Series, Series]:
    """Return decisions (shown, not shown, neither yet) and what happened (came down, was refused, came back)."""
    last = milliseconds(until) // HOUR_MS * HOUR_MS
    begins = range(last - (hours - 1) * HOUR_MS, last + 1, HOUR_MS)
    found = await moments(connection, EVERYTHING, Span.HOUR, begins.start, begins.stop)
    there = {milliseconds(each.begin): each.counts for each in found}
    at = [(timestamp(begin), there.get(begin, {})) for begin in begins]
    decided = [(begin, _decided(counts.get(Measure.DECIDED, {}))) for begin, counts in at]
    issued = [(begin, counts.get(Measure.ISSUED, {}), counts.get(Measure.REINSTATED, {})) for begin, counts in at]
    return decided, [
        (begin, (by.get(NOTICE, 0), by.get(STAYDOWN, 0), sum(back.values()))) for begin, by, back in issued
    ]


async def happened_by_day(connection: AsyncConnection, scope: Scope, until: datetime, days: int) -> Series:
    """Return what happened to copies of a rightsholder's works, by day."""
    last = milliseconds(until) // DAY_MS * DAY_MS
    begins = range(last - (days - 1) * DAY_MS, last + 1, DAY_MS)
    there = await own_days(connection, scope, begins.start)
    return [(timestamp(day), _amounts(there.get(day, {}))) for day in begins]


def _amounts(counts: Mapping[str, int]) -> Amounts:
    """Return how many came down, were refused, and came back, of counts by status and basis."""
    back = sum(counts.get(f"{REINSTATED} {basis}", 0) for basis in (NOTICE, STAYDOWN))
    return counts.get(f"{ISSUED} {NOTICE}", 0), counts.get(f"{ISSUED} {STAYDOWN}", 0), back


def _decided(counts: Mapping[str, int]) -> Amounts:
    neither = counts.get(Verdict.HELD, 0) + counts.get(Verdict.UNSCANNED, 0)
    return counts.get(Verdict.CLEAR, 0), counts.get(Verdict.BLOCKED, 0), neither
