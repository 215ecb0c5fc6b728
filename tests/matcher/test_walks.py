"""Random walks: the matcher is total, and a record decided twice says nothing the second time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.inside import ContentCompared, CopyChanged, ListingApplied, ListingChanged
from tests.deciding import Said
from tests.matcher.facts import DIGEST, Answer, came, gone, matcher, put, went
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


def without_removals(said: Said) -> list[object]:
    """Return the facts but for REMOVED, which is answered in any case and so leaves no trace."""
    return [
        emit.fact
        for emit in said
        if not isinstance(emit.fact, ListingApplied) or emit.fact.answer is not Answer.REMOVED
    ]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(FACTS, ALIKE, st.none()), max_size=30))
def test_any_facts_in_any_order_are_decided_and_once(
    facts: list[CopyChanged | ListingChanged | ContentCompared | None],
) -> None:
    """Poison: no exception on any fact; a fact decided again at once says nothing new. None is a turn of the round."""
    deciding = matcher()
    for fact in facts:
        if fact is None:
            deciding.wake()
            continue
        event = deciding.event(DIGEST, fact)
        deciding.decide(event)
        assert without_removals(deciding.decide(event)) == []
    deciding.pass_time(0)
    assert deciding.store.next_due() is None


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(UPLOADS, SMALL, st.booleans()), max_size=30))
def test_the_count_of_copies_is_the_number_of_copies(changes: list[tuple[str, int, bool]]) -> None:
    """`copies_found` is counted from the head: it must never drift from what is there."""
    deciding = matcher()
    deciding.on(DIGEST, put())
    for upload_id, submission, present in changes:
        deciding.on(DIGEST, came(upload_id, submission) if present else went(upload_id, submission))
        copies = [one for one in "abc" if deciding.entry(DIGEST, f"copy/{one}") is not None]
        assert deciding.entry(DIGEST).copies == len(copies)
