"""How often each page is asked for, how it was answered, and how long it took: labels are routes, never addresses."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime.metrics import PAGE_SECONDS, PAGES

NO_PAGE = "none"


class Measured:
    """Counts what goes through."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and count."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                # An answer that goes on, as a live one does, is timed to its begin.
                page = _page(scope)
                PAGES.labels(page, f"{message['status'] // 100}xx").inc()
                PAGE_SECONDS.labels(page).observe(time.monotonic() - began)
            await send(message)

        await self._app(scope, receive, counted)


def _page(scope: Scope) -> str:
    """Return the path of the route that was taken; the router puts it into the scope."""
    found = scope.get("route")
    return getattr(found, "path", "") or NO_PAGE
