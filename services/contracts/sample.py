"""A sample of the chunks that a content consists of: enough to find what it shares with another, without either.

Content is cut where the content itself says so (FastCDC, Xia et al. 2020), so that an insertion moves no cut but those
beside it, and two files share a chunk wherever they share a long enough run of bytes. Of the chunks' digests those are
kept that lie at or below a limit (FracMinHash, Irber et al. 2022): what two samples have in common below the smaller
of their limits is an unbiased sample of what the contents have in common.
"""

from array import array
from base64 import b64decode, b64encode
from collections.abc import Mapping
from sys import byteorder
from typing import NamedTuple

from msgspec import Struct

SHARED_MIN = 4
"""Chunks that two contents must share to resemble one another, some 100 KiB; what has fewer is not sampled at all."""

LIKENESSES_MAX = 32
"""What one content is found to resemble, best first: half of the listings that its digest can have. The other half is
left to works whose very bytes these are; but who is not, beside so many likenesses, among the first 32 of them, is
refused as who comes after the 64th is."""

ONE_IN = 4
"""The share of the chunks that is kept. At some 25 KiB a chunk an hour of music keeps 650 of 2,600."""

KEPT_MIN = 128
"""Of short content more is kept: all of 3 MiB, and most of a song, so that ten seconds cut out of it are found."""

KEPT_MAX = 4_096
"""Content above 400 MiB is sampled more thinly, so that a sample is at most 64 KiB: four early reads with theirs must
fit into an upload's case of 1 MiB."""

DIGEST_MAX = 2**64 - 1
_LENGTH_BITS = 24
_LENGTH_MAX = 2**_LENGTH_BITS - 1


class Place(NamedTuple):
    """Where a chunk first stands in a content, in bytes: below 1 TiB, and shorter than 16 MiB."""

    start: int
    length: int

    @property
    def packed(self) -> int:
        """The place as one word, which sorts as its start does."""
        return self.start << _LENGTH_BITS | self.length


class Sample(Struct, frozen=True):
    """The kept chunks of a content: in base64 little-endian words of 64 bits, the limit, then digests and places."""

    packed: str


class Likeness(Struct, frozen=True):
    """How an upload resembles a reference: the score from 0 to 1, and the least extent of what they share.

    That is in bytes where bytes were compared, and in milliseconds where it was what they play.
    """

    score: float
    upload_start_bytes: int
    upload_end_bytes: int
    reference_start_bytes: int
    reference_end_bytes: int
    upload_start_ms: int = 0
    upload_end_ms: int = 0
    reference_start_ms: int = 0
    reference_end_ms: int = 0


class Chunks(NamedTuple):
    """A sample taken apart: every chunk whose digest is at most `limit`, in this order, and where it stands.

    Places are left packed: to make an object of each took ten times as long as all the rest.
    """

    limit: int
    places: Mapping[int, int]

    def place(self, chunk: int) -> Place:
        """Return where a chunk first stands."""
        return place_of(self.places[chunk])


class Keeping:
    """The chunks of a content as they come: never more than twice what a sample holds, however long it is."""

    def __init__(self) -> None:
        self.places: dict[int, Place] = {}
        """Every different chunk so far whose digest is at most `limit`."""
        self.limit = DIGEST_MAX
        self._room = KEPT_MIN * ONE_IN * 2

    def keep(self, digest: int, place: Place) -> None:
        """Note a chunk that was not there before, and whose digest is at most `limit`."""
        self.places[digest] = place
        if len(self.places) > self._room:
            self._thin()

    def sample(self) -> Sample:
        """Return the sample of all that came."""
        return sample_of(self.places, self.limit)

    def _thin(self) -> None:
        """Forget what cannot be in the sample any more, since a limit never rises when more chunks come."""
        limit = min(_limit(self.places), self.limit)
        if limit < self.limit:
            self.limit = limit
            self.places = {digest: place for digest, place in self.places.items() if digest <= limit}
        self._room = min(max(self._room, 2 * len(self.places)), 2 * KEPT_MAX)


def sample_of(places: Mapping[int, Place], known_to: int = DIGEST_MAX) -> Sample:
    """Return the sample of a content whose different chunks, by xxh3_64, are these, up to the digest `known_to`."""
    limit = min(_limit(places), known_to)
    kept = sorted(digest for digest in places if digest <= limit)
    packed = [word for digest in kept for word in (digest, places[digest].packed)]
    return packed_sample(array("Q", [limit, *packed]))


def packed_sample(words: "array[int]") -> Sample:
    """Return the sample of these words: the limit, then digests, in order, each with its place."""
    return Sample(b64encode(_little(words).tobytes()).decode())


def chunks_of(sample: Sample) -> Chunks:
    """Return what a sample holds."""
    words = _words(sample)
    return Chunks(words[0], dict(zip(words[1::2], words[2::2], strict=True)))


def digests_of(sample: Sample) -> "array[int]":
    """Return the digests of the chunks that a sample holds, in order; without places at a third of the price."""
    return _words(sample)[1::2]


def place_of(packed: int) -> Place:
    """Return the place that is in a word."""
    return Place(packed >> _LENGTH_BITS, packed & _LENGTH_MAX)


def _limit(places: Mapping[int, Place]) -> int:
    if len(places) <= KEPT_MIN:
        return DIGEST_MAX
    every = sorted(places)
    least, most = every[KEPT_MIN - 1], every[min(KEPT_MAX, len(every)) - 1]
    return min(max(DIGEST_MAX // ONE_IN, least), most if len(every) > KEPT_MAX else DIGEST_MAX)


def _words(sample: Sample) -> "array[int]":
    words = array("Q")
    words.frombytes(b64decode(sample.packed))
    return _little(words)


def _little(words: "array[int]") -> "array[int]":
    if byteorder == "big":
        words.byteswap()
    return words
