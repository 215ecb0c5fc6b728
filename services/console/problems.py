"""What went wrong, as a page that says so kindly and what one can do; never a trace, and never what was sent."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.client.errors import ClientError
from services.console.sessions import viewer_of
from services.console.site import Site
from services.console.visiting import render

log = structlog.get_logger()

WORDS = {
    HTTPStatus.FORBIDDEN: ("This is not for you to see or do", "If it should be, ask who runs this platform."),
    HTTPStatus.NOT_FOUND: (
        "There is nothing here",
        "It may have been mistyped, or it is not there yet: what happens shows here within seconds.",
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: ("That cannot be done here", "Go back and use the forms of the page."),
    HTTPStatus.TOO_MANY_REQUESTS: ("That was too often", "Wait a minute, then go on."),
    HTTPStatus.SERVICE_UNAVAILABLE: ("This does not work at the moment", "Nothing was changed. Try again in a minute."),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "Something went wrong on our side",
        "Nothing was changed. It is in the log; try again in a minute.",
    ),
}
OTHERS = ("That cannot be done", "Go back and try again.")


class PageError(Exception):
    """A page failed, by the kind of its error."""


Handler = Callable[[Request, Exception], Awaitable[Response]]


def handlers(site: Site) -> dict[type[Exception], Handler]:
    """Return what answers each kind of error."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  # it is registered for these
        status = HTTPStatus(error.status_code)
        said = error.detail if error.detail != status.phrase else ""
        response = _page(request, site, status, said)
        response.headers.update(error.headers or {})
        return response

    async def unsent(request: Request, error: Exception) -> Response:
        return _page(request, site, HTTPStatus.SERVICE_UNAVAILABLE, str(error))

    async def unread(request: Request, error: Exception) -> Response:
        # Its message holds what was asked for, which may be anybody's.
        log.error("archive_failed", kind=type(error).__name__)
        return _page(request, site, HTTPStatus.SERVICE_UNAVAILABLE, "The record cannot be read now.")

    async def broken(request: Request, error: Exception) -> Response:
        log.error("page_failed", exc_info=_without_words(error))
        return _page(request, site, HTTPStatus.INTERNAL_SERVER_ERROR, "")

    return {HTTPException: refused, ClientError: unsent, SQLAlchemyError: unread, Exception: broken}


def _without_words(error: Exception) -> Exception:
    """Return an error that says where and of what kind, and not what the other one says, which may be anybody's."""
    return PageError(type(error).__name__).with_traceback(error.__traceback__)


def _page(request: Request, site: Site, status: HTTPStatus, said: str) -> Response:
    title, advice = WORDS.get(status, OTHERS)
    # An error of a middleware comes before there is a session.
    session = request.scope.get("session", {})
    viewer = viewer_of(session, site)
    return render(
        request, site, viewer, "problem.html", status, title=title, said=said, advice=advice, number=status.value
    )
