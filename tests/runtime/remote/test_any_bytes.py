"""Whatever bytes a server sends, the read is answered and the process goes on."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence

from services.contracts.reading import Outcome, Read
from services.runtime.opening import UnreadableError
from services.runtime.remote.http import Web
from services.runtime.remote.source import SourceError
from services.runtime.remote.stream import Limits, Stream
from services.runtime.scanning import Buffer
from services.runtime.settings import Settings
from tests.runtime.remote.site import Request, running_site

ANSWERS: Sequence[bytes] = (
    b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\nETag: "a"\r\nContent-Type: audio/mpeg\r\n\r\nsome content',
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n8\r\n content\r\n0\r\n\r\n",
    b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-11/12\r\nContent-Length: 12\r\n\r\nsome content",
    b"HTTP/1.1 302 Found\r\nLocation: /other?a=b#c\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\nLast-Modified: Wed\r\n\r\nsome content",
)
ODD = (
    b"\r\n",
    b"\0",
    b"\xff\xfe",
    b": ",
    b"-1",
    b"9" * 30,
    b"chunked",
    b"\xc2\xb2",
    b";q=",
    b'"',
    b"W/",
    b"//[",
    b"0x1",
)
READS = 400
SECONDS = 2.0


def _damaged(rng: random.Random) -> bytes:
    """Return an answer with some bytes replaced, left out, doubled or put in between."""
    answer = bytearray(rng.choice(ANSWERS))
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(answer))
        answer[at : at + rng.choice((0, 0, 1, 5))] = rng.choice((*ODD, bytes([rng.randrange(256)]), bytes(answer[at:])))
    return bytes(answer)


class _Nobody:
    """Wants to know nothing."""

    def came(self, _count: int) -> None:
        """Be told that bytes came."""

    def dropped(self) -> None:
        """Be told that the connection was lost."""


async def _at_once(call: Callable[[], Outcome | None]) -> Outcome | None:
    return call()


def test_damaged_answers_are_content_or_one_of_two_errors() -> None:
    """Heads, chunks, ranges and redirects that nobody meant; the seed is the path. All hosts' breakers are left out."""

    async def damage(request: Request) -> None:
        await request.send(_damaged(random.Random(request.path)))

    async def read(web: Web, uri: str) -> str:
        try:
            async with asyncio.timeout(SECONDS):
                await Stream(web, Read(uri), Limits(1000, None), _Nobody()).run(Buffer(), _at_once)
        except (UnreadableError, SourceError, TimeoutError) as error:
            return type(error).__name__
        return "content"

    async def scenario() -> Counter[str]:
        handlers = {f"/{number}": damage for number in range(READS)} | {"/other": damage}
        async with running_site(handlers) as site:
            web = Web(Settings(http_hosts=(site.host,), http_private=True))
            said = Counter(await asyncio.gather(*(read(web, site.uri(f"/{number}")) for number in range(READS))))
            await web.close()
        return said

    said = asyncio.run(scenario())
    assert set(said) == {"content", "UnreadableError", "SourceError", "TimeoutError"}
    assert min(said["content"], said["UnreadableError"], said["SourceError"]) > READS // 50
