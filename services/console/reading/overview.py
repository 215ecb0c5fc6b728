"""The figures of the first page, from counters: nothing here counts the rows of uploads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.measures import DAY_MS, HOUR_MS, Measure, Span
from services.archive.queries.overview import moments, overview
from services.archive.queries.scope import EVERYTHING, Scope
from services.archive.tables import (
    ANSWERS,
    DISPUTED_TAKEDOWNS,
    DISPUTES,
    TAKEDOWNS,
    UPLOADS,
    WORK_COUNTERS,
)
from services.console.views.overview import Standings
from services.contracts.decided import TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.types import milliseconds, timestamp

Verdict = VerdictDecided.Verdict
NOTICE, STAYDOWN = TakedownIssued.Basis
ISSUED, REINSTATED = TakedownIssued.Status
HELD = WorkReceipt.Status.HELD.value
OVER = ("withdraw", "release")
"""Steps after which nobody waits for an answer."""

Series = Sequence[tuple[datetime, tuple[int, int, int]]]


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
    waiting = await _waiting(connection, scope), await _disputed(connection, scope)
    found = await overview(connection, scope)
    if found is None:
        return await _own(connection, scope.rightsholder_id or "", waiting)
    clear, blocked, held, unscanned = (found.present.get(verdict, 0) for verdict in Verdict)
    accepted = found.ever[Measure.ANSWERED].get(WorkReceipt.Status.ACCEPTED, 0)
    return Standings(*waiting, clear=clear, blocked=blocked, held=held, unscanned=unscanned, accepted=accepted)


async def latest_takedowns(connection: AsyncConnection, scope: Scope, rows_max: int) -> Sequence[Line]:
    """Return the takedowns of the uploads that came down last and are down; of a rightsholder, the latest of theirs."""
    query = select(TAKEDOWNS).order_by(TAKEDOWNS.c.decided_ms.desc(), TAKEDOWNS.c.takedown_id)
    if scope.is_everything:
        latest = select(UPLOADS.c.upload_id).where(UPLOADS.c.verdict == Verdict.BLOCKED.value)
        latest = latest.order_by(UPLOADS.c.decided_ms.desc(), UPLOADS.c.upload_id.desc()).limit(rows_max)
        query = query.where(TAKEDOWNS.c.upload_id.in_(latest))
    else:
        query = query.where(TAKEDOWNS.c.rightsholder_id == scope.rightsholder_id)
    rows = await connection.execute(query.limit(rows_max))
    return [
        Line(timestamp(row.decided_ms), row.status, row.upload_id, row.rightsholder_id, row.work_id) for row in rows
    ]


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
    """Return the same of a rightsholder's works, by day."""
    last = milliseconds(until) // DAY_MS * DAY_MS
    begins = range(last - (days - 1) * DAY_MS, last + 1, DAY_MS)
    query = select(WORK_COUNTERS.c.day_ms, WORK_COUNTERS.c.value, func.sum(WORK_COUNTERS.c.count).label("many"))
    query = query.where(
        WORK_COUNTERS.c.rightsholder_id == scope.rightsholder_id, WORK_COUNTERS.c.day_ms >= begins.start
    )
    there: dict[tuple[int, str], int] = {}
    for row in await connection.execute(query.group_by(WORK_COUNTERS.c.day_ms, WORK_COUNTERS.c.value)):
        there[row.day_ms, row.value] = int(row.many)
    return [(timestamp(day), _of_day(there, day)) for day in begins]


def _of_day(there: dict[tuple[int, str], int], day: int) -> tuple[int, int, int]:
    back = sum(there.get((day, f"{REINSTATED} {basis}"), 0) for basis in (NOTICE, STAYDOWN))
    return there.get((day, f"{ISSUED} {NOTICE}"), 0), there.get((day, f"{ISSUED} {STAYDOWN}"), 0), back


def _decided(counts: Mapping[str, int]) -> tuple[int, int, int]:
    neither = counts.get(Verdict.HELD, 0) + counts.get(Verdict.UNSCANNED, 0)
    return counts.get(Verdict.CLEAR, 0), counts.get(Verdict.BLOCKED, 0), neither


async def _own(connection: AsyncConnection, rightsholder_id: str, waiting: tuple[int, int]) -> Standings:
    many = func.sum(WORK_COUNTERS.c.count).label("many")
    asked = select(WORK_COUNTERS.c.value, many).where(WORK_COUNTERS.c.rightsholder_id == rightsholder_id)
    found = await connection.execute(asked.group_by(WORK_COUNTERS.c.value))
    there = {row.value: int(row.many) for row in found}
    taken_down, refused = (there.get(f"{ISSUED} {basis}", 0) for basis in (NOTICE, STAYDOWN))
    back = sum(there.get(f"{REINSTATED} {basis}", 0) for basis in (NOTICE, STAYDOWN))
    return Standings(*waiting, taken_down=taken_down, refused=refused, down_now=taken_down + refused - back)


async def _waiting(connection: AsyncConnection, scope: Scope) -> int:
    """Return how many registrations wait for a person."""
    query = select(func.count()).select_from(ANSWERS).where(ANSWERS.c.status == HELD)
    query = query if scope.is_everything else query.where(ANSWERS.c.rightsholder_id == scope.rightsholder_id)
    return (await connection.execute(query)).scalar_one()


async def _disputed(connection: AsyncConnection, scope: Scope) -> int:
    """Return how many takedowns are disputed and still stand."""
    same = and_(
        DISPUTES.c.upload_id == DISPUTED_TAKEDOWNS.c.upload_id, DISPUTES.c.dispute_id == DISPUTED_TAKEDOWNS.c.dispute_id
    )
    open_ones = DISPUTED_TAKEDOWNS.join(TAKEDOWNS, TAKEDOWNS.c.takedown_id == DISPUTED_TAKEDOWNS.c.takedown_id)
    query = select(func.count(DISPUTED_TAKEDOWNS.c.takedown_id.distinct())).select_from(open_ones.join(DISPUTES, same))
    query = query.where(TAKEDOWNS.c.status == ISSUED.value, DISPUTES.c.step.not_in(OVER))
    query = query if scope.is_everything else query.where(DISPUTED_TAKEDOWNS.c.rightsholder_id == scope.rightsholder_id)
    return (await connection.execute(query)).scalar_one()
