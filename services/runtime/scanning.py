"""Scanning content: BLAKE3-256, xxh3_128 and the chunks' sample in one pass, over one buffer that is used again.

    room() ─► whoever reads puts bytes there ─► take(count) ─► … ─► finish()

Promises: constant memory for content of any size; the same bytes give the same outcome however they come in pieces, or
at once by `scan_whole`. Python's lock is given up while content is hashed and cut; chunks are digested with it, since
they are too short for xxhash to give it up: a twentieth of everything.
"""

from mmap import mmap

import xxhash
from blake3 import blake3
from pyfastcdc import FastCDC

from services.contracts.reading import Found
from services.contracts.sample import SHARED_MIN, Keeping, Place
from services.contracts.types import Content

# Large enough that system calls do not count, small enough for the processor's cache: half of it cost a tenth more.
PIECE_BYTES = 1024 * 1024
# Some 25 KiB on the average: short enough for half a minute of speech to have a dozen chunks, long enough that digests
# and cuts cost little beside hashing. (Three times as long is 2 % cheaper and finds nothing below 400 KiB.)
CHUNK_BYTES_MIN = 16 * 1024
CHUNK_BYTES_MAX = 64 * 1024
# What is no longer has hardly more chunks than must be shared, and is compared by its identity alone.
UNSAMPLED_BYTES_MAX = 128 * 1024
# Silence and plain areas repeat one frame: of up to 12 bytes, which 8, 16 and 24 bits of one or two channels divide.
FRAME_BYTES = 12

_CUTTER = FastCDC(CHUNK_BYTES_MIN, min_size=CHUNK_BYTES_MIN, max_size=CHUNK_BYTES_MAX)


class Buffer:
    """What one thread scans with, one content after another. `view`: room for a piece, from a page's begin.

    In memory as Python hands it out, 16 bytes behind one, reading and hashing took a twentieth longer: nothing that the
    processor loads at a time lay within one line of its cache.
    """

    def __init__(self) -> None:
        self.whole = memoryview(mmap(-1, CHUNK_BYTES_MAX + PIECE_BYTES))
        self.view = self.whole[CHUNK_BYTES_MAX:]


class Scan:
    """One content on its way through a buffer."""

    def __init__(self, buffer: Buffer) -> None:
        self._whole, self._room = buffer.whole, buffer.view
        self._identity = blake3()
        self._check = xxhash.xxh3_128()
        self._chunks = _Chunks()
        self._held = 0  # bytes before the room that have been hashed and not yet cut

    def room(self) -> memoryview:
        """Return where the next bytes of the content belong: a piece."""
        return self._room

    def take(self, count: int) -> None:
        """Scan that many bytes, which now stand at the begin of `room()`."""
        piece = self._room[:count]
        self._identity.update(piece)
        self._check.update(piece)
        uncut = self._whole[CHUNK_BYTES_MAX - self._held : CHUNK_BYTES_MAX + count]
        # What is no chunk of full length may go on in the next piece, and stays.
        cut = self._chunks.cut(uncut, len(uncut) - CHUNK_BYTES_MAX)
        self._held = len(uncut) - cut
        self._whole[CHUNK_BYTES_MAX - self._held : CHUNK_BYTES_MAX] = uncut[cut:]

    def finish(self) -> Found:
        """Return what the content is."""
        size = self._chunks.bytes + self._held
        content = Content(self._check.hexdigest(), self._identity.hexdigest(), size)
        return self._chunks.finish(self._whole[CHUNK_BYTES_MAX - self._held : CHUNK_BYTES_MAX], content)


def scan_whole(data: memoryview) -> Found:
    """Return what content is that has come at once, of any size."""
    content = Content(xxhash.xxh3_128_hexdigest(data), blake3(data).hexdigest(), len(data))
    return Found(content) if len(data) <= UNSAMPLED_BYTES_MAX else _Chunks().finish(data, content)


class _Chunks:
    """The chunks of a content that may be in its sample. `bytes`: how much of the content has been cut."""

    def __init__(self) -> None:
        self._kept = Keeping()
        self.bytes = 0

    def cut(self, held: memoryview, last: int) -> int:
        """Cut off every chunk that begins at or before `last` in the content's next bytes; return how much that is."""
        at, kept = 0, self._kept
        found = []
        chunks = _CUTTER.cut_buf(held)
        while at <= last:  # the cut that is not needed is not made: it would cost a twentieth of everything
            chunk = next(chunks)  # gives up Python's lock, so whoever else wants it gets it here
            found.append((at, chunk.length, chunk.data))
            at += chunk.length
        for begin, length, data in found:
            digest = xxhash.xxh3_64_intdigest(data)
            if digest <= kept.limit and digest not in kept.places and not _is_monotonous(data, length):
                kept.keep(digest, Place(self.bytes + begin, length))
        self.bytes += at
        return at

    def finish(self, held: memoryview, content: Content) -> Found:
        """Cut the rest, and return the content with its sample if there is one."""
        if content.size_bytes <= UNSAMPLED_BYTES_MAX:
            return Found(content)
        self.cut(held, len(held) - 1)
        return Found(content, self._kept.sample() if len(self._kept.places) >= SHARED_MIN else None)


def _is_monotonous(chunk: memoryview, length: int) -> bool:
    """Tell whether one frame repeats to the end: what so many contents share says nothing of where it comes from."""
    if length <= FRAME_BYTES or chunk[0] != chunk[FRAME_BYTES]:
        return False
    is_likely = chunk[:FRAME_BYTES] == chunk[FRAME_BYTES : 2 * FRAME_BYTES]
    return is_likely and bytes(chunk[FRAME_BYTES:]) == bytes(chunk[:-FRAME_BYTES])
