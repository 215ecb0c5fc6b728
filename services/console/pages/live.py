"""The figures of the first page as server-sent events."""

from http import HTTPStatus

from sse_starlette.sse import EventSourceResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.console.visiting import Visit

# Proxies end what is silent for longer.
PING_SECONDS = 15


async def follow(visit: Visit) -> Response:
    """Give the figures when they change."""
    if visit.site.live.is_full(visit.who):
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, "Too many look at this at the moment.")
    return EventSourceResponse(visit.site.live.changes(visit.scope, visit.who), ping=PING_SECONDS)
