"""What keeps other people's pages away from this one: headers, and tokens in forms.

Promises: nothing of a page runs or loads but its own files; no page is shown inside another; no address of a page is
told to another site; a form counts only if it was served to the same session.
"""

import secrets
from http import HTTPStatus
from typing import Any

from starlette.datastructures import FormData, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSRF_FIELD = "csrf"
FILES = "/static/"
# Their addresses change with them.
KEPT = "public, max-age=31536000, immutable"

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
# Who has come by https once never comes by http again, for a year.
HTTPS_ONLY = "max-age=31536000; includeSubDomains"


class Headers:
    """Adds the headers to every answer, also to those of errors."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        """Wrap an application."""
        self._app = app
        self._headers = {**HEADERS, **({"Strict-Transport-Security": HTTPS_ONLY} if is_https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, with the headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                is_file = scope["path"].startswith(FILES) and message["status"] in (
                    HTTPStatus.OK,
                    HTTPStatus.NOT_MODIFIED,
                )
                headers["Cache-Control"] = KEPT if is_file else "no-store"
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class Settled:
    """Lets an error end here that was answered already."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and raise nothing that a page tells of."""
        status = 0

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            if status != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise


def csrf_token(session: dict[str, Any]) -> str:
    """Return the token of a session, made when it is first asked for."""
    token: str = session.setdefault(CSRF_FIELD, secrets.token_urlsafe(32))
    return token


def is_own_form(session: dict[str, Any], form: FormData) -> bool:
    """Tell whether a form was served to this session."""
    expected, given = session.get(CSRF_FIELD), form.get(CSRF_FIELD)
    if not isinstance(expected, str) or not isinstance(given, str):
        return False
    return secrets.compare_digest(expected.encode(), given.encode())
