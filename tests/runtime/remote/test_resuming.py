"""A dropped connection goes on where it was, and what changed meanwhile is no longer the same file."""

import asyncio
from collections.abc import Sequence
from itertools import count

import pytest

from services.contracts.reading import Failure, Outcome, Read
from services.runtime.remote.stream import RESUMES_MAX
from services.runtime.scanning import PIECE_BYTES
from tests.runtime.remote.asking import asking, is_content, some_bytes
from tests.runtime.remote.site import Handler, Request, running_site

FILE = some_bytes(2 * PIECE_BYTES + 300_000)
OTHER = some_bytes(len(FILE), "other")
LARGE_BYTES = 24 * PIECE_BYTES
STRONG = 'ETag: "one"'
LAST_MODIFIED = "Last-Modified: Wed, 25 Nov 2026 10:00:00 GMT"
LATER_MODIFIED = "Last-Modified: Wed, 25 Nov 2026 10:00:01 GMT"


class Dropping:
    """Closes the first connections after so many bytes each, then serves the rest."""

    def __init__(self, cuts: Sequence[int], *lines: str, ranges: bool = True, body: bytes = FILE) -> None:
        self.cuts = list(cuts)
        self.lines = lines
        self.later = lines
        self.body = body
        self.ranges = ranges
        self.starts: list[int] = []
        self.conditions: list[str | None] = []

    async def __call__(self, request: Request) -> None:
        """Answer."""
        start = request.start if self.ranges else 0
        self.starts.append(start)
        self.conditions.append(request.headers.get("if-range"))
        rest = self.body[start:]
        ranged = (f"Content-Range: bytes {start}-{len(self.body) - 1}/{len(self.body)}",) if start else ()
        status = "206 Partial Content" if start else "200 OK"
        await request.head(status, f"Content-Length: {len(rest)}", *ranged, *self.lines)
        self.lines = self.later
        if self.cuts:
            await request.send(rest[: self.cuts.pop(0)])
        else:
            await request.send(rest)


def _read(handler: Handler) -> Outcome:
    async def scenario() -> Outcome:
        async with running_site({"/": handler}) as site, asking(None, site.host) as own:
            return await own.outcome(Read(site.uri("/")))

    return asyncio.run(scenario())


def test_a_read_goes_on_where_the_connection_ended() -> None:
    """Twice, in the middle of a piece and beyond it, by a Range on condition that the ETag is still the same."""
    server = Dropping([700_000, PIECE_BYTES], STRONG)
    assert is_content(_read(server), FILE)
    assert server.conditions == [None, '"one"', '"one"']
    assert server.starts == [0, 700_000, 700_000 + PIECE_BYTES]


def test_a_read_goes_on_where_the_connection_was_reset() -> None:
    """What was on the way may be lost; more was sent than the kernel holds, so some had come."""
    server = Dropping([LARGE_BYTES], STRONG, body=some_bytes(LARGE_BYTES + 100))

    async def reset(request: Request) -> None:
        await server(request)
        if not request.start:
            request.reset()

    assert is_content(_read(reset), server.body)
    assert 0 < server.starts[1] <= LARGE_BYTES


@pytest.mark.parametrize("lines", [(), ('ETag: W/"one"',), (LAST_MODIFIED,)])
def test_without_a_strong_validator_a_read_begins_again(lines: tuple[str, ...]) -> None:
    """Nothing proves that the rest is of the same content, so none of what came is kept."""
    server = Dropping([700_000], *lines)
    assert is_content(_read(server), FILE)
    assert server.starts == [0, 0]


def test_a_server_that_knows_no_ranges_is_read_from_the_beginning() -> None:
    """It answers 200 with everything, and the digest is of that."""
    server = Dropping([700_000], STRONG, ranges=False)
    assert is_content(_read(server), FILE)


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ((STRONG,), ('ETag: "two"',)),
        ((STRONG, LAST_MODIFIED), (STRONG, LATER_MODIFIED)),
        ((LAST_MODIFIED,), (LATER_MODIFIED,)),
        (('ETag: W/"one"',), ('ETag: W/"two"',)),
        ((STRONG,), ()),
    ],
)
def test_another_validator_after_the_drop_is_a_change(first: tuple[str, ...], later: tuple[str, ...]) -> None:
    """ETag and Last-Modified, strong or weak, with ranges or from the beginning."""
    server = Dropping([700_000], *first)
    server.later = later
    assert _read(server) is Failure.CHANGED


def test_a_range_need_not_repeat_what_the_etag_decides() -> None:
    """RFC 9110, 15.3.7: an answer to If-Range may leave out all validators but the ETag."""
    server = Dropping([700_000], STRONG, LAST_MODIFIED)
    server.later = (STRONG,)
    assert is_content(_read(server), FILE)
    assert server.starts == [0, 700_000]


def test_another_length_after_the_drop_is_a_change() -> None:
    """Even if the ETag is kept."""
    server = Dropping([700_000], STRONG)

    async def grow(request: Request) -> None:
        await server(request)
        server.body = FILE + b"more"

    assert _read(grow) is Failure.CHANGED


@pytest.mark.parametrize("status", ["412 Precondition Failed", "416 Range Not Satisfiable"])
def test_a_refused_range_is_a_change(status: str) -> None:
    """The server says that what was asked for is no longer there."""
    server = Dropping([700_000], STRONG)

    async def refuse(request: Request) -> None:
        if request.start:
            await request.head(status, "Content-Length: 0")
        else:
            await server(request)

    assert _read(refuse) is Failure.CHANGED


def test_a_range_other_than_asked_for_is_not_believed() -> None:
    """Bytes of another place would make a digest of nothing that exists."""
    numbers = count()

    async def shift(request: Request) -> None:
        if next(numbers):
            await request.head("206 Partial Content", "Content-Length: 9", "Content-Range: bytes 1-9/10", STRONG)
            await request.send(b"x" * 9)
        else:
            await Dropping([700_000], STRONG)(request)

    assert _read(shift) is Failure.UNREACHABLE


def test_drops_are_bounded() -> None:
    """A line that drops again and again is better asked again later."""
    server = Dropping([1000] * 20, STRONG)
    assert _read(server) is Failure.UNREACHABLE
    assert len(server.starts) == 1 + RESUMES_MAX
