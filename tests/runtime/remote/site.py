"""A web server that does what it should not: each path is answered by a function that writes what it likes."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

# A connection that was just accepted takes some turns of the loop until it can be reset; closing first would leave it.
LAST_TURNS = 10
DEADLINE_SECONDS = 20.0

Handler = Callable[["Request"], Awaitable[None]]


@dataclass
class Request:
    """What was asked for, and where to write the answer."""

    path: str
    headers: Mapping[str, str]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def start(self) -> int:
        """The first byte asked for; 0 without a range."""
        return int(self.headers.get("range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))

    async def content(self) -> bytes:
        """Return what was sent along."""
        return await self.reader.readexactly(int(self.headers.get("content-length", "0")))

    async def send(self, *parts: bytes | str) -> None:
        """Write as it is; text is head lines, with their ends."""
        for part in parts:
            self.writer.write(part.encode() if isinstance(part, str) else part)
            await self.writer.drain()

    async def head(self, status: str, *lines: str) -> None:
        """Write a status and header lines."""
        await self.send("".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *lines, "")))

    async def whole(self, body: bytes, *lines: str) -> None:
        """Answer as a good server does, ranges included."""
        rest = body[self.start :]
        if self.start:
            lines += (f"Content-Range: bytes {self.start}-{len(body) - 1}/{len(body)}",)
        await self.head("206 Partial Content" if self.start else "200 OK", f"Content-Length: {len(rest)}", *lines)
        await self.send(rest)

    def reset(self) -> None:
        """End the connection at once."""
        reset(self.writer)


@dataclass
class Site:
    """A server that runs. `seen` are all requests that came."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    seen: list[Request] = field(default_factory=list)
    connections: int = 0
    host: str = ""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until_seen(self) -> None:
        """Wait for the first request."""
        await self.asked.wait()

    async def until_connections(self, count: int) -> None:
        """Wait until so many connections have come."""
        async with asyncio.timeout(DEADLINE_SECONDS), self.changed:
            await self.changed.wait_for(lambda: self.connections >= count)

    def uri(self, path: str, scheme: str = "http") -> str:
        """Return the URI of a path."""
        return f"{scheme}://{self.host}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, one request."""
        self.connections += 1
        async with self.changed:
            self.changed.notify_all()
        with suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            lines = [line.split(": ", 1) for line in head[1:] if line]
            request = Request(head[0].split(" ")[1], {name.lower(): value for name, value in lines}, reader, writer)
            self.seen.append(request)
            self.asked.set()
            await self.handlers[request.path.partition("?")[0]](request)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def running_site(
    handlers: Mapping[str, Handler],
    address: str = "127.0.0.1",
    *,
    context: ssl.SSLContext | None = None,
    port: int = 0,
) -> AsyncIterator[Site]:
    """Run a server while the context lasts."""
    site = Site(dict(handlers))
    async with serving(site.serve, address, port, context) as host:
        site.host = host
        yield site


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection at once, wherever it stands."""
    with suppress(AttributeError):  # CPython 3.11: one that was closed and has written its last bytes has no loop left
        writer.transport.abort()


@asynccontextmanager
async def serving(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]],
    address: str = "127.0.0.1",
    port: int = 0,
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[str]:
    """Serve connections, each by a task; give HOST:PORT. At the end what is open is reset: no socket outlives this."""
    tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
    is_over = False

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if is_over:
            reset(writer)
        else:
            tasks[asyncio.create_task(serve(reader, writer))] = writer

    server = await asyncio.start_server(connected, address, port, ssl=context)
    try:
        yield f"{address}:{server.sockets[0].getsockname()[1]}"
    finally:
        is_over = True
        for _ in range(LAST_TURNS):
            await asyncio.sleep(0)
        server.close()
        for task, writer in tasks.items():
            task.cancel()
            reset(writer)
        await asyncio.gather(*tasks, *(writer.wait_closed() for writer in tasks.values()), return_exceptions=True)
