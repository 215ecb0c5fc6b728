"""The console as a process: health page, the archive waited for, pages served by uvicorn until told to stop."""

import asyncio
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import structlog
import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.engine import archive_url, open_archive
from services.archive.migrating import SchemaError, check_schema
from services.client.submitting import sending
from services.console.app import application
from services.console.limiting import Limiter
from services.console.live import Live
from services.console.provider import provider_of
from services.console.settings import ConsoleSettings, read_console_settings
from services.console.site import Site
from services.contracts.topics import Topic
from services.runtime.health import health_page
from services.runtime.settings import Settings, kafka_of

# Live pages never end by themselves; others take milliseconds.
DRAIN_SECONDS_MAX = 2
# Of people who look and programs that ask; each live page holds one.
CONNECTIONS_MAX = 1_000

# The tables are there within a second of the archivist's start.
SCHEMA_PAUSE_SECONDS = 0.2

log = structlog.get_logger()


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; raise on any error."""
    own = read_console_settings()
    archive = open_archive(archive_url(settings.archive_url, settings.state_dir))
    server = uvicorn.Server(config_of(site_of(settings, own, archive)))
    async with health_page(settings, lambda: server.started) as port:
        log.info("start", kafka=settings.kafka, http_port=port)
        serving = asyncio.create_task(_serve_pages(server, archive))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        stopping.cancel()
        await serving
    await archive.dispose()
    log.info("stop")


async def _serve_pages(server: uvicorn.Server, archive: AsyncEngine) -> None:
    """Serve once the archive has its tables: the archivist, which makes them, may start at the same time."""
    while not server.should_exit:
        try:
            await check_schema(archive)
        except (SchemaError, SQLAlchemyError):
            await asyncio.sleep(SCHEMA_PAUSE_SECONDS)
        else:
            await server.serve()
            return


def site_of(settings: Settings, own: ConsoleSettings, archive: AsyncEngine) -> Site:
    """Return what pages are served from; Kafka is connected to when somebody decides something, which is seldom."""

    async def say(topic: Topic, key: str, fact: object, author: str) -> None:
        async with sending(kafka_of(settings)) as sender:
            await sender.send(topic, key, fact, source=f"/staydown/console/{quote(author, safe='')}".encode())

    ahead = timedelta(seconds=settings.clock_ahead_seconds)
    return Site(own, archive, say, Limiter(), Live(archive), provider_of(own), lambda: datetime.now(UTC) + ahead)


def config_of(site: Site) -> uvicorn.Config:
    """Return how pages are served."""
    host, port = site.settings.listen
    return uvicorn.Config(
        application(site),
        host=host,
        port=port,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(site.settings.forwarded_by),
        forwarded_allow_ips=site.settings.forwarded_by or None,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_graceful_shutdown=DRAIN_SECONDS_MAX,
    )
