"""What can be said without the disk about terms that nobody has: two bits for each term that somebody has, in memory.

    every term on disk ─► walked in steps, beside everything else ─► the bits in use, until they are too full

A Bloom filter (Bloom 1970) over terms that are digests, so that two parts of a term serve as its hashes. Nothing of it
is kept on disk: it is made anew when the state is opened, without anybody waiting, and again when so much was added
that too many would pass; so what was removed is forgotten too. Promises: no term that somebody has is held back. Of
others one in 70 passes at the most, but every one until the first walk is over, and more while more is added than there
was room for, until the walk that follows is over.
"""

from collections.abc import Callable, Collection, Iterator
from itertools import islice

ROOM_MIN = 1 << 16
"""Terms that the smallest one has room for: 512 references, 128 KiB."""
BYTES_A_TERM = 2
"""Of room, of which a quarter to all is taken: so a reference of 128 chunks takes 256 bytes to 1 KiB."""


Walk = Callable[[], tuple[int, Iterator[int]]]
"""Says how many terms there are, some twice perhaps, and yields them."""


class Sieve:
    """Terms from 0 on."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._in_use: bytearray | None = None
        self._next: bytearray | None = None
        self._walking: Iterator[int] = iter(())
        self._left = 0

    def add(self, term: int) -> None:
        """Let a term pass from now on."""
        for bits in (self._next, self._in_use):
            if bits is not None:
                _mark(bits, term)
        self._left -= 1

    def passing(self, terms: Collection[int]) -> Collection[int]:
        """Return those that are there, and few others."""
        bits = self._in_use
        if bits is None:
            return terms
        mask = 8 * len(bits) - 1
        return {
            term
            for term in terms
            if bits[(at := term & mask) >> 3] >> (at & 7) & 1 and bits[(at := term >> 32 & mask) >> 3] >> (at & 7) & 1
        }

    def sift(self, steps: int) -> None:
        """Go on walking by so many terms, if need be; never while something that was added is not on disk yet."""
        if self._next is None and self._left <= 0:
            self._begin()
        if self._next is None:
            return
        met = list(islice(self._walking, steps))
        for each in met:
            _mark(self._next, each)
        if len(met) < steps:
            self._in_use, self._next = self._next, None

    def close(self) -> None:
        """Let go of what is walked."""
        self._walking = iter(())

    def _begin(self) -> None:
        """Begin to walk, with room for twice what is there, so that as much may come before it is walked again."""
        count, self._walking = self._walk()
        room = max(ROOM_MIN, _power_of_two(2 * count))
        self._left = room - count
        self._next = bytearray(room * BYTES_A_TERM)


def _power_of_two(least: int) -> int:
    return 1 << max(least - 1, 0).bit_length()


def _mark(bits: bytearray, term: int) -> None:
    mask = 8 * len(bits) - 1
    for at in (term & mask, term >> 32 & mask):
        bits[at >> 3] |= 1 << (at & 7)
