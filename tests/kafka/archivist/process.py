"""An archivist as a process, for tests that send it signals."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

import aiohttp
from sqlalchemy import URL

from services.cluster.ports import free_ports

SECONDS_MAX = 60.0
POLL_SECONDS = 0.02


class Archivist:
    """One process after another of one instance."""

    def __init__(self, kafka: str, archive: URL, log: Path, more: Mapping[str, str] = MappingProxyType({})) -> None:
        self.address = f"127.0.0.1:{free_ports(1)[0]}"
        self._environment = {
            **os.environ,
            "STAYDOWN_KAFKA": kafka,
            "STAYDOWN_HTTP": self.address,
            "STAYDOWN_ARCHIVE_URL": archive.set(drivername=archive.get_backend_name()).render_as_string(False),
            "STAYDOWN_INSTANCE": "0",
            "STAYDOWN_SESSION_TIMEOUT_MS": "2000",
            **more,
        }
        self.log = log
        self.process: asyncio.subprocess.Process

    async def start(self) -> None:
        """Start a process."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "services.archivist", env=self._environment, stdout=log, stderr=log
            )

    async def until_ready(self) -> None:
        """Wait until it takes records."""
        async with asyncio.timeout(SECONDS_MAX), aiohttp.ClientSession() as session:
            while not await self._is_ready(session):  # noqa: ASYNC110  # another process tells only when asked
                await asyncio.sleep(POLL_SECONDS)

    def said(self) -> str:
        """Return its log."""
        return self.log.read_text()

    async def page(self, path: str) -> str:
        """Return one of its pages."""
        async with aiohttp.ClientSession() as session, session.get(f"http://{self.address}{path}") as answer:
            return await answer.text()

    async def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.process.wait()

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        assert self.process.returncode is None, self.log.read_text()
        try:
            async with session.get(f"http://{self.address}/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientConnectionError:
            return False


@asynccontextmanager
async def running_archivist(
    kafka: str, archive: URL, log: Path, *, more: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Archivist]:
    """Run one while the context lasts; `more` are settings of its own."""
    archivist = Archivist(kafka, archive, log, more)
    await archivist.start()
    try:
        await archivist.until_ready()
        yield archivist
    except BaseException:
        sys.stderr.write(archivist.said())
        raise
    finally:
        await archivist.end(signal.SIGKILL)
