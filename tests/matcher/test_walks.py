"""Random walks: the matcher is total, and a record decided twice says nothing the second time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.inside import ListingApplied
from services.contracts.rights import PLAIN
from tests.deciding import Said
from tests.matcher.facts import (
    DIGEST,
    TRACK,
    Answer,
    Fact,
    came,
    counted,
    gone,
    lost,
    matcher,
    protect,
    protected,
    put,
    went,
    worth,
)
from tests.matcher.test_comparing import compared, likes, nothing, sampled

UPLOADS, WORKS = st.sampled_from("abc"), st.sampled_from(("label/one", "label/two", "rival/one"))
SMALL = st.integers(1, 4)
REFERENCES = st.sampled_from(("master", "remix"))
FACTS = st.one_of(
    st.builds(came, UPLOADS, SMALL),
    st.builds(went, UPLOADS, SMALL),
    st.builds(put, WORKS, SMALL, REFERENCES),
    st.builds(gone, WORKS, SMALL, REFERENCES, st.sampled_from(("WITHDRAWN", "REPLACED"))),
)
OFFSETS = st.integers(-1, 12)
ALIKE = st.one_of(
    st.builds(sampled, UPLOADS, SMALL),
    st.builds(compared, OFFSETS) | st.builds(compared, OFFSETS, REFERENCES),
    st.builds(likes, OFFSETS, SMALL, REFERENCES),
    st.builds(nothing, OFFSETS, REFERENCES),
)


RULED = st.one_of(
    st.builds(worth, st.sampled_from((PLAIN, TRACK)), SMALL, WORKS, SMALL),
    st.builds(counted, WORKS, SMALL),
    st.builds(lost, WORKS),
)
PROTECTED = st.builds(protect, WORKS, SMALL) | st.builds(protected)
FOLLOW_UPS = (Answer.ENFORCED, Answer.CONFLICTED)


def without_answers(said: Said) -> list[object]:
    """Return the facts but for the answer that every change of a listing gets, as often as it is read."""
    return [emit.fact for emit in said if not isinstance(emit.fact, ListingApplied) or emit.fact.answer in FOLLOW_UPS]


@settings(max_examples=200)
@given(st.lists(st.one_of(FACTS, FACTS, ALIKE, ALIKE, RULED, PROTECTED, st.none()), max_size=30))
def test_any_facts_in_any_order_are_decided_and_once(facts: list[Fact | None]) -> None:
    """Poison: no exception on any fact; a fact decided again at once changes nothing and says nothing new.

    None is a turn of the round.
    """
    deciding = matcher()
    for fact in facts:
        if fact is None:
            deciding.wake()
            continue
        event = deciding.event(DIGEST, fact)
        deciding.decide(event)
        before = deciding.entry(DIGEST)
        assert without_answers(deciding.decide(event)) == []
        assert deciding.entry(DIGEST) == before
    deciding.pass_time(0)
    assert deciding.store.next_due() is None


@settings(max_examples=100)
@given(st.lists(st.tuples(UPLOADS, SMALL, st.booleans()), max_size=30))
def test_the_count_of_copies_is_the_number_of_copies(changes: list[tuple[str, int, bool]]) -> None:
    """`copies_found` is counted from the head: it must never drift from what is there."""
    deciding = matcher()
    deciding.on(DIGEST, put())
    for upload_id, submission, present in changes:
        deciding.on(DIGEST, came(upload_id, submission) if present else went(upload_id, submission))
        copies = [one for one in "abc" if deciding.entry(DIGEST, f"copy/{one}") is not None]
        assert deciding.entry(DIGEST).copies == len(copies)
