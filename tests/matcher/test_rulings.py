"""What was ruled on bytes: protected content, and claims that were lost."""

import pytest

from services.contracts.inside import ContentRuled, ListingChanged
from services.contracts.topics import MATCHES_FOUND, MATCHES_REVISED
from services.matcher.state import LOST_MAX, Round
from tests.deciding import Deciding
from tests.matcher.facts import (
    DIGEST,
    Answer,
    answered,
    answers,
    came,
    counted,
    ended,
    gone,
    lost,
    matcher,
    on,
    protect,
    protected,
    put,
    told,
    went,
)
from tests.matcher.test_comparing import compared, likes, waiting

HIT, RIVAL = "label/hit", "rival/hit"


def blocked() -> Deciding:
    """Return a matcher with one copy of bytes that two works list, and that knows it."""
    deciding = matcher()
    on(deciding, came("u"), put(HIT), put(HIT, reference_id="remix"), put(RIVAL))
    deciding.pass_time(0)
    return deciding


@pytest.mark.parametrize("ruling", [protected(), protect()])
def test_protected_bytes_match_nothing_any_more(ruling: ContentRuled | ListingChanged) -> None:
    """Whoever found it, reviewing an upload or a registration: every copy is told, and who comes later at once."""
    deciding = blocked()
    on(deciding, ruling)
    (found,) = on(deciding, came("v")).of(MATCHES_FOUND)
    assert found.matches == ()
    said = deciding.pass_time(0)
    assert told(said) == [("u", 4, [])]
    assert ended(said) == {HIT: "PROTECTED_CONTENT", RIVAL: "PROTECTED_CONTENT"}


def test_the_question_to_protect_is_answered_each_time_and_begins_one_round() -> None:
    """Large keys: a second reviewer's word changes nothing."""
    deciding = blocked()
    for _ in range(2):
        assert answered(on(deciding, protect(version=7)), Answer.PROTECTED) == [(HIT, 7)]
    on(deciding, protected())
    assert deciding.entry(DIGEST).version == 4


def test_nothing_is_listed_on_protected_bytes() -> None:
    """A registration of them is answered PROTECTED, a likeness too, and nothing is stored."""
    deciding = matcher()
    on(deciding, protected())
    before = deciding.entry(DIGEST)
    assert answers(on(deciding, put(HIT, 3))) == [(HIT, 3, Answer.PROTECTED, 0)]
    assert answers(on(deciding, likes(version=3))) == [(HIT, 3, Answer.PROTECTED, 0)]
    assert deciding.entry(DIGEST) == before


def test_who_waits_for_a_likeness_of_protected_bytes_is_told_when_it_is_answered() -> None:
    """PROTECTED is an answer as every other is: nothing is in doubt any more."""
    deciding, admission = waiting()
    on(deciding, protected(), compared(admission, "master"))
    said = on(deciding, likes(admission))
    assert told(said) == [("a", 1, [])]
    assert deciding.store.next_due() == 0
    deciding.pass_time(0)
    assert deciding.store.next_due() is None


def test_bytes_stay_protected_when_no_copy_is_left() -> None:
    """A person has decided for ever; the state of bytes that nobody has is kept for it."""
    deciding = matcher()
    on(deciding, came("u"), protected(), went("u"))
    assert answered(on(deciding, put()), Answer.PROTECTED) == [(HIT, 1)]


def test_what_was_listed_before_is_removed_and_counted_as_ever() -> None:
    """Listings are kept, so that the registry's answers stay as they are; and the reason does not change any more."""
    deciding = blocked()
    on(deciding, protected())
    said = on(deciding, gone(HIT), gone(HIT, reference_id="remix"))
    assert answered(said, Answer.REMOVED) == [(HIT, 1), (HIT, 1)]
    assert ended(deciding.pass_time(0)) == {HIT: "PROTECTED_CONTENT", RIVAL: "PROTECTED_CONTENT"}


def test_a_lost_claim_spares_every_copy_of_these_bytes_from_that_work_alone() -> None:
    """Every reference of the work is left out; others' claims stand; nobody is ever told of it again."""
    deciding = blocked()
    on(deciding, lost(HIT))
    said = on(deciding, came("v"))
    assert told(said) == [("v", 4, [RIVAL])]
    assert ended(said) == {HIT: "DISPUTE_WON"}
    assert told(deciding.pass_time(0)) == [("u", 4, [RIVAL])]
    on(deciding, put(HIT, 2))
    assert told(on(deciding, came("w"))) == [("w", 4, [RIVAL])]


def test_a_work_that_registers_again_after_a_lost_claim_is_in_force_and_told_to_nobody() -> None:
    """Its registration is accepted, for its other references' sake; these bytes it has lost for good."""
    deciding = matcher()
    on(deciding, came("u"), put(HIT), lost(HIT), gone(HIT, reason="SETTLED"))
    assert ended(deciding.pass_time(0)) == {HIT: "DISPUTE_WON"}
    assert answered(on(deciding, put(HIT, 2)), Answer.APPLIED) == [(HIT, 2)]
    said = deciding.pass_time(0)
    assert [(one.matches, len(one.ended)) for one in said.of(MATCHES_REVISED)] == [((), 1)]
    assert ended(said) == {HIT: "DISPUTE_WON"}
    assert answered(said, Answer.ENFORCED) == [(HIT, 2)]


def test_the_same_ruling_twice_is_one() -> None:
    """Deciding a second time emits nothing and begins no round."""
    deciding = blocked()
    on(deciding, lost(HIT))
    deciding.pass_time(0)
    on(deciding, lost(HIT))
    assert deciding.entry(DIGEST).round is None
    assert len(deciding.entry(DIGEST).lost) == 1


def test_lost_claims_are_remembered_up_to_a_bound() -> None:
    """Large keys: as many as there can be listings; what is listed stays out of force, of the others the oldest go."""
    deciding = matcher()
    on(deciding, put("label/w0"), put("label/w1"))
    on(deciding, *(lost(f"label/w{number}") for number in range(LOST_MAX + 1)))
    assert len(deciding.entry(DIGEST).lost) == LOST_MAX
    assert [works for _, _, works in told(on(deciding, came("u"), put("label/w2")))][-1] == []
    assert [works for _, _, works in told(on(deciding, came("v")))] == [["label/w2"]]


def test_a_ruling_in_the_midst_of_a_round_moves_its_end() -> None:
    """As every change does; what was listed before is enforced when all have been told."""
    deciding = matcher()
    on(deciding, came("u"), put(HIT), lost(HIT))
    assert deciding.entry(DIGEST).round == Round()
    said = deciding.pass_time(0)
    assert (told(said), answered(said, Answer.ENFORCED)) == ([("u", 2, [])], [(HIT, 1)])


@pytest.mark.parametrize(
    ("history", "answer"),
    [
        ([], (HIT, 9, Answer.COUNTED, 0)),
        ([came("u"), came("v"), came("v", 2)], (HIT, 9, Answer.COUNTED, 2)),
        ([came("u"), went("u")], (HIT, 9, Answer.COUNTED, 0)),
        ([came("u"), protected()], (HIT, 9, Answer.PROTECTED, 1)),
    ],
)
def test_a_question_for_the_count_stores_nothing(
    history: list[ContentRuled], answer: tuple[str, int, Answer, int]
) -> None:
    """A newcomer must not be able to hold popular content by asking for it."""
    deciding = matcher()
    on(deciding, *history)
    before = deciding.entry(DIGEST)
    assert answers(on(deciding, counted(version=9))) == [answer]
    assert deciding.entry(DIGEST) == before
