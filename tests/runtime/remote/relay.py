"""A relay between a client and a server: it cuts answers off, or brings none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.runtime.remote.site import reset, serving

CHUNK_BYTES = 64 * 1024


@dataclass
class Relay:
    """One that runs. `cuts`: after so many bytes each, the next answers end."""

    url: str
    cuts: list[int] = field(default_factory=list)
    stalls: bool = False
    connections: int = 0
    connected: asyncio.Event = field(default_factory=asyncio.Event)

    async def until_connected(self) -> None:
        """Wait for the first connection."""
        await self.connected.wait()


@asynccontextmanager
async def running_relay(target: str) -> AsyncIterator[Relay]:
    """Relay connections to the target's port while the context lasts."""
    relay = Relay("")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay.connections += 1
        relay.connected.set()
        behind, ahead = await asyncio.open_connection("127.0.0.1", urlsplit(target).port)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_copy(reader, ahead, None))
                group.create_task(_answer(relay, behind, writer))
        except* ConnectionError:
            pass
        finally:
            reset(ahead)
            with suppress(ConnectionError):
                await ahead.wait_closed()

    async with serving(serve) as host:
        relay.url = f"http://{host}"
        yield relay


async def _answer(relay: Relay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if relay.stalls:
        await asyncio.Event().wait()
    await _copy(reader, writer, relay.cuts.pop(0) if relay.cuts else None)
    writer.close()
    raise ConnectionError("ended, and with it the other direction")


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: int | None) -> None:
    """Copy until the end, or so many bytes."""
    with suppress(ConnectionError):
        while (count is None or count > 0) and (data := await reader.read(min(CHUNK_BYTES, count or CHUNK_BYTES))):
            writer.write(data)
            await writer.drain()
            count = None if count is None else count - len(data)
