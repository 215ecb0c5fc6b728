"""The page by which a service is watched: /live, /ready and /metrics, on loopback unless told otherwise.

Promises: /live answers as long as the event loop turns; /ready is 200 only while the service takes records, and says
why not otherwise; neither asks Kafka anything, so being watched costs nothing.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

from services.runtime.settings import Settings

NOT_READY = (
    "not ready: the partitions are not yet assigned, their state is still being read back,"
    " or one stands still since too much cannot be decided (the log says unit_stopped)"
)


@asynccontextmanager
async def health_page(settings: Settings, is_ready: Callable[[], bool]) -> AsyncIterator[int]:
    """Serve the page while the context lasts; gives the port. OSError if the address is taken."""

    async def ready(_request: web.Request) -> web.Response:
        return _plain("ready") if is_ready() else _plain(NOT_READY, 503)

    page = web.Application()
    page.add_routes([web.get("/live", _live), web.get("/ready", ready), web.get("/metrics", _metrics)])
    runner = web.AppRunner(page, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, *settings.http).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _live(_request: web.Request) -> web.Response:
    return _plain("live")


async def _metrics(request: web.Request) -> web.Response:
    """Answer in the form that is asked for; only OpenMetrics has exemplars."""
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return web.Response(body=encode(REGISTRY), headers={"Content-Type": content_type})


def _plain(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text + "\n", status=status)
