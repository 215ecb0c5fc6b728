"""The health check of a container."""

import asyncio
import os
import subprocess
import sys

import pytest

from services.cluster.ports import free_ports
from services.runtime.alive import ask
from services.runtime.health import NOT_READY, health_page
from services.runtime.settings import Settings


def test_it_passes_while_the_page_answers_and_tells_why_not() -> None:
    """Alive is not ready; an address that means anywhere is asked on this machine."""

    async def scenario() -> None:
        async with health_page(Settings(http=("127.0.0.1", 0)), lambda: False) as port:
            for address in (f"127.0.0.1:{port}", f"0.0.0.0:{port}"):
                assert await asyncio.to_thread(ask, "live", address) == ""
                assert await asyncio.to_thread(ask, "ready", address) == NOT_READY
        assert "does not answer" in ask("live", f"127.0.0.1:{port}")

    asyncio.run(scenario())


def test_an_answer_that_is_no_http_is_none() -> None:
    """Whatever has taken the port."""

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"what?\n\n")
        writer.close()

    async def scenario() -> None:
        async with await asyncio.start_server(hear, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            assert "does not answer" in await asyncio.to_thread(ask, "live", f"127.0.0.1:{port}")

    asyncio.run(scenario())


@pytest.mark.parametrize("more", [[], ["ready"]])
def test_as_a_command_it_fails_with_a_sentence(more: list[str]) -> None:
    """What a container's log of health shows."""
    environment = {**os.environ, "STAYDOWN_HTTP": f"127.0.0.1:{free_ports(1)[0]}"}
    command = [sys.executable, "-m", "services.runtime.alive", *more]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert "does not answer" in done.stderr
