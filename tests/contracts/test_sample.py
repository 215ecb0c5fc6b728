"""What a sample keeps of a content's chunks, and what two of them tell."""

from random import Random

import pytest

from services.contracts.sample import (
    DIGEST_MAX,
    KEPT_MAX,
    KEPT_MIN,
    ONE_IN,
    Keeping,
    Place,
    chunks_of,
    sample_of,
)


def _places(count: int, seed: int = 1) -> dict[int, Place]:
    random = Random(seed)
    return {random.randrange(2**64): Place(96 * 1024 * number, 96 * 1024) for number in range(count)}


@pytest.mark.parametrize("count", [0, 1, KEPT_MIN, KEPT_MIN + 1, 1_000, KEPT_MAX * ONE_IN + 3_000])
def test_a_sample_holds_every_chunk_up_to_its_limit(count: int) -> None:
    """And each with its place; that of large content is bounded, and that of small content whole."""
    places = _places(count)
    limit, kept = chunks_of(sample_of(places))
    assert list(kept.items()) == sorted((digest, at.packed) for digest, at in places.items() if digest <= limit)
    assert min(count, KEPT_MIN) <= len(kept) <= KEPT_MAX


def test_the_limit_is_fixed_where_it_can_be() -> None:
    """One in four of the chunks, so that samples of contents of all lengths can be compared."""
    assert chunks_of(sample_of(_places(2_000))).limit == DIGEST_MAX // ONE_IN
    assert chunks_of(sample_of(_places(KEPT_MIN))).limit == DIGEST_MAX


@pytest.mark.parametrize("count", [0, 5, KEPT_MIN, 1_000, 3_000, 20_000, KEPT_MAX * ONE_IN * 3])
def test_chunks_that_come_one_by_one_give_the_same_sample(count: int) -> None:
    """And no more of them are held than twice what a sample has, however many come."""
    places, keeping = _places(count), Keeping()
    for digest, place in places.items():
        if digest <= keeping.limit:
            keeping.keep(digest, place)
        assert len(keeping.places) <= 2 * KEPT_MAX
    assert keeping.sample() == sample_of(places)


def test_places_at_the_bounds_survive() -> None:
    """The largest start, length and digest."""
    places = {DIGEST_MAX: Place(2**40 - 1, 2**24 - 1), 0: Place(0, 1)}
    chunks = chunks_of(sample_of(places))
    assert {digest: chunks.place(digest) for digest in chunks.places} == places
