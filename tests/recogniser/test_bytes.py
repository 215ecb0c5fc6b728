"""Real bytes, cut and scanned as the hasher does: what people do to a file, and what it is still found by."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.sample import Chunks, Likeness, chunks_of
from services.recogniser.likeness import compare
from services.runtime.scanning import Buffer, Scan

KIB = 1024
MIB = 1024 * KIB
BUFFER = Buffer()
SEEDS = st.integers(0, 2**32)
SIZES = st.integers(2, 5).map(lambda count: count * MIB)
HISTORIES = settings(max_examples=25)


def data(seed: int, size: int) -> bytes:
    """Return bytes as dense as compressed sound."""
    return Random(seed).randbytes(size)


def chunks(content: bytes) -> Chunks:
    """Return what a sample of a content holds."""
    scan, left = Scan(BUFFER), memoryview(content)
    while left:
        room = scan.room()
        piece = left[: len(room)]
        room[: len(piece)] = piece
        scan.take(len(piece))
        left = left[len(piece) :]
    sample = scan.finish().sample
    assert sample is not None
    return chunks_of(sample)


def likeness(upload: bytes, reference: bytes) -> Likeness | None:
    """Return how an upload resembles a reference."""
    return compare(chunks(upload), chunks(reference))


@HISTORIES
@given(SEEDS, SIZES, st.integers(0, 300 * KIB), st.integers(0, 300 * KIB))
def test_a_file_with_other_tags_is_found(seed: int, size: int, before: int, after: int) -> None:
    """ID3 or Vorbis, with or without a picture, at the head: whatever length it had and has now."""
    song = data(seed, size)
    one, other = data(seed + 1, before) + song, data(seed + 2, after) + song
    found = likeness(one, other)
    assert found is not None
    assert found.score > 0.6
    assert found.upload_start_bytes - before == found.reference_start_bytes - after >= 0
    assert found.upload_end_bytes - before == found.reference_end_bytes - after <= len(song)


@HISTORIES
@given(SEEDS, SIZES, st.floats(0, 0.2), st.floats(0, 0.2), st.integers(0, 300 * KIB))
def test_a_file_that_is_cut_and_added_to_is_found(seed: int, size: int, head: float, tail: float, added: int) -> None:
    """A fifth of it gone at either end, something else appended."""
    song = data(seed, size)
    cut = song[int(head * len(song)) : len(song) - int(tail * len(song))] + data(seed + 1, added)
    assert likeness(cut, song) is not None
    assert likeness(song, cut) is not None


@HISTORIES
@given(SEEDS, st.integers(6, 9), st.integers(0, 6 * MIB), st.integers(0, 6 * MIB))
def test_a_file_inside_a_longer_one_is_found(seed: int, size_mib: int, before: int, after: int) -> None:
    """Where it stands in the longer one, and whichever of them was registered."""
    song = data(seed, size_mib * MIB)
    longer = data(seed + 1, before) + song + data(seed + 2, after)
    found = likeness(longer, song)
    assert found is not None
    assert before <= found.upload_start_bytes <= found.upload_end_bytes <= before + len(song)
    assert found.upload_start_bytes - before == found.reference_start_bytes
    assert likeness(song, longer) is not None


@HISTORIES
@given(SEEDS, SIZES, SIZES, st.integers(0, 250 * KIB))
def test_files_that_share_a_picture_are_not_alike(seed: int, one: int, other: int, picture: int) -> None:
    """Two songs of the same album, each with its cover of up to 250 KiB at the head."""
    cover = data(seed, picture)
    assert likeness(cover + data(seed + 1, one), cover + data(seed + 2, other)) is None


@pytest.mark.parametrize("fill", [b"\0", b"\x01\x02", b"\xff" * 3])
def test_files_that_share_silence_are_not_alike(fill: bytes) -> None:
    """However long it lasts in both: one frame that repeats says nothing of where it comes from."""
    silence = fill * (4 * MIB // len(fill))
    assert likeness(data(1, MIB) + silence, data(2, MIB) + silence) is None
