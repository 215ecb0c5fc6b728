"""The console's own pages over HTTP, as people with different roles ask for them, on a record of millions.

The server is uvicorn with the console as it is, but for how often one may ask; the pages come whole, from the request's
first byte to the answer's last.
"""

import asyncio
import base64
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import httpx2
import uvicorn
from itsdangerous import TimestampSigner
from limits import RateLimitItemPerSecond
from sqlalchemy.ext.asyncio import AsyncEngine

from loadtest.archive.asking import BIG, SONG, Drawn
from loadtest.archive.filling import APART_MS, BEGIN_MS
from loadtest.latency import Latencies
from loadtest.target import LoadTestError
from services.archive.queries.scope import Mark
from services.console.app import application
from services.console.limiting import Kind, Limiter
from services.console.live import Live
from services.console.paths import path_to
from services.console.people import Role, Viewer
from services.console.reading import places
from services.console.sessions import sign_in
from services.console.settings import ConsoleSettings
from services.console.site import Site
from services.contracts.topics import Topic
from services.contracts.types import timestamp

SECRET = "of this load test"  # noqa: S105  # it signs in to a server that lasts as long
OFTEN = RateLimitItemPerSecond(1_000_000)
HALF_YEAR = timedelta(days=181)

Path = Callable[[Drawn], str]


def _from(path: str, ids: int, **more: str) -> Path:
    """Return the way to a page of a list from somewhere on."""
    return lambda drawn: f"{path}?{urlencode({'before': places.written(drawn.mark(ids)), **more})}"


def _works(drawn: Drawn) -> str:
    return f"/works?{urlencode({'before': places.written(Mark(0, drawn.song()))})}"


def _report(kind: str) -> Path:
    """Return the way to the report of the half year up to some day."""

    def path(drawn: Drawn) -> str:
        until = drawn.day()
        return f"/report{kind}?{urlencode({'since': until - HALF_YEAR, 'until': until})}"

    return path


AUDITOR = Viewer("auditor-1", frozenset({Role.AUDITOR}))
REVIEWER = Viewer("reviewer-1", frozenset({Role.REVIEWER}))
LARGEST = Viewer("label-0", frozenset({Role.RIGHTSHOLDER}), BIG.rightsholder_id or "")
OTHER = Viewer("label-7", frozenset({Role.RIGHTSHOLDER}), "rightsholder-7")

PAGES: Mapping[str, tuple[Viewer, Path]] = MappingProxyType(
    {
        "page: overview": (AUDITOR, lambda _: "/"),
        "  of the largest rightsholder": (LARGEST, lambda _: "/"),
        "  of another rightsholder": (OTHER, lambda _: "/"),
        "page: uploads": (AUDITOR, _from("/uploads", 1)),
        "  of one verdict": (AUDITOR, _from("/uploads", 1, verdict="CLEAR")),
        "  copies of the largest": (LARGEST, _from("/uploads", 1)),
        "page: an upload": (AUDITOR, lambda drawn: path_to("uploads", drawn.upload())),
        "  that is disputed": (AUDITOR, lambda drawn: path_to("uploads", drawn.upload(500))),
        "  that came 500 times": (AUDITOR, lambda _: path_to("uploads", f"u-{0:09}")),
        "page: works": (AUDITOR, _works),
        "page: a work": (AUDITOR, lambda drawn: path_to("works", *drawn.song())),
        "  that is popular": (LARGEST, lambda _: path_to("works", LARGEST.rightsholder_id, SONG)),
        "page: reviews": (REVIEWER, lambda _: "/reviews"),
        "page: disputes": (AUDITOR, _from("/disputes", 2)),
        "  of the largest": (LARGEST, _from("/disputes", 2)),
        "  of another": (OTHER, lambda _: "/disputes"),
        "page: standing": (AUDITOR, lambda _: "/standing"),
        "page: report of half a year": (AUDITOR, _report("")),
        "  as CSV": (AUDITOR, _report(".csv")),
    }
)
"""By name: who asks, and what for; what is indented belongs to the page above."""


async def browse(engine: AsyncEngine, drawn: Drawn, times: int) -> Mapping[str, Latencies]:
    """Ask for every page so often, all of them in turn; LoadTestError if one of them is none."""
    latencies = {name: Latencies() for name in PAGES}
    async with _serving(engine, drawn) as address, httpx2.AsyncClient(base_url=address) as browser:
        for _ in range(times):
            for name, (viewer, path) in PAGES.items():
                where = path(drawn)
                began = time.monotonic()
                browser.cookies.clear()
                answer = await browser.get(where, headers={"Cookie": cookie(viewer)})
                latencies[name].record(time.monotonic() - began)
                if answer.status_code != httpx2.codes.OK:
                    raise LoadTestError(f"{where} was answered by {answer.status_code}.")
    return latencies


def cookie(viewer: Viewer) -> str:
    """Return the session of somebody who has signed in, as Starlette's own middleware writes it."""
    session: dict[str, Any] = {}
    sign_in(session, viewer)
    data = base64.b64encode(json.dumps(session).encode())
    return f"staydown={TimestampSigner(SECRET).sign(data).decode()}"


@asynccontextmanager
async def _serving(engine: AsyncEngine, drawn: Drawn) -> AsyncIterator[str]:
    config = uvicorn.Config(application(_site(engine, drawn)), log_config=None, lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    # With its protocol named, since asyncio sends at once what is written on those alone.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


def _site(engine: AsyncEngine, drawn: Drawn) -> Site:
    """Return a console whose now is when the last upload came."""

    async def say(_topic: Topic, _key: str, _fact: object, _author: str) -> None:
        raise LoadTestError("Nobody decides anything here.")

    now = timestamp(BEGIN_MS + drawn.uploads * APART_MS)
    limiter = Limiter(dict.fromkeys(Kind, OFTEN))
    return Site(ConsoleSettings(secret=SECRET), engine, say, limiter, Live(engine), None, lambda: now)
