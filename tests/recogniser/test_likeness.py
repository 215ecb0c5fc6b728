"""When two contents resemble one another, and where."""

from collections.abc import Iterable

import pytest

from services.contracts.sample import DIGEST_MAX, Chunks, Likeness, Place, chunks_of
from services.recogniser.likeness import compare
from tests.recogniser.facts import CHUNK_BYTES, sample


def _compare(upload: Iterable[int], reference: Iterable[int]) -> Likeness | None:
    return compare(chunks_of(sample(upload)), chunks_of(sample(reference)))


@pytest.mark.parametrize(
    ("upload", "reference", "score"),
    [
        (range(10), range(10), 1.0),
        (range(1, 10), range(10), 1.0),
        ([99, *range(1, 10)], range(10), 0.9),
        (range(4, 10), range(10), 1.0),
        ([*range(10), *range(50, 70)], range(10), 1.0),
        (range(10), [*range(50, 70), *range(10)], 1.0),
        ([*range(5), *range(50, 55)], range(10), 0.5),
        ([*range(4), *range(50, 54)], range(20), 0.5),
    ],
)
def test_half_of_one_of_the_two_is_enough(upload: Iterable[int], reference: Iterable[int], score: float) -> None:
    """Other tags, a cut head, an appended part, a file inside a longer one, from either side; down to the threshold."""
    likeness = _compare(upload, reference)
    assert likeness is not None
    assert likeness.score == pytest.approx(score)


@pytest.mark.parametrize(
    ("upload", "reference"),
    [
        ([*range(4), *range(50, 56)], range(10)),
        (range(3), range(3)),
        ([*range(3), *range(50, 53)], [*range(3), *range(60, 63)]),
        (range(10), range(50, 60)),
    ],
)
def test_less_is_not_enough(upload: Iterable[int], reference: Iterable[int]) -> None:
    """A share below the threshold of both, as of a picture; and fewer than four chunks, however large a share."""
    assert _compare(upload, reference) is None


def test_the_places_are_the_least_extent_of_what_is_shared() -> None:
    """From where the first shared chunk begins to where the last one ends, in either."""
    likeness = _compare([99, 98, *range(5)], [97, *range(5), 96])
    first, last = 2 * CHUNK_BYTES, 7 * CHUNK_BYTES
    assert likeness == Likeness(5 / 7, first, last, CHUNK_BYTES, 6 * CHUNK_BYTES)


def test_samples_are_compared_below_the_smaller_limit() -> None:
    """What one of the two would not have kept says nothing about either."""
    low = {chunk: Place(chunk, 1).packed for chunk in range(1, 6)}
    high = {DIGEST_MAX - chunk: Place(10 + chunk, 1).packed for chunk in reversed(range(50))}
    thin, whole = Chunks(100, low), Chunks(DIGEST_MAX, {**low, **high})
    expected = Likeness(1.0, 1, 6, 1, 6)
    assert compare(thin, whole) == expected
    assert compare(whole, thin) == expected
