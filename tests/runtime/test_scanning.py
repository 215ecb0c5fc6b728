"""One pass gives identity, check value and sample, however the bytes come."""

from random import Random

import pytest
import xxhash
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.reading import Found
from services.contracts.sample import KEPT_MIN, chunks_of
from services.runtime.scanning import (
    CHUNK_BYTES_MAX,
    PIECE_BYTES,
    UNSAMPLED_BYTES_MAX,
    Buffer,
    Scan,
    scan_whole,
)

SONG = Random(1).randbytes(3 * PIECE_BYTES + 12_345)


def _scan(data: bytes, piece_bytes: int = PIECE_BYTES) -> Found:
    scan = Scan(Buffer())
    for begin in range(0, len(data), piece_bytes):
        piece = data[begin : begin + piece_bytes]
        scan.room()[: len(piece)] = piece
        scan.take(len(piece))
    return scan.finish()


@settings(max_examples=20)
@given(piece_bytes=st.integers(30_000, PIECE_BYTES))
def test_pieces_do_not_matter(piece_bytes: int) -> None:
    """A network brings what it likes."""
    assert _scan(SONG, piece_bytes) == _scan(SONG)


def test_the_identity_is_that_of_other_implementations() -> None:
    """And the chunks are where they are said to be, each by its own digest."""
    found = _scan(SONG)
    assert found.content.blake3 == blake3(SONG).hexdigest()
    assert found.content.xxh3_128 == xxhash.xxh3_128_hexdigest(SONG)
    assert found.sample is not None
    chunks = chunks_of(found.sample)
    for digest in chunks.places:
        start, length = chunks.place(digest)
        assert xxhash.xxh3_64_intdigest(SONG[start : start + length]) == digest


def test_an_insertion_changes_few_chunks() -> None:
    """Other tags, or a cut head: everything behind the next cut or two is the same."""
    ours, theirs = _scan(SONG).sample, _scan(b"other tags" + SONG[30_000:]).sample
    assert ours is not None
    assert theirs is not None
    shared = chunks_of(ours).places.keys() & chunks_of(theirs).places.keys()
    assert len(shared) >= KEPT_MIN * 9 // 10  # at the smaller of two limits


@pytest.mark.parametrize("frame", [b"\0", b"\x00\x80", b"abc", b"abcd", b"abcdef"])
def test_silence_is_no_evidence(frame: bytes) -> None:
    """What repeats one frame is shared by contents that have nothing to do with one another."""
    assert _scan(frame * (20 * CHUNK_BYTES_MAX // len(frame))).sample is None


def test_short_content_has_no_sample() -> None:
    """Less than three chunks cannot be told from chance."""
    assert _scan(SONG[:64_000]).sample is None


@pytest.mark.parametrize("size", [1, 64_000, UNSAMPLED_BYTES_MAX, UNSAMPLED_BYTES_MAX + 1, PIECE_BYTES, len(SONG)])
def test_content_that_comes_at_once_is_the_same(size: int) -> None:
    """A small file is not scanned piece by piece."""
    assert scan_whole(memoryview(SONG)[:size]) == _scan(SONG[:size])


@pytest.mark.parametrize(("size", "is_sampled"), [(UNSAMPLED_BYTES_MAX, False), (UNSAMPLED_BYTES_MAX + 1, True)])
def test_what_is_short_is_not_sampled(size: int, is_sampled: bool) -> None:
    """It is compared by its identity, whatever chunks it may have."""
    assert (_scan(SONG[:size]).sample is not None) == is_sampled
