"""Works: by their names, and how each stands."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.console.pages.paging import older
from services.console.reading import works as reading
from services.console.views.words import BASES
from services.console.views.work import work_view
from services.console.visiting import Visit, missing

ROWS_MAX = 50
DAYS = 30


async def list_latest(visit: Visit) -> Response:
    """Show works; to a rightsholder, their own."""
    scope = visit.scope
    async with visit.site.archive.connect() as connection:
        rows = await reading.latest(connection, scope, visit.asked("before"), ROWS_MAX + 1)
    return visit.render(
        "works.html", works=rows[:ROWS_MAX], scope=scope.rightsholder_id, more=older("/works", rows, ROWS_MAX)
    )


async def show(visit: Visit) -> Response:
    """Show a work; one of somebody else's is refused before it is looked for, so nobody learns whether it is there."""
    ids = visit.parts()[1:]
    if len(ids) != 2:  # noqa: PLR2004  # its rightsholder's, and its own
        raise missing("A work is named by its rightsholder and its own id.")
    rightsholder_id, work_id = ids
    if not visit.viewer.may_see(rightsholder_id):
        raise HTTPException(HTTPStatus.FORBIDDEN, "This is another rightsholder's.")
    async with visit.site.archive.connect() as connection:
        life = await reading.life(connection, visit.scope, rightsholder_id, work_id)
        if life is None:
            raise missing("No such work has been submitted.")
        copies = await reading.copies(connection, visit.scope, life, visit.site.now(), DAYS)
    view = work_view((rightsholder_id, work_id), life.submissions, life.receipts, copies)
    return visit.render("work.html", view=view, bases=BASES)
