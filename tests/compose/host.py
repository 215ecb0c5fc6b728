"""What docker-compose.yml describes, on this machine without containers: the same commands, told the same.

What is a container's own is put in its place: names of hosts, ports and folders become those of this machine.
"""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from services.cluster.ports import LOOPBACK, free_ports
from services.runtime.alive import ask
from tests.compose.resolved import ROOT

READY_SECONDS_MAX = 90.0
POLL_SECONDS = 0.05
ANY_PORT = re.compile(r"^(?:0\.0\.0\.0|127\.0\.0\.1):\d+$")


class Host:
    """A folder that stands in for the containers' volumes, and what stands in for other hosts."""

    def __init__(self, folder: Path, hosts: Mapping[str, str]) -> None:
        self._folder = folder
        self._hosts = hosts

    def command(self, service: Mapping[str, Any]) -> tuple[str, ...]:
        """Return what the image's entrypoint and the service's command come to here."""
        return (sys.executable, "-m", *(self._here(part) for part in service["command"]))

    def environment(self, name: str, service: Mapping[str, Any]) -> dict[str, str]:
        """Return what the service is told, and nothing that this process is told besides."""
        told = {key: self._here(value, name) for key, value in (service.get("environment") or {}).items()}
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("STAYDOWN_", "AWS_"))}
        return {**inherited, "PYTHONPATH": str(ROOT), **told}

    def _here(self, text: str, name: str = "") -> str:
        if ANY_PORT.match(text):
            return f"{LOOPBACK}:{free_ports(1)[0]}"
        for host, here in self._hosts.items():
            text = text.replace(host, here)
        text = text.replace("/var/lib/staydown", f"{self._folder}/state/{name}")
        return re.sub(r"(^|[=:]|file://)/(secrets|srv)\b", rf"\1{self._folder}/\2", text)

    async def run(self, name: str, service: Mapping[str, Any]) -> int:
        """Run what ends by itself and return its exit code."""
        async with self._started(name, service) as process:
            return await process.wait()

    @asynccontextmanager
    async def running(self, services: Mapping[str, Any]) -> AsyncIterator[Mapping[str, str]]:
        """Run services until each is ready; give the addresses of their pages, by name."""
        addresses: dict[str, str] = {}
        async with AsyncExitStack() as stack:
            for name, service in services.items():
                environment = self.environment(name, service)
                addresses[name] = environment["STAYDOWN_HTTP"]
                await stack.enter_async_context(self._started(name, service, environment))
            for name, address in addresses.items():
                await self._until_ready(name, address)
            yield addresses

    async def _until_ready(self, name: str, address: str) -> None:
        log = self._folder / f"{name}.log"
        try:
            async with asyncio.timeout(READY_SECONDS_MAX):
                while await asyncio.to_thread(ask, "ready", address):  # noqa: ASYNC110  # a page tells when asked
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            raise AssertionError(f"{name} did not get ready: {log.read_text()[-2000:]}") from None

    @asynccontextmanager
    async def _started(
        self, name: str, service: Mapping[str, Any], environment: Mapping[str, str] | None = None
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        environment = environment or self.environment(name, service)
        with (self._folder / f"{name}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *self.command(service), env=environment, stdout=log, stderr=log, cwd=self._folder
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
