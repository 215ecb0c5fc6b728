"""Erasing what is personal of an uploader, by request: asked twice, and recorded with who had it done.

It is the one thing that the console writes into the record itself: no topic says it, since that would name them anew.
"""

import structlog
from starlette.responses import Response

from services.archive.erasing import erase
from services.archive.queries.erasures import erasures
from services.console.pages.deciding import wrong
from services.console.visiting import Visit, see
from services.contracts.types import ID_CHARACTERS_MAX

PATH = "/erasures"
log = structlog.get_logger()


async def show(visit: Visit) -> Response:
    """Show the form, and what was erased."""
    async with visit.site.archive.connect() as connection:
        found = await erasures(connection, visit.scope)
    return visit.render("erasures.html", erasures=found, sent=visit.asked("sent"), uploader_id="")


async def take(visit: Visit) -> Response:
    """Ask whether it is meant; the second time, erase. The id is in no address and no log."""
    uploader_id = visit.answer("uploader_id")
    if not uploader_id or len(uploader_id) > ID_CHARACTERS_MAX:
        raise wrong("Write the id of an uploader.")
    if visit.answer("confirmed") != "yes":
        return visit.render("erasures.html", erasures=(), sent="", uploader_id=uploader_id)
    pseudonym = await erase(visit.site.archive, uploader_id, visit.viewer.subject)
    log.info("erased", pseudonym=pseudonym, author=visit.viewer.subject)
    return see(f"{PATH}?sent={pseudonym}")
