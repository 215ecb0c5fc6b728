"""A real Chromium, where there is one, and a console for it, served as `python -m services.console` serves it."""

import asyncio
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from services.archive.engine import archive_url, open_archive
from services.archive.migrating import migrate
from services.console.limiting import Limiter
from services.console.live import Live
from services.console.serving import config_of
from services.console.settings import ConsoleSettings
from services.console.site import Site
from services.contracts.topics import Topic
from tests.archive.facts import recorded
from tests.archive.rows import write_all
from tests.console.site import NOW, TOKEN
from tests.console.story import STORY

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WIDE, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
START_SECONDS_MAX = 30.0


@pytest.fixture(scope="module")  # an event loop turns as long as it is there, and other tests run loops of theirs
def browser() -> Iterator[Browser]:
    """Run Debian's Chromium."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        sandbox = () if os.geteuid() else ("--no-sandbox",)
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield running
        running.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a console for the story, on a loop of its own, and give its address; one signs in with `TOKEN`."""
    serving = _Serving(folder)
    thread = threading.Thread(target=serving.run, name="console")
    thread.start()
    try:
        assert serving.started.wait(START_SECONDS_MAX)
        yield serving.address
    finally:
        serving.server.should_exit = True
        thread.join()


class _Serving:
    def __init__(self, folder: Path) -> None:
        self._archive = open_archive(archive_url("", str(folder)))
        settings = ConsoleSettings(token=TOKEN)
        site = Site(settings, self._archive, _say, Limiter(), Live(self._archive), None, lambda: NOW)
        self.server = _Server(config_of(site))
        self.started = self.server.told

    @property
    def address(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"

    def run(self) -> None:
        """Serve until told to stop."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        await migrate(self._archive)
        await write_all(self._archive, recorded(*STORY))
        await self.server.serve()
        await self._archive.dispose()


class _Server(uvicorn.Server):
    """One that says when it has started."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.told = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.told.set()


async def _say(_topic: Topic, _key: str, _fact: object, _author: str) -> None:
    """Say nothing: there is no Kafka."""
