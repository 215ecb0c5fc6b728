"""A sample in parts: nothing is lost, each part is as large as the others, and the sum is the whole."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.parts import (
    PARTS_MAX,
    STEPS,
    counts_of,
    divided,
    part_of,
    shared,
    step_below,
    together,
)
from services.contracts.sample import DIGEST_MAX, KEPT_MAX, ONE_IN, Place, Sample, chunks_of, sample_of

BYTES_OF_A_CHUNK = 25_000
DIGESTS = st.sets(st.integers(0, DIGEST_MAX), min_size=1, max_size=300)
PARTS = st.integers(1, PARTS_MAX)


def _sample(digests: set[int]) -> Sample:
    places = enumerate(sorted(digests, key=lambda digest: digest % 997))
    return sample_of({digest: Place(BYTES_OF_A_CHUNK * at, BYTES_OF_A_CHUNK) for at, digest in places})


def test_steps_go_down_by_a_twelfth_and_meet_the_limits_that_nearly_all_samples_have() -> None:
    """So that nothing is left out where a sample has all chunks, or one in four."""
    assert all(0.9 < lower / higher < 0.93 for higher, lower in pairwise(STEPS))
    assert {DIGEST_MAX, DIGEST_MAX // ONE_IN} <= set(STEPS)


@given(st.integers(STEPS[-1], DIGEST_MAX), st.integers(STEPS[-1], DIGEST_MAX))
def test_the_step_of_two_limits_is_the_highest_under_both(one: int, other: int) -> None:
    """And not one that is higher than what is known of either."""
    step = step_below(one, other)
    assert STEPS[step] <= min(one, other)
    assert step == 0 or STEPS[step - 1] > min(one, other)


@given(DIGESTS, PARTS)
def test_the_parts_have_every_chunk_once_where_it_stands(digests: set[int], parts: int) -> None:
    """And a part that has none is not there."""
    whole = chunks_of(_sample(digests))
    found = {part: chunks_of(share) for part, share in divided(_sample(digests), parts).items()}
    assert all(share.places and share.limit == whole.limit for share in found.values())
    assert [*found] == list({part_of(chunk, parts): None for chunk in whole.places})
    assert Counter(whole.places.items()) == Counter(pair for share in found.values() for pair in share.places.items())


@given(st.integers(0, DIGEST_MAX), PARTS, st.integers(2, 8))
def test_a_chunk_of_a_part_is_in_one_of_those_that_it_is_divided_into(chunk: int, parts: int, times: int) -> None:
    """So an index can be divided further entry by entry."""
    assert part_of(chunk, parts * times) % parts == part_of(chunk, parts)


@pytest.mark.parametrize("apart", [1, 2**8, 2**32, 2**40])
def test_parts_are_of_one_size_however_chunks_are_made(apart: int) -> None:
    """No digits of a digest decide alone: those above a limit are zero, and stores go by the lowest."""
    found = Counter(part_of(number * apart, PARTS_MAX) for number in range(PARTS_MAX * 1_000))
    assert all(800 < found[part] < 1_200 for part in range(PARTS_MAX)), found


@given(DIGESTS)
def test_chunks_are_counted_below_every_step_under_the_limit(digests: set[int]) -> None:
    """As many as there are, and none below those that are left out."""
    chunks, counts = chunks_of(_sample(digests)), counts_of(_sample(digests))
    for step in range(step_below(chunks.limit), len(STEPS)):
        assert counts.at(step) == sum(chunk <= STEPS[step] for chunk in chunks.places)


def test_the_counts_of_the_largest_sample_are_few() -> None:
    """They are kept of every reference, in every part."""
    counts = counts_of(_sample({2 * number + 1 << 49 for number in range(KEPT_MAX * ONE_IN)}))
    assert len(counts.below) < 128


@given(DIGESTS, DIGESTS, DIGESTS, PARTS)
def test_what_parts_share_is_together_what_is_shared(
    both: set[int], of_upload: set[int], of_reference: set[int], parts: int
) -> None:
    """As many chunks, from the first to the last of them in each."""
    upload, reference = _sample(both | of_upload), _sample(both | of_reference)
    step = step_below(chunks_of(upload).limit, chunks_of(reference).limit)
    whole = shared(chunks_of(upload), chunks_of(reference), step)
    of_parts = [divided(each, parts) for each in (upload, reference)]
    found = [
        one
        for part in of_parts[0].keys() & of_parts[1].keys()
        if (one := shared(chunks_of(of_parts[0][part]), chunks_of(of_parts[1][part]), step))
    ]
    assert (together(found) if found else None) == whole
