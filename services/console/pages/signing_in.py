"""Signing in and out: by an OpenID Connect provider in a cluster, by a token on one machine.

Promises: after signing in one comes to a page of this console and nowhere else; a token is compared in constant time.
"""

import secrets
from http import HTTPStatus

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from services.console.people import OWNER_HERE
from services.console.sessions import from_claims, sign_in
from services.console.settings import ConsoleSettings
from services.console.visiting import Visit, see

NEXT = "next"
BACK = "/sign-in/back"


async def ask(visit: Visit) -> Response:
    """Show how to sign in."""
    return visit.render("sign_in.html", next=inside(visit.asked(NEXT)), is_wrong=False)


async def by_token(visit: Visit) -> Response:
    """Take the token of this machine."""
    settings, then = visit.site.settings, inside(visit.answer(NEXT))
    if not settings.is_local:
        raise HTTPException(HTTPStatus.NOT_FOUND, "Here one signs in with the platform's provider.")
    if not settings.token or not secrets.compare_digest(visit.answer("token").encode(), settings.token.encode()):
        return visit.render("sign_in.html", HTTPStatus.FORBIDDEN, next=then, is_wrong=True)
    sign_in(visit.request.session, OWNER_HERE)
    return see(then)


async def by_provider(visit: Visit) -> Response:
    """Lead to the provider."""
    provider = _provider(visit)
    visit.request.session[NEXT] = inside(visit.asked(NEXT))
    found: Response = await provider.authorize_redirect(visit.request, f"{visit.site.settings.url}{BACK}")
    return found


async def come_back(visit: Visit) -> Response:
    """Take what the provider says about who has come back from it."""
    session = visit.request.session
    provider = _provider(visit)
    then = inside(session.get(NEXT, "/"))
    try:
        told = await provider.authorize_access_token(visit.request)
    except OAuthError as error:
        raise HTTPException(HTTPStatus.FORBIDDEN, "The provider did not sign you in; try again.") from error
    viewer = from_claims(told["userinfo"], visit.site.settings)
    if not viewer.roles:
        raise HTTPException(HTTPStatus.FORBIDDEN, "You are known, but have no role here. Ask who runs this platform.")
    sign_in(session, viewer)
    return see(then)


async def leave(visit: Visit) -> Response:
    """End the session here; the provider's own goes on."""
    visit.request.session.clear()
    return RedirectResponse("/", HTTPStatus.SEE_OTHER)


def inside(path: str) -> str:
    """Return a path of this console; whatever could lead elsewhere is the first page."""
    is_path = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_path and "\\" not in path else "/"


def _provider(visit: Visit) -> StarletteOAuth2App:
    if visit.site.provider is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "On this machine one signs in by its token.")
    return visit.site.provider


def provider_of(settings: ConsoleSettings) -> StarletteOAuth2App | None:
    """Return the provider's client, if there is one; what it says about itself is fetched when it is first needed."""
    if settings.is_local:
        return None
    oauth = OAuth()
    oauth.register(
        "provider",
        server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
        client_id=settings.client_id,
        client_secret=settings.client_secret or None,
        client_kwargs={"scope": "openid", "code_challenge_method": "S256"},
    )
    return oauth.create_client("provider")
