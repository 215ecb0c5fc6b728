"""From a request to a page: who asks, may they, how often, and is the form theirs. Every page goes through here.

A page is a value: its path, the function that shows it, and what one of it allows. Who has not signed in where that is
needed is led to where one does; whoever may not is told so by a 403.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.archive.queries.scope import EVERYTHING, Scope
from services.console.limiting import WINDOW_SECONDS, Kind
from services.console.people import May, Viewer
from services.console.protecting import csrf_token, is_own_form
from services.console.sessions import viewer_of
from services.console.site import Site
from services.console.templating import TEMPLATES

# A statement may have 16 KiB, written with nine characters a letter at worst; there are three of them in a form.
FORM_BYTES_MAX = 512 * 1024
LENGTH_DIGITS_MAX = 20
"""Of a Content-Length, zeros before it included."""

READ = (May.SEE_ALL, May.SEE_OWN)
"""What a page needs that shows everybody what is theirs to see."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, of who may make it."""

    request: Request
    site: Site
    viewer: Viewer
    form: FormData

    @property
    def scope(self) -> Scope:
        """What the archive may tell the viewer: everything, or what concerns their own works."""
        return EVERYTHING if self.viewer.may(May.SEE_ALL) else Scope(self.viewer.rightsholder_id)

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return _address(self.request)

    @property
    def who(self) -> str:
        """By what the viewer is told apart: who has not signed in, by their address."""
        return self.viewer.subject or self.address

    def answer(self, name: str) -> str:
        """Return what was written into a field of the form."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def asked(self, name: str) -> str:
        """Return what the address asks for."""
        return self.request.query_params.get(name, "").strip()

    def parts(self) -> list[str]:
        """Return the parts of the path; an id may itself have a slash, written as %2F."""
        raw: bytes = self.request.scope["raw_path"]
        return [unquote(part) for part in raw.decode("latin-1").split("?")[0].strip("/").split("/")]

    def render(self, template: str, status: int = HTTPStatus.OK, **context: Any) -> Response:
        """Return a page."""
        return render(self.request, self.site, self.viewer, template, status, **context)


Show = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """A page, or what a form of it does (POST). `needs`: one of these; none: everybody."""

    path: str
    show: Show
    needs: tuple[May, ...] = READ
    method: str = "GET"
    kind: Kind = Kind.READ


def route(site: Site, page: Page) -> Route:
    """Return the route of a page."""

    async def endpoint(request: Request) -> Response:
        viewer = viewer_of(request.session, site)
        if not await site.limiter.allows(page.kind, viewer.subject or _address(request)):
            raise too_often()
        if page.needs and not any(viewer.may(what) for what in page.needs):
            return _refuse(request, viewer)
        form = await _form(request) if page.method == "POST" else FormData()
        return await page.show(Visit(request, site, viewer, form))

    return Route(page.path, endpoint, methods=[page.method], name=f"{page.method} {page.path}")


def render(request: Request, site: Site, viewer: Viewer, template: str, status: int, **context: Any) -> Response:
    """Return a page, with what every page shows beside."""
    kept = {"viewer": viewer, "May": May, "path": request.url.path, "is_local": site.settings.is_local}
    kept["csrf"] = lambda: csrf_token(request.session)
    return TEMPLATES.TemplateResponse(request, template, {**kept, **context}, status_code=status)


def see(path: str) -> Response:
    """Return the answer to a form: look there."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def missing(what: str) -> HTTPException:
    """Return the error for what is not there, or is not for who asks."""
    return HTTPException(HTTPStatus.NOT_FOUND, what)


def too_often() -> HTTPException:
    """Return the error for who asks again too soon."""
    wait = {"Retry-After": str(WINDOW_SECONDS)}
    return HTTPException(HTTPStatus.TOO_MANY_REQUESTS, "That was too often within a minute.", wait)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _refuse(request: Request, viewer: Viewer) -> Response:
    if viewer.is_signed_in:
        raise HTTPException(HTTPStatus.FORBIDDEN, "Your role does not include this.")
    if request.method == "POST":
        raise HTTPException(HTTPStatus.FORBIDDEN, "Sign in first: every decision is recorded with its author.")
    return see(f"/sign-in?next={quote(_asked_for(request), safe='/')}")


def _asked_for(request: Request) -> str:
    """Return the address as it was asked for: an id in it may itself have a slash, written as %2F."""
    path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    return f"{path}?{request.url.query}" if request.url.query else path


async def _form(request: Request) -> FormData:
    """Return the form, if it is one of ours, served to this session."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or len(length) > LENGTH_DIGITS_MAX or int(length) > FORM_BYTES_MAX:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "That is more than a form of this console holds.")
    if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "That is no form of this console.")
    form = await request.form()
    if not is_own_form(request.session, form):
        raise HTTPException(HTTPStatus.FORBIDDEN, "This form is too old, or not from this console. Open it anew.")
    return form
