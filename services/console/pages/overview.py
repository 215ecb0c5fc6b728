"""The first page: what is so now in figures, what happened lately as charts, and the way to an upload."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from services.archive.queries.scope import Scope
from services.console.paths import path_to
from services.console.reading import overview as reading
from services.console.views.charts import Chart, chart
from services.console.views.overview import DECIDED, HAPPENED, counters
from services.console.visiting import Visit, see

HOURS = 48
DAYS = 30
LATEST_MAX = 10
BY_HOUR, BY_DAY = "%-d %b %H:00", "%-d %b %Y"


async def show(visit: Visit) -> Response:
    """Show how things stand; to a rightsholder, what concerns their works."""
    scope = visit.scope
    async with visit.site.archive.connect() as connection:
        figures = await reading.figures(connection, scope)
        takedowns = await reading.latest_takedowns(connection, scope, LATEST_MAX)
        charts = await _charts(connection, scope, visit.site.now())
    told = counters(figures, is_own=not scope.is_everything)
    return visit.render("overview.html", counters=told, charts=charts, takedowns=takedowns, scope=scope.rightsholder_id)


async def _charts(connection: AsyncConnection, scope: Scope, until: datetime) -> list[Chart]:
    if not scope.is_everything:
        happened = await reading.happened_by_day(connection, scope, until, DAYS)
        return [chart("Copies, by day", HAPPENED, happened, BY_DAY)]
    decided, happened = await reading.by_hour(connection, until, HOURS)
    return [
        chart("Decisions, by hour", DECIDED, decided, BY_HOUR),
        chart("Takedowns and reinstatements, by hour", HAPPENED, happened, BY_HOUR),
    ]


async def find(visit: Visit) -> Response:
    """Lead to an upload by its id."""
    upload_id = visit.asked("upload")
    return see(path_to("uploads", upload_id) if upload_id else "/")
