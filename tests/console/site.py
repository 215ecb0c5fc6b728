"""A console over a real SQLite archive that is filled from facts, asked as a browser asks."""

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.archive.engine import archive_url, open_archive
from services.archive.migrating import migrate
from services.console.app import application
from services.console.limiting import Limiter
from services.console.live import Live
from services.console.people import Role, Viewer
from services.console.provider import Provider, provider_of
from services.console.sessions import sign_in
from services.console.settings import ConsoleSettings
from services.console.site import Site
from services.contracts.codec import decode_record, encode
from services.contracts.topics import Topic
from services.contracts.types import timestamp
from tests.archive.facts import BEGIN_MS, Said, recorded
from tests.archive.rows import write_all

TOKEN = "a-token-of-this-machine"  # noqa: S105  # of this test
WRITTEN = "Ann Other, 1 Lane"
NOW = timestamp(BEGIN_MS) + timedelta(hours=1)
LOCAL = ConsoleSettings(token=TOKEN)
CLUSTER = ConsoleSettings(issuer="https://id.example", client_id="console", url="https://console.example")
ROLES = {role: Viewer(f"{role}-1", frozenset({role}), "label") for role in Role}


@dataclass
class Console:
    """A console, a browser on it, and what it has said to Kafka: topic, key, fact and author."""

    archive: AsyncEngine
    settings: ConsoleSettings
    browser: httpx2.AsyncClient
    said: list[tuple[Topic, str, Any, str]] = field(default_factory=list)

    async def get(self, path: str, **more: Any) -> httpx2.Response:
        """Return a page."""
        return await self.browser.get(path, **more)

    async def post(self, path: str, form: dict[str, str], *, csrf: bool = True) -> httpx2.Response:
        """Send a form, with the token that a page of this session shows."""
        token = {"csrf": await self.csrf()} if csrf else {}
        return await self.browser.post(path, data={**token, **form})

    async def csrf(self) -> str:
        """Return the token of the session's forms."""
        page = (await self.browser.get("/sign-in")).text
        found = re.search(r'name="csrf" value="([^"]+)"', page)
        return found[1] if found else ""

    async def sign_in(self) -> None:
        """Sign in by the token of this machine."""
        answer = await self.post("/sign-in", {"token": TOKEN, "next": "/"})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/"


@asynccontextmanager
async def a_console(
    folder: Path,
    said: Iterable[Said] = (),
    settings: ConsoleSettings = LOCAL,
    viewer: Viewer | None = None,
    *,
    provider: Provider | None = None,
    database: URL | None = None,
) -> AsyncIterator[Console]:
    """Run a console for what was said; `viewer` is signed in already, as a provider would have it."""
    archive = open_archive(database or archive_url("", str(folder)))
    try:
        async with _console(archive, said, settings, viewer, provider or provider_of(settings)) as console:
            yield console
    finally:
        await archive.dispose()


@asynccontextmanager
async def _console(
    archive: AsyncEngine,
    said: Iterable[Said],
    settings: ConsoleSettings,
    viewer: Viewer | None,
    provider: Provider | None,
) -> AsyncIterator[Console]:
    await migrate(archive)
    await write_all(archive, recorded(*said))
    heard: list[tuple[Topic, str, Any, str]] = []

    async def say(topic: Topic, key: str, fact: object, author: str) -> None:
        decode_record(topic, key.encode(), encode(fact))
        heard.append((topic, key, fact, author))

    site = Site(settings, archive, say, Limiter(), Live(archive), provider, lambda: NOW)
    app = application(site)
    app.router.routes.insert(0, Route("/broken", _broken))
    if viewer is not None:
        _let_in(app, viewer)
    base = settings.url or "http://127.0.0.1"
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx2.AsyncClient(transport=transport, base_url=base) as browser:
        if viewer is not None:
            await browser.get("/let-in")
        yield Console(archive, settings, browser, heard)


async def _broken(_request: Request) -> Response:
    """Fail as a page does that has a bug, with what somebody wrote in hand."""
    written = WRITTEN
    raise RuntimeError(f"a bug with {written}")


def _let_in(app: Starlette, viewer: Viewer) -> None:
    """Add a page that signs somebody in, as coming back from a provider does."""

    async def let_in(request: Request) -> Response:
        sign_in(request.session, viewer)
        return PlainTextResponse("in")

    app.router.routes.insert(0, Route("/let-in", let_in))
