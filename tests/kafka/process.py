"""A service as a process, for tests that send it signals."""

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


class Process:
    """One process after another of one instance."""

    def __init__(self, name: str, kafka: str, log: Path, instance: str, more: Mapping[str, str]) -> None:
        self._name = name
        self._address = f"127.0.0.1:{free_ports(1)[0]}"
        self._environment = {
            **os.environ,
            "STAYDOWN_KAFKA": kafka,
            "STAYDOWN_HTTP": self._address,
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
                sys.executable, "-m", f"services.{self._name}", env=self._environment, stdout=log, stderr=log
            )

    async def until_ready(self) -> None:
        """Wait until it takes records."""
        async with asyncio.timeout(READY_SECONDS_MAX), aiohttp.ClientSession() as session:
            while not await self._is_ready(session):  # noqa: ASYNC110  # another process tells only when asked
                await asyncio.sleep(POLL_SECONDS)

    @property
    def metrics(self) -> str:
        """Where its metrics are."""
        return f"http://{self._address}/metrics"

    async def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self._process.wait()

    async def wait(self) -> int:
        """Wait until it ends by itself and return the exit code."""
        return await self._process.wait()

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        assert self._process.returncode is None, self._log.read_text()
        try:
            async with session.get(f"http://{self._address}/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientConnectionError:
            return False


@asynccontextmanager
async def running(
    name: str, kafka: str, log: Path, instance: str = "0", *, more: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Process]:
    """Run a service while the context lasts; `more` are settings of its own."""
    process = Process(name, kafka, log, instance, more)
    await process.start()
    try:
        await process.until_ready()
        yield process
    finally:
        await process.end(signal.SIGKILL)
