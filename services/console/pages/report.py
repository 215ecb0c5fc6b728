"""The transparency report, as page, CSV and JSON: the same figures in each."""

from datetime import date, timedelta

from starlette.responses import Response

from services.console.pages.deciding import wrong
from services.console.reading import report as reading
from services.console.views import report as view
from services.console.visiting import Visit
from services.contracts.codec import encode

# Reports are due for half a year, or a year (Article 15, 24(2)).
DAYS = 182
DAYS_MAX = 3 * 366
# Days beyond these are slips, and reckoning from them leaves what a date can be.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)


async def show(visit: Visit) -> Response:
    """Show the report of a period."""
    return visit.render("report.html", report=await _report(visit))


async def as_csv(visit: Visit) -> Response:
    """Give the report as CSV (RFC 4180, UTF-8)."""
    report = await _report(visit)
    return Response(view.as_csv(report), media_type="text/csv", headers=_file(report, "csv"))


async def as_json(visit: Visit) -> Response:
    """Give the report as JSON."""
    report = await _report(visit)
    return Response(encode(report), media_type="application/json", headers=_file(report, "json"))


async def _report(visit: Visit) -> view.Report:
    today = visit.site.now().date()
    until = _day(visit.asked("until"), today)
    since = _day(visit.asked("since"), until - timedelta(days=DAYS - 1))
    if not timedelta(0) <= until - since <= timedelta(days=DAYS_MAX):
        raise wrong(f"A period ends after it begins and has {DAYS_MAX} days at most.")
    async with visit.site.archive.connect() as connection:
        figures = await reading.figures(connection, since, until)
    return view.report_of(since.isoformat(), until.isoformat(), figures)


def _day(text: str, otherwise: date) -> date:
    try:
        day = date.fromisoformat(text) if text else otherwise
    except ValueError:
        raise wrong("A day is written as 2026-12-31.") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise wrong(f"A day lies between {FIRST_DAY} and {LAST_DAY}.")
    return day


def _file(report: view.Report, kind: str) -> dict[str, str]:
    name = f"transparency-{report.since}-{report.until}.{kind}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}
