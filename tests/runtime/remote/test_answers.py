"""What servers answer, and what is said of it: every question is answered once, with the reason."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.contracts.reading import Failure, Outcome, Read
from services.runtime.settings import Settings
from tests.runtime.remote.asking import asking, is_content, some_bytes
from tests.runtime.remote.site import Handler, Request, running_site

FILE = some_bytes(300_000)
LARGE = some_bytes(3_000_000)
SETTINGS = Settings(ordinary_read_bytes=4_000_000, http_read_bytes_max=5_000_000, ordinary_read_ms=1_500)


def _status(line: str, *lines: str) -> Handler:
    async def answer(request: Request) -> None:
        await request.head(line, "Content-Length: 3", *lines)
        await request.send(b"abc")

    return answer


def _file(*lines: str, body: bytes = FILE) -> Handler:
    async def answer(request: Request) -> None:
        await request.whole(body, *lines)

    return answer


async def _chunked(request: Request) -> None:
    await request.head("200 OK", "Transfer-Encoding: chunked")
    for at in range(0, len(FILE), 70_000):
        piece = FILE[at : at + 70_000]
        await request.send(f"{len(piece):x}\r\n", piece, "\r\n")
    await request.send("0\r\n\r\n")


async def _cut_chunks(request: Request) -> None:
    await request.head("200 OK", "Transfer-Encoding: chunked")
    await request.send("1000\r\n", FILE[:0x1000], "\r\n")


async def _until_close(request: Request) -> None:
    await request.head("200 OK")
    await request.send(FILE)


async def _endless(request: Request) -> None:
    await request.head("200 OK", "Transfer-Encoding: chunked")
    while True:
        await request.send("10000\r\n", bytes(0x10000), "\r\n")


async def _no_content(request: Request) -> None:
    await request.head("204 No Content")


async def _too_long(request: Request) -> None:
    await request.send(f"HTTP/1.1 200 OK\r\nContent-Length: {len(FILE)}\r\n\r\n".encode() + FILE + b"more")


async def _too_long_small(request: Request) -> None:
    await request.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd")


async def _too_short(request: Request) -> None:
    await request.head("200 OK", f"Content-Length: {len(FILE)}")
    await request.send(FILE[:-1])


async def _announced(request: Request) -> None:
    await request.head("200 OK", "Content-Length: 4500000")
    await asyncio.Event().wait()


async def _announced_too_large(request: Request) -> None:
    await request.head("200 OK", "Content-Length: 5000001")
    await asyncio.Event().wait()


async def _two_lengths(request: Request) -> None:
    await request.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")


async def _stall(_request: Request) -> None:
    await asyncio.Event().wait()


async def _stall_within(request: Request) -> None:
    await request.head("200 OK", f"Content-Length: {len(FILE)}")
    await request.send(FILE[:1000])
    await asyncio.Event().wait()


async def _drip(request: Request) -> None:
    await request.head("200 OK", f"Content-Length: {len(FILE)}")
    for number in range(len(FILE)):
        await request.send(FILE[number : number + 1])
        await asyncio.sleep(0.05)


async def _no_http(request: Request) -> None:
    await request.send(b"\x00" * 100)


async def _endless_head(request: Request) -> None:
    await request.send("HTTP/1.1 200 OK\r\n")
    while True:
        await request.send("X-A: b\r\n" * 1000)


async def _hang_up(request: Request) -> None:
    request.reset()


@dataclass(frozen=True)
class Case:
    """An answer and what is to be said of it; None: the bytes of the file."""

    handler: Handler
    said: Failure | None
    media_type: str = ""
    size_bytes: int = 0
    slow: bool = False


HTML = "Content-Type: text/html; charset=utf-8"
CASES = {
    "/file": Case(_file(), None),
    "/declared": Case(_file("Content-Type: audio/mpeg"), None, "audio/mpeg", len(FILE)),
    "/chunked": Case(_chunked, None),
    "/chunked-declared": Case(_chunked, None, size_bytes=len(FILE)),
    "/chunked-declared-less": Case(_chunked, Failure.CHANGED, size_bytes=len(FILE) - 1),
    "/until-close-declared": Case(_until_close, None, size_bytes=len(FILE)),
    "/until-close-cut": Case(_until_close, Failure.UNREACHABLE, size_bytes=len(FILE) + 1, slow=True),
    "/until-close": Case(_until_close, Failure.UNREACHABLE),
    "/other-size": Case(_file(), Failure.CHANGED, size_bytes=len(FILE) + 1),
    "/page": Case(_file(HTML), Failure.UNREACHABLE, "audio/mpeg"),
    "/page-undeclared": Case(_file(HTML), Failure.UNREACHABLE),
    "/page-declared": Case(_file(HTML), None, "Text/HTML; charset=utf-8"),
    "/page-declared-otherwise": Case(_file(HTML), Failure.UNREACHABLE, "application/json"),
    "/json-undeclared": Case(_file("Content-Type: application/json"), Failure.UNREACHABLE),
    "/json-declared": Case(_file("Content-Type: application/json"), None, "application/json"),
    "/text-undeclared": Case(_file("Content-Type: text/plain"), None),
    "/gzip": Case(_file("Content-Encoding: gzip"), Failure.UNREACHABLE),
    "/empty": Case(_file(body=b""), Failure.EMPTY),
    "/no-content": Case(_no_content, Failure.EMPTY),
    "/part-unasked": Case(_status("206 Partial Content", "Content-Range: bytes 0-2/3"), Failure.UNREACHABLE),
    "/not-modified": Case(_status("304 Not Modified"), Failure.UNREACHABLE),
    "/unauthorized": Case(_status("401 Unauthorized"), Failure.UNREACHABLE),
    "/expired-signature": Case(_status("403 Forbidden"), Failure.UNREACHABLE),
    "/missing": Case(_status("404 Not Found"), Failure.NOT_FOUND),
    "/gone": Case(_status("410 Gone"), Failure.NOT_FOUND),
    "/too-many": Case(_status("429 Too Many Requests"), Failure.UNREACHABLE),
    "/broken": Case(_status("500 Internal Server Error"), Failure.UNREACHABLE),
    "/away": Case(_status("503 Service Unavailable"), Failure.UNREACHABLE),
    "/announced": Case(_announced, Failure.SLOW),
    "/announced-too-large": Case(_announced_too_large, Failure.TOO_LARGE),
    "/endless": Case(_endless, Failure.SLOW),
    "/endless-too-large": Case(_endless, Failure.TOO_LARGE, slow=True),
    "/two-lengths": Case(_two_lengths, Failure.UNREACHABLE),
    "/too-long": Case(_too_long, Failure.UNREACHABLE),
    "/too-long-small": Case(_too_long_small, Failure.UNREACHABLE),
    "/too-short": Case(_too_short, Failure.UNREACHABLE, slow=True),
    "/cut-chunks": Case(_cut_chunks, Failure.UNREACHABLE, slow=True),
    "/stall": Case(_stall, Failure.SLOW),
    "/stall-within": Case(_stall_within, Failure.SLOW),
    "/drip": Case(_drip, Failure.SLOW),
    "/no-http": Case(_no_http, Failure.UNREACHABLE),
    "/endless-head": Case(_endless_head, Failure.UNREACHABLE),
    "/hang-up": Case(_hang_up, Failure.UNREACHABLE),
}


def test_every_answer_has_its_outcome() -> None:
    """Each behaviour is a host of its own, so that no breaker opens; all are asked at once."""

    async def scenario() -> dict[str, Outcome]:
        async with AsyncExitStack() as stack:
            sites = {path: await stack.enter_async_context(running_site({path: CASES[path].handler})) for path in CASES}
            own = await stack.enter_async_context(asking(SETTINGS, *(site.host for site in sites.values())))
            jobs = {
                path: Read(sites[path].uri(path), None, case.slow, case.media_type, case.size_bytes)
                for path, case in CASES.items()
            }
            outcomes = await own.outcomes(list(jobs.values()))
        return {path: outcomes[job.uri] for path, job in jobs.items()}

    found = asyncio.run(scenario())
    for path, case in CASES.items():
        if case.said is None:
            assert is_content(found[path], FILE), (path, found[path])
        else:
            assert found[path] is case.said, (path, found[path])
