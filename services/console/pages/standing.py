"""Who stands otherwise than everybody does."""

from starlette.responses import Response

from services.console.reading import standing as reading
from services.console.views.words import STANDINGS
from services.console.visiting import Visit
from services.contracts.standing import Standee

ROWS_MAX = 200
GROUPS = {
    "Uploaders": Standee.Kind.UPLOADER,
    "Communities": Standee.Kind.COMMUNITY,
    "Rightsholders": Standee.Kind.RIGHTSHOLDER,
}


async def show(visit: Visit) -> Response:
    """Show the standings that are not the ordinary one, the latest change first."""
    async with visit.site.archive.connect() as connection:
        found = await reading.latest(connection, ROWS_MAX)
    groups = {name: found[kind] for name, kind in GROUPS.items()}
    return visit.render("standing.html", groups=groups, means=STANDINGS)
