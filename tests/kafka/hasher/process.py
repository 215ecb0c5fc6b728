"""A hasher as a process, for tests that send it signals."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

import aiohttp

from services.cluster.ports import free_ports

READY_SECONDS_MAX = 60.0
POLL_SECONDS = 0.02


class Hasher:
    """One process after another of one instance."""

    def __init__(
        self, kafka: str, media: Path, log: Path, instance: str = "0", more: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._address = f"127.0.0.1:{free_ports(1)[0]}"
        self._environment = {
            **os.environ,
            "STAYDOWN_KAFKA": kafka,
            "STAYDOWN_HTTP": self._address,
            "STAYDOWN_MEDIA_ROOTS": str(media),
            "STAYDOWN_INSTANCE": instance,
            "STAYDOWN_SESSION_TIMEOUT_MS": "2000",
            **more,
        }
        self._log = log
        self._process: asyncio.subprocess.Process

    async def start(self) -> None:
        """Start a process."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "services.hasher", env=self._environment, stdout=log, stderr=log
            )

    async def until_ready(self) -> None:
        """Wait until it takes records."""
        async with asyncio.timeout(READY_SECONDS_MAX), aiohttp.ClientSession() as session:
            while not await self._is_ready(session):  # noqa: ASYNC110  # another process tells only when asked
                await asyncio.sleep(POLL_SECONDS)

    async def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self._process.wait()

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        assert self._process.returncode is None, self._log.read_text()
        try:
            async with session.get(f"http://{self._address}/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientConnectionError:
            return False


@asynccontextmanager
async def running_hasher(
    kafka: str, media: Path, log: Path, instance: str = "0", *, more: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Hasher]:
    """Run one while the context lasts; `more` are settings of its own."""
    hasher = Hasher(kafka, media, log, instance, more)
    await hasher.start()
    try:
        await hasher.until_ready()
        yield hasher
    finally:
        await hasher.end(signal.SIGKILL)
