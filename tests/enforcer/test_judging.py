"""The short ways of judging come to the same as the long one, and every verdict to what it says."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.contracts.decided import TakedownIssued, VerdictDecided, WorkRef
from services.contracts.inside import Ended
from services.contracts.rights import PLAIN, Licence, Segment, Terms
from services.enforcer.case import Case, Found, Standing, Taken
from services.enforcer.judging import claim_id, judge, judge_in_full
from tests.deciding import NOW, content
from tests.enforcer.facts import HIT, submission
from tests.enforcer.rights import BLOCKED, CLEAR, HELD, RIVAL, Action, alike, listed

Reason = VerdictDecided.Reason
CASE = Case(seen=1, submission=1, record=submission(), content=content("song"))
WORKS = (HIT, RIVAL, "label/other")
PLACES = st.sampled_from(((), (), ("DE",), ("DE", "FR"), ("US", "XK")))
TIMES = st.sampled_from((0, 0, NOW - 1, NOW, NOW + 1, NOW + 1_000))
LICENCES = st.builds(
    Licence,
    st.sampled_from(("a", "b")),
    st.sampled_from(("", "uploader", "somebody")),
    st.sampled_from(("", "fans", "others")),
    PLACES,
    st.sampled_from((0, 0, 10_000)),
    TIMES,
    TIMES,
)
TERMS = st.just(PLAIN) | st.builds(
    Terms,
    st.sampled_from(list(Action)),
    PLACES,
    st.sampled_from((0, 10_000)),
    TIMES,
    TIMES,
    st.lists(LICENCES, max_size=2).map(tuple),
    st.sampled_from(((), (), ("uploader",))),
    st.sampled_from(((), (Segment("m", 0, 20_000),))),
)
LIKENESSES = st.sampled_from((None, None, alike((0, 0)), alike((0, 9_000)), alike((0, 60_000), (5_000, 65_000))))
MATCHES = st.lists(st.builds(listed, st.sampled_from(WORKS), TERMS, likeness=LIKENESSES), max_size=4)
REFS = {work: WorkRef(*work.split("/")) for work in WORKS}
CLAIMS = st.sets(st.sampled_from(WORKS)).map(lambda works: tuple(claim_id(CASE, REFS[work]) for work in sorted(works)))
TAKEN = st.builds(
    Taken,
    st.sampled_from([*REFS.values()]),
    st.just(TakedownIssued.Basis.NOTICE),
    st.integers(1, 2),
    st.sampled_from((None, Reason.RELEASED, Reason.PENDING_REVIEW, Reason.LICENSED)),
)
ENDED = st.builds(
    Ended,
    st.sampled_from([*REFS.values()]),
    st.sampled_from(("WITHDRAWN", "SETTLED", "REPLACED", "DISPUTE_WON", "PROTECTED_CONTENT")),
)
CASES = st.builds(
    lambda where, lost, approved, taken, standing: replace(
        CASE, record=submission(territories=where), lost=lost, approved=approved, taken=taken, standing=standing
    ),
    PLACES,
    CLAIMS | st.just(()),
    CLAIMS | st.just(()),
    st.lists(TAKEN, max_size=2, unique_by=lambda taken: taken.work).map(tuple),
    st.sampled_from((Standing.GOOD, Standing.WATCHED, Standing.RESTRICTED)),
)
FOUNDS = st.builds(lambda matches, ended: Found(tuple(matches), tuple(ended)), MATCHES, st.lists(ENDED, max_size=2))


@settings(max_examples=600)
@given(CASES, FOUNDS)
def test_the_short_ways_come_to_the_same_as_the_long_one(case: Case, found: Found) -> None:
    """What matches nothing, and works that all block everywhere, are judged without weighing anything."""
    plain = tuple(replace(match, terms=PLAIN) for match in found.matches)
    for one in (found, replace(found, matches=()), replace(found, matches=plain), Found((listed(),))):
        assert judge(case, one, NOW) == judge_in_full(case, one, NOW)


@settings(max_examples=600)
@given(CASES, FOUNDS)
def test_every_judgement_holds_together(case: Case, found: Found) -> None:
    """Only BLOCKED takes down; HELD names what waits, or is for standing; CLEAR names only what is reported."""
    judgement = judge(case, found, NOW)
    matched = {(match.rightsholder_id, match.work_id) for match in found.matches}
    named = {(one.work.rightsholder_id, one.work.work_id) for one in judgement.named}
    assert named <= matched
    assert judgement.reasons
    assert (judgement.verdict is BLOCKED) == bool(judgement.blocked)
    assert not judgement.held or judgement.verdict is HELD
    if judgement.verdict is BLOCKED:
        assert judgement.named == judgement.blocked
        assert set(judgement.reasons) <= {Reason.IDENTICAL, Reason.SIMILAR}
    if judgement.verdict is CLEAR:
        assert {one.work for one in judgement.named} == set(judgement.tracked)
        assert not {Reason.PENDING_REVIEW, Reason.STANDING} & set(judgement.reasons)
    assert judgement.flips_at is None or judgement.flips_at > NOW


@settings(max_examples=300)
@given(CASES, FOUNDS)
def test_nothing_changes_between_now_and_the_next_flip(case: Case, found: Found) -> None:
    """A timer at each window is enough: a judgement holds until it, to the last millisecond."""
    judgement = judge(case, found, NOW)
    until = NOW + 10**9 if judgement.flips_at is None else judgement.flips_at - 1
    assert judge(case, found, until) == judgement


@settings(max_examples=200)
@given(CASES, FOUNDS)
def test_what_is_protected_is_touched_by_nothing(case: Case, found: Found) -> None:
    """Whatever lists it, whoever uploaded it, and whatever else was decided."""
    judgement = judge(replace(case, protected=(content("song").blake3,)), found, NOW)
    assert (judgement.verdict, judgement.reasons) == (CLEAR, (Reason.PROTECTED_CONTENT,))
    assert not judgement.named


def test_other_bytes_of_the_same_upload_are_not_protected() -> None:
    """A ruling is about bytes."""
    judgement = judge(replace(CASE, protected=(content("other").blake3,)), Found((listed(),)), NOW)
    assert judgement.verdict is BLOCKED


def test_a_watched_upload_waits_until_it_is_compared_in_full() -> None:
    """And is held for nobody then; a community's standing never means more than that (G7)."""
    watched = replace(CASE, standing=Standing.WATCHED)
    assert judge(watched, Found(), NOW, complete=False).reasons == (Reason.STANDING,)
    assert judge(watched, Found(), NOW).verdict is CLEAR
    assert judge(watched, Found((listed(),)), NOW, complete=False).verdict is BLOCKED
