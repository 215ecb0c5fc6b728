"""Samples divided by the digests of their chunks, so that no machine need have all chunks of all references.

What two contents share is then found part by part, and added up: how many chunks, and from where to where. What it is
a share of has to be known by who adds up and has neither sample; so each is counted below every limit that counts,
which are the steps of a ladder. Two samples are compared below the highest step that is under both their limits: their
own limits, but for contents of 3 to 12 MiB and above 400 MiB, of whose chunks a twelfth at the most is left out.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import takewhile
from math import isqrt
from operator import neg

from msgspec import Struct

from services.contracts.sample import DIGEST_MAX, Chunks, Sample, chunks_of, digests_of, packed_sample, place_of

PARTS_MAX = 16
"""What they say of one content must fit into its entry: 16 times what a part may find (`recogniser/tallying.py`)."""

_STEPS_AN_OCTAVE = 8
_OCTAVES = 32
# Chance alone decides of which part a chunk is: neither its low digits, by which who looks it up spreads them, nor its
# high ones, which a limit cuts off, but digits of its product with an odd number (Knuth 6.4).
_ODD = 0x9E3779B97F4A7C15
_DIGITS = 40
_DIGITS_MASK = 2**24 - 1


def _step(number: int) -> int:
    """Return the limit 2^(64 - number / 8), rounded down; an eighth root is three square roots."""
    octaves, rest = divmod(number, _STEPS_AN_OCTAVE)
    return min(isqrt(isqrt(isqrt(1 << 64 * _STEPS_AN_OCTAVE - rest))), DIGEST_MAX) >> octaves


STEPS: tuple[int, ...] = tuple(_step(number) for number in range(_STEPS_AN_OCTAVE * _OCTAVES))
"""The limits below which contents are compared, from the highest down."""


class Shared(Struct, frozen=True):
    """What two contents share, or one part of it: chunks, and from where to where they lie in each, in bytes."""

    chunks: int
    upload_start: int
    upload_end: int
    reference_start: int
    reference_end: int


class Counts(Struct, frozen=True):
    """How many chunks of a sample lie at or below each step from `step` on; of those that are left out, none."""

    step: int
    below: tuple[int, ...]

    def at(self, step: int) -> int:
        """Return how many lie at or below a step that is not above the sample's limit."""
        return self.below[step - self.step] if step - self.step < len(self.below) else 0


def part_of(chunk: int, parts: int) -> int:
    """Return the part of a chunk: of twice as many parts, this one or the one that is so many further."""
    return (chunk * _ODD >> _DIGITS & _DIGITS_MASK) % parts


def beside(unit: int, part: int, parts: int) -> int:
    """Return the unit which has a part of the index that a unit has together with others."""
    return unit - unit % parts + part


def divided(sample: Sample, parts: int) -> dict[int, Sample]:
    """Return what each part has of a sample; parts that have none of its chunks are left out."""
    chunks = chunks_of(sample)
    words: dict[int, array[int]] = {}
    for chunk, place in chunks.places.items():
        words.setdefault(part_of(chunk, parts), array("Q", [chunks.limit])).extend((chunk, place))
    return {part: packed_sample(of_part) for part, of_part in words.items()}


def step_below(*limits: int) -> int:
    """Return the highest step that is under all of these limits."""
    return min(bisect_left(STEPS, -min(limits), key=neg), len(STEPS) - 1)


def counts_of(sample: Sample) -> Counts:
    """Return how many chunks a sample has below each step."""
    chunks = chunks_of(sample)
    step = step_below(chunks.limit)
    digests = digests_of(sample)
    every = (bisect_right(digests, each) for each in STEPS[step:])
    return Counts(step, tuple(takewhile(bool, every)))


def shared(upload: Chunks, reference: Chunks, step: int) -> Shared | None:
    """Return what two samples, or the same part of each, share below a step; None if nothing.

    Chunks do not overlap: which begins last also ends last.
    """
    limit = STEPS[step]
    both = [chunk for chunk in upload.places.keys() & reference.places.keys() if chunk <= limit]
    return Shared(len(both), *_extent(upload, both), *_extent(reference, both)) if both else None


def together(some: Iterable[Shared]) -> Shared:
    """Return what several parts share, of which there is at least one."""
    every = tuple(some)
    return Shared(
        sum(one.chunks for one in every),
        min(one.upload_start for one in every),
        max(one.upload_end for one in every),
        min(one.reference_start for one in every),
        max(one.reference_end for one in every),
    )


def _extent(chunks: Chunks, both: Iterable[int]) -> tuple[int, int]:
    places = [chunks.places[chunk] for chunk in both]
    last = place_of(max(places))
    return place_of(min(places)).start, last.start + last.length
