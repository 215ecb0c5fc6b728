"""Uploads: the latest, and the life of each."""

from starlette.responses import Response

from services.console.pages.paging import older
from services.console.reading import uploads as reading
from services.console.views.objecting import MEANS
from services.console.views.upload import upload_view
from services.console.views.words import ANSWERS, GROUNDS
from services.console.visiting import Visit, missing
from services.contracts.decided import VerdictDecided

ROWS_MAX = 50


async def list_latest(visit: Visit) -> Response:
    """Show the uploads that were decided last; to a rightsholder, the copies of their works."""
    verdict = visit.asked("verdict")
    chosen = verdict if verdict in set(VerdictDecided.Verdict) else ""
    scope = visit.scope
    async with visit.site.archive.connect() as connection:
        rows = await reading.latest(connection, scope, chosen, visit.asked("before"), ROWS_MAX + 1)
    return visit.render(
        "uploads.html",
        uploads=rows[:ROWS_MAX],
        verdict=chosen,
        verdicts=tuple(VerdictDecided.Verdict),
        scope=scope.rightsholder_id,
        more=older("/uploads", rows, ROWS_MAX, verdict=chosen),
    )


async def show(visit: Visit) -> Response:
    """Show an upload's life; what is not the viewer's to see is not there."""
    parts = visit.parts()
    upload_id = parts[1] if len(parts) == 2 else ""  # noqa: PLR2004  # its place, and its id
    async with visit.site.archive.connect() as connection:
        recorded, present = await reading.life(connection, visit.scope, upload_id)
    view = upload_view(upload_id, recorded, present, visit.viewer)
    if view is None:
        raise missing("No such upload has been submitted, or it is none of yours.")
    return visit.render(
        "upload.html",
        view=view,
        means=MEANS,
        grounds=GROUNDS,
        answers=ANSWERS,
        now=visit.site.now(),
        sent=visit.asked("sent"),
    )
