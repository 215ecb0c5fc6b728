"""One read from elsewhere: from the first byte to the identity of the content, whatever happens to connections.

Promises: a digest only of content that stayed the same, from an answer that said where it ends; a dropped connection
goes on where it was if the source can prove that it is the same content, and begins again if it cannot, a bounded
number of times; constant memory.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from services.contracts.reading import Failure, Outcome, Read
from services.runtime.metrics import READ_BYTES
from services.runtime.opening import UnreadableError
from services.runtime.remote.source import Body, Source, SourceError, State
from services.runtime.scanning import PIECE_BYTES, Buffer, Scan

# A line that drops more often than this within one read is better asked again later.
RESUMES_MAX = 4
# 0.1 s, then twice as long each time: 1.5 s in all, in which a balancer has found another server.
RESUME_SECONDS = 0.1

OnThread = Callable[[Callable[[], Outcome | None]], Awaitable[Outcome | None]]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a read may take. Over `bytes_max` it is TOO_LARGE, over `ordinary_bytes` SLOW; None: no such bound."""

    bytes_max: int
    ordinary_bytes: int | None

    def refuse(self, size: int | None) -> None:
        """Raise UnreadableError if the size, announced or reached, is too much; None: not announced."""
        if size is None:
            return
        if size > self.bytes_max:
            raise UnreadableError(Failure.TOO_LARGE)
        if self.ordinary_bytes is not None and size > self.ordinary_bytes:
            raise UnreadableError(Failure.SLOW)


class Watcher(Protocol):
    """What is told how a read gets on."""

    def came(self, count: int) -> None:
        """Note that bytes came."""

    def dropped(self) -> None:
        """Note that the connection was lost and the read goes on."""


class Stream:
    """One read."""

    def __init__(self, source: Source, job: Read, limits: Limits, watcher: Watcher) -> None:
        self._source = source
        self._job = job
        self._limits = limits
        self._watcher = watcher
        self._state: State | None = None  # what the first answer said

    async def run(self, buffer: Buffer, on_thread: OnThread) -> Outcome:
        """Return what was read; raise UnreadableError for why not, SourceError if the source is in trouble.

        `buffer` is ours until then; `on_thread` is what has a thread call.
        """
        self._buffer = buffer
        self._on_thread = on_thread
        self._begin()
        for number in range(RESUMES_MAX):
            try:
                return await self._read()
            except SourceError:
                if self._state is None:
                    raise  # nothing had come: better asked again later, and the host is in trouble
            self._watcher.dropped()
            await asyncio.sleep(RESUME_SECONDS * 2**number)
        return await self._read()

    async def _read(self) -> Outcome:
        async with self._source.open(self._job, self._resumable_at(), self._state) as body:
            self._check(body)
            async for chunk in body.chunks:
                await self._take(chunk)
        if body.state.size is not None and self._came < body.state.size:
            raise SourceError("fewer bytes came than were announced")
        if not self._came:
            raise UnreadableError(Failure.EMPTY)
        found = await self._on_thread(self._finish)
        assert found is not None, "a scan that is finished has found something"  # noqa: S101  # an invariant
        READ_BYTES.inc(self._came)
        return found

    def _resumable_at(self) -> int:
        return self._came if self._state is not None and self._state.version is not None else 0

    def _check(self, body: Body) -> None:
        """Refuse content that is too much, none, or another than before; begin anew if the answer does."""
        if self._state is not None and body.state.differs(self._state):
            raise UnreadableError(Failure.CHANGED)
        if body.state.size == 0:
            raise UnreadableError(Failure.EMPTY)
        self._limits.refuse(body.state.size)
        if body.start not in (0, self._came):
            raise SourceError("the answer begins elsewhere than asked for")
        if body.start != self._came:
            self._begin()
        self._state = body.state

    def _begin(self) -> None:
        self._scan = Scan(self._buffer)
        self._room = self._scan.room()
        self._held = 0  # bytes in the room that have not been scanned
        self._came = 0

    async def _take(self, chunk: bytes) -> None:
        """Put the bytes into the buffer, and scan each piece that is full."""
        self._came += len(chunk)
        assert self._state is not None, "checked before"  # noqa: S101  # an invariant
        if self._state.size is not None and self._came > self._state.size:
            raise UnreadableError(Failure.CHANGED)
        self._limits.refuse(self._came)
        self._watcher.came(len(chunk))
        rest = memoryview(chunk)
        while rest:
            count = min(len(rest), PIECE_BYTES - self._held)
            self._room[self._held : self._held + count] = rest[:count]
            self._held += count
            rest = rest[count:]
            if self._held == PIECE_BYTES:
                await self._on_thread(self._scan_piece)

    def _scan_piece(self) -> None:
        if self._held:
            self._scan.take(self._held)
        self._room = self._scan.room()
        self._held = 0

    def _finish(self) -> Outcome:
        self._scan_piece()
        return self._scan.finish()
