"""Signing in and out: by an OpenID Connect provider in a cluster, by a token on one machine.

Promises: after signing in one comes to a page of this console and nowhere else; a token is compared in constant time.
"""

import secrets
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from services.console.limiting import Kind
from services.console.people import OWNER_HERE
from services.console.provider import Provider
from services.console.sessions import from_claims, sign_in
from services.console.visiting import Visit, see, too_often

NEXT = "next"
BACK = "/sign-in/back"
# It waits in a cookie, of which browsers keep 4 KiB.
NEXT_CHARACTERS_MAX = 1_024


async def ask(visit: Visit) -> Response:
    """Show how to sign in."""
    return visit.render("sign_in.html", next=inside(visit.asked(NEXT)), is_wrong=False)


async def by_token(visit: Visit) -> Response:
    """Take the token of this machine."""
    settings, then = visit.site.settings, inside(visit.answer(NEXT))
    if not settings.is_local:
        raise HTTPException(HTTPStatus.NOT_FOUND, "Here one signs in with the platform's provider.")
    if not await visit.site.limiter.has_room(Kind.WRONG_TOKEN, visit.address):
        raise too_often()
    if not settings.token or not secrets.compare_digest(visit.answer("token").encode(), settings.token.encode()):
        await visit.site.limiter.allows(Kind.WRONG_TOKEN, visit.address)
        return visit.render("sign_in.html", HTTPStatus.FORBIDDEN, next=then, is_wrong=True)
    sign_in(visit.request.session, OWNER_HERE)
    return see(then)


async def by_provider(visit: Visit) -> Response:
    """Lead to the provider."""
    visit.request.session[NEXT] = inside(visit.asked(NEXT))
    return await _provider(visit).lead_to(visit.request, f"{visit.site.settings.url}{BACK}")


async def come_back(visit: Visit) -> Response:
    """Take what the provider says about who has come back from it."""
    session = visit.request.session
    then = inside(session.get(NEXT, "/"))
    viewer = from_claims(await _provider(visit).claims(visit.request), visit.site.settings)
    if not viewer.roles:
        raise HTTPException(HTTPStatus.FORBIDDEN, "You are known, but have no role here. Ask who runs this platform.")
    sign_in(session, viewer)
    return see(then)


async def leave(visit: Visit) -> Response:
    """End the session here; the provider's own goes on."""
    visit.request.session.clear()
    return RedirectResponse("/", HTTPStatus.SEE_OTHER)


def inside(path: str) -> str:
    """Return a path of this console; whatever could lead elsewhere, or is too long to be kept, is the first page."""
    is_path = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_path and "\\" not in path and len(path) <= NEXT_CHARACTERS_MAX else "/"


def _provider(visit: Visit) -> Provider:
    if visit.site.provider is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "On this machine one signs in by its token.")
    return visit.site.provider
