"""Scanning content: BLAKE3-256, xxh3_128 and the chunks' sample in one pass, over one buffer that is used again.

    room() ─► whoever reads puts bytes there ─► take(count) ─► … ─► finish()

Promises: constant memory for content of any size but for the digests of its chunks; the same bytes give the same
outcome however they come in pieces.
"""

import xxhash
from blake3 import blake3
from pyfastcdc import FastCDC

from services.contracts.reading import Found
from services.contracts.sample import SHARED_MIN, Place, sample_of
from services.contracts.types import Content

# Large enough that system calls do not count, small enough for the processor's cache.
PIECE_BYTES = 1024 * 1024
# Short enough for a song to have dozens of chunks, long enough that digests and cuts cost little beside hashing.
CHUNK_BYTES_MIN = 48 * 1024
CHUNK_BYTES_MAX = 192 * 1024
# Silence and plain areas repeat one frame: of up to 12 bytes, which 8, 16 and 24 bits of one or two channels divide.
FRAME_BYTES = 12


class Buffer:
    """What one thread scans with, one content after another."""

    def __init__(self) -> None:
        self.view = memoryview(bytearray(CHUNK_BYTES_MAX + PIECE_BYTES))


class Scan:
    """One content on its way through a buffer."""

    def __init__(self, buffer: Buffer) -> None:
        self._view = buffer.view
        self._identity = blake3()
        self._check = xxhash.xxh3_128()
        self._cutter = FastCDC(CHUNK_BYTES_MIN, min_size=CHUNK_BYTES_MIN, max_size=CHUNK_BYTES_MAX)
        self._places: dict[int, Place] = {}
        self._cut_bytes = 0  # how much of the content has been cut
        self._held = 0  # bytes at the buffer's begin that have been hashed and not yet cut

    def room(self) -> memoryview:
        """Return where the next bytes of the content belong: at least a piece."""
        return self._view[self._held :]

    def take(self, count: int) -> None:
        """Scan that many bytes, which now stand at the begin of `room()`."""
        piece = self._view[self._held : self._held + count]
        self._identity.update(piece)
        self._check.update(piece)
        self._held += count
        self._cut(last=False)

    def finish(self) -> Found:
        """Return what the content is."""
        size = self._cut_bytes + self._held
        self._cut(last=True)
        content = Content(self._check.hexdigest(), self._identity.hexdigest(), size)
        return Found(content, sample_of(self._places) if len(self._places) >= SHARED_MIN else None)

    def _cut(self, *, last: bool) -> None:
        """Cut what is held; what is no chunk of full length may go on in the next piece and stays."""
        at = 0
        while self._held - at >= CHUNK_BYTES_MAX or (last and at < self._held):
            for chunk in self._cutter.cut_buf(self._view[at : self._held]):
                if not last and self._held - at < CHUNK_BYTES_MAX:
                    break
                self._keep(self._view[at : at + chunk.length])
                at += chunk.length
        self._view[: self._held - at] = self._view[at : self._held]
        self._held -= at

    def _keep(self, chunk: memoryview) -> None:
        digest = xxhash.xxh3_64_intdigest(chunk)
        if digest not in self._places and not _is_monotonous(chunk):
            self._places[digest] = Place(self._cut_bytes, len(chunk))
        self._cut_bytes += len(chunk)


def _is_monotonous(chunk: memoryview) -> bool:
    """Tell whether one frame repeats to the end: what so many contents share says nothing of where it comes from."""
    is_likely = chunk[:FRAME_BYTES] == chunk[FRAME_BYTES : 2 * FRAME_BYTES]
    return is_likely and bytes(chunk[FRAME_BYTES:]) == bytes(chunk[:-FRAME_BYTES])
