"""Works: by their names, and the history, copies and disputes of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.measures import DAY_MS
from services.archive.queries.disputes import disputes_of_work
from services.archive.queries.scope import ROWS_MAX, Mark, Scope
from services.archive.queries.works import WorkLife, WorkRow, takedowns_of, work_days, work_life, works
from services.console.reading import places
from services.console.views.work import Copies, Copy, DisputeLine
from services.contracts.types import milliseconds, timestamp

Series = tuple[tuple[datetime, tuple[int, int, int]], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A work in a list; `status` is its latest answer, if there is one."""

    rightsholder_id: str
    work_id: str
    title: str
    status: str
    at: datetime | None
    place: str


async def latest(connection: AsyncConnection, scope: Scope, before: str, rows_max: int) -> Sequence[Line]:
    """Return works by their names; of one rightsholder, or of all."""
    mark = places.read_of(before, 2)
    after = (mark.ids[0], mark.ids[1]) if mark else None
    return [_line(row) for row in await works(connection, scope, after=after, limit=rows_max)]


async def life(connection: AsyncConnection, scope: Scope, rightsholder_id: str, work_id: str) -> WorkLife | None:
    """Return what was submitted and answered about a work; None if there is none that the viewer may see."""
    return await work_life(connection, scope, rightsholder_id, work_id)


async def copies(connection: AsyncConnection, scope: Scope, found: WorkLife, now: datetime, days: int) -> Copies:
    """Return the copies of a work: by figures, lately by day, the latest, and their disputes."""
    ids = found.row.rightsholder_id, found.row.work_id
    takedowns = [
        Copy(row.decided_at, row.status, row.basis, row.upload_id)
        for row in await takedowns_of(connection, scope, *ids)
    ]
    disputes = [
        DisputeLine(row.opened_at, row.upload_id, row.step)
        for row in await disputes_of_work(connection, scope, *ids, limit=ROWS_MAX)
    ]
    by_day = await _by_day(connection, scope, ids, now, days)
    counted = found.takedowns
    return Copies(counted.taken_down, counted.refused, counted.down_now, by_day, tuple(takedowns), tuple(disputes))


async def _by_day(connection: AsyncConnection, scope: Scope, ids: tuple[str, str], now: datetime, days: int) -> Series:
    """Return the last days, those without any copy too."""
    last = milliseconds(now) // DAY_MS * DAY_MS
    begins = [timestamp(last - back * DAY_MS) for back in reversed(range(days))]
    found = await work_days(connection, scope, *ids, since_ms=milliseconds(begins[0]))
    there = {each.day: each.takedowns for each in found}
    counted = [there.get(begin) for begin in begins]
    amounts = [(each.taken_down, each.refused, each.reinstated) if each else (0, 0, 0) for each in counted]
    return tuple(zip(begins, amounts, strict=True))


def _line(row: WorkRow) -> Line:
    place = places.written(Mark(0, (row.rightsholder_id, row.work_id)))
    return Line(row.rightsholder_id, row.work_id, row.title, row.status or "", row.decided_at, place)
