"""What a sieve lets pass: whatever is there, at any time, and little else."""

from collections.abc import Iterator
from random import Random

import pytest

from services.contracts.sample import DIGEST_MAX
from services.runtime.sieve import ROOM_MIN, Sieve

MANY = ROOM_MIN * 3
MOST_WRONG = 1 / 50
"""Of what is not there; a sieve that is as full as it gets lets one in 70 pass."""


def _digests(seed: int, count: int, most: int = DIGEST_MAX) -> list[int]:
    random = Random(seed)
    return [random.randrange(most) for _ in range(count)]


def _sift_all(sieve: Sieve, there: list[int]) -> None:
    for _ in range(0, len(there) + 1, 50_000):
        sieve.sift(50_000)


@pytest.mark.parametrize("count", [0, 1, ROOM_MIN // 2, ROOM_MIN // 2 + 1, MANY])
def test_what_was_there_passes_and_little_else(count: int) -> None:
    """Also where the digests are of large contents, of which the lowest are kept."""
    there = _digests(1, count, DIGEST_MAX // 8)
    sieve = Sieve(lambda: (len(there), iter(there)))
    _sift_all(sieve, there)
    assert sieve.passing(set(there)) == set(there)
    strangers = set(_digests(2, 20_000, DIGEST_MAX // 8))
    assert len(sieve.passing(strangers)) <= MOST_WRONG * len(strangers)


def test_nothing_is_held_back_while_it_walks() -> None:
    """What is there may not have been met yet; what is added meanwhile may never be."""
    there = _digests(1, 1_000)
    sieve = Sieve(lambda: (len(there), iter(there)))
    sieve.sift(999)
    assert sieve.passing(set(there)) == set(there)
    sieve.add(5)
    sieve.sift(10)
    assert sieve.passing({*there, 5, 6}) == {*there, 5}


def test_it_walks_again_before_too_much_passes_and_forgets_what_is_gone() -> None:
    """However much is added and removed, in a room that what is there needs; what comes meanwhile passes throughout."""
    there: list[int] = []
    walks = 0

    def walk() -> tuple[int, Iterator[int]]:
        nonlocal walks
        walks += 1
        return len(there), iter([*there])

    sieve = Sieve(walk)
    for added in range(40):
        there = _digests(added, ROOM_MIN // 4)
        for term in there:
            sieve.add(term)
            sieve.sift(100)
        assert sieve.passing(set(there)) == set(there)
    strangers = set(_digests(99, 20_000))
    assert len(sieve.passing(strangers)) <= MOST_WRONG * len(strangers)
    assert sieve.passing(set(_digests(0, ROOM_MIN // 4))) != set(_digests(0, ROOM_MIN // 4))
    assert 5 < walks < 40
