"""What a listing is worth: terms that come with it, travel with every match, and are replaced by newer ones."""

import pytest
from msgspec.structs import replace

from services.contracts.inside import ListingChanged
from services.contracts.rights import PLAIN, Terms
from services.contracts.sample import LIKENESSES_MAX
from services.contracts.topics import LISTINGS_APPLIED, MATCHES_FOUND, MATCHES_REVISED
from tests.deciding import Deciding, Said
from tests.matcher.facts import (
    DIGEST,
    TRACK,
    Answer,
    answered,
    answers,
    came,
    ended,
    gone,
    matcher,
    on,
    protected,
    told,
    works,
    worth,
)
from tests.matcher.test_comparing import LIKENESS, likes

HIT = "label/hit"
GERMANY = Terms(territories=("DE",))


def refresh(terms: Terms, terms_version: int) -> ListingChanged:
    """Return the registry's change of the terms of a likeness, of which it keeps no evidence."""
    return replace(likes(), likeness=None, terms=terms, terms_version=terms_version)


def last_terms(said: Said) -> list[Terms]:
    """Return the terms that each upload was told."""
    return [match.terms for one in said.of(MATCHES_REVISED) for match in one.matches]


def listed(terms: Terms = PLAIN, terms_version: int = 5) -> Deciding:
    """Return a matcher with one copy that was told of one listing."""
    deciding = matcher()
    on(deciding, came("u"), worth(terms, terms_version))
    deciding.pass_time(0)
    return deciding


def test_a_copy_is_told_what_each_listing_is_worth() -> None:
    """The enforcer decides by the terms that travel with the match: no second topic races with it."""
    deciding = matcher()
    on(deciding, worth(GERMANY, 5), worth(TRACK, 6, "rival/hit"), worth(work="third/hit"))
    (found,) = on(deciding, came("u")).of(MATCHES_FOUND)
    assert [match.terms for match in found.matches] == [GERMANY, TRACK, PLAIN]


def test_newer_terms_of_the_same_registration_are_passed_on_to_every_copy() -> None:
    """Licences act backwards: a new version of the digest, a round; who comes later is told them at once."""
    deciding = listed()
    said = on(deciding, worth(TRACK, 6))
    assert [(one.answer, one.version, one.terms_version) for one in said.of(LISTINGS_APPLIED)] == [
        (Answer.APPLIED, 1, 6)
    ]
    (found,) = on(deciding, came("v")).of(MATCHES_FOUND)
    assert (found.version, found.matches[0].terms) == (2, TRACK)
    said = deciding.pass_time(0)
    assert (told(said), last_terms(said)) == ([("u", 2, [HIT])], [TRACK])
    assert answers(said) == [], "it is no new registration, so nothing is enforced anew"


def test_newer_terms_that_are_worth_the_same_are_answered_and_tell_nobody() -> None:
    """A catalogue's action that says nothing new of this work costs no round through a million copies."""
    deciding = listed(TRACK)
    said = on(deciding, worth(TRACK, 6))
    assert [(one.answer, one.terms_version) for one in said.of(LISTINGS_APPLIED)] == [(Answer.APPLIED, 6)]
    assert deciding.store.next_due() is None
    assert deciding.entry(DIGEST).version == 1
    assert deciding.entry(DIGEST).listings[0].terms_version == 6


@pytest.mark.parametrize("terms_version", [4, 5])
def test_terms_that_are_not_newer_change_nothing_and_are_answered(terms_version: int) -> None:
    """Whoever put them again waits for an answer, and gets it with the version of what was put."""
    deciding = listed(TRACK)
    before = deciding.entry(DIGEST)
    said = on(deciding, worth(GERMANY, terms_version))
    assert [(one.answer, one.terms_version) for one in said.of(LISTINGS_APPLIED)] == [(Answer.APPLIED, terms_version)]
    assert deciding.entry(DIGEST) == before


def test_a_refresh_in_the_midst_of_a_round_lets_it_come_full_circle_before_enforced() -> None:
    """ENFORCED says that every copy knows the listing, under whatever terms are in force by then."""
    deciding = matcher()
    on(deciding, came("u"), worth(PLAIN, 5))
    assert answers(on(deciding, worth(TRACK, 6))) == [(HIT, 1, Answer.APPLIED, 1)]
    said = deciding.pass_time(0)
    assert (last_terms(said), answered(said, Answer.ENFORCED)) == ([TRACK], [(HIT, 1)])


def test_the_count_of_copies_stays_that_of_the_registration() -> None:
    """`copies_found` is how many there were when it was registered, not when a licence came."""
    deciding = listed()
    on(deciding, came("v"), came("w"))
    assert answers(on(deciding, worth(TRACK, 6))) == [(HIT, 1, Answer.APPLIED, 1)]


def test_a_replacement_with_other_terms_is_enforced_when_every_copy_knows_them() -> None:
    """A new registration may narrow its policy: who was there must learn it before ENFORCED."""
    deciding = listed()
    said = on(deciding, worth(GERMANY, 7, version=7))
    assert answers(said) == [(HIT, 7, Answer.APPLIED, 1)]
    said = deciding.pass_time(0)
    assert (last_terms(said), answered(said, Answer.ENFORCED)) == ([GERMANY], [(HIT, 7)])


def test_the_terms_of_a_likeness_are_refreshed_and_its_evidence_stays() -> None:
    """The registry keeps no evidence: it puts a likeness again without one, and the matcher knows it still."""
    deciding = matcher()
    on(deciding, came("u"), likes())
    deciding.pass_time(0)
    (answer,) = on(deciding, refresh(TRACK, 6)).of(LISTINGS_APPLIED)
    assert (answer.answer, answer.similar, answer.terms_version) == (Answer.APPLIED, True, 6)
    ((match,),) = [one.matches for one in deciding.pass_time(0).of(MATCHES_REVISED)]
    assert (match.likeness, match.terms) == (LIKENESS, TRACK)
    on(deciding, replace(refresh(GERMANY, 7), version=7))
    ((match,),) = [one.matches for one in deciding.pass_time(0).of(MATCHES_REVISED)]
    assert (match.likeness, match.terms) == (LIKENESS, GERMANY)


def test_a_likeness_that_is_put_again_with_its_evidence_is_answered() -> None:
    """Bytes that went and came back are asked about once more: the listing that is there is answered for."""
    deciding = matcher()
    on(deciding, likes())
    for again in (likes(), replace(likes(), terms=TRACK, terms_version=1)):
        (answer,) = on(deciding, again).of(LISTINGS_APPLIED)
        assert (answer.answer, answer.terms_version) == (Answer.APPLIED, again.terms_version)
    assert len(deciding.entry(DIGEST).listings) == 1


def test_the_refresh_of_a_likeness_that_was_refused_is_refused_again() -> None:
    """It is remembered by the registry all the same, which must not wait for it; without evidence nothing is listed."""
    deciding = matcher()
    on(deciding, *(likes(reference_id=f"r{number}") for number in range(LIKENESSES_MAX)))
    more = replace(refresh(TRACK, 6), reference_id="more")
    for _ in range(2):
        (answer,) = on(deciding, more).of(LISTINGS_APPLIED)
        assert (answer.answer, answer.similar, answer.terms_version) == (Answer.REFUSED, True, 6)
        on(deciding, replace(gone(reference_id="r0"), similar=True))
    assert len(deciding.entry(DIGEST).listings) == LIKENESSES_MAX - 1
    said = on(deciding, replace(more, likeness=LIKENESS))
    assert answers(said) == [(HIT, 1, Answer.APPLIED, 0), (HIT, 1, Answer.ENFORCED, 0)]


def test_a_refresh_of_what_has_been_protected_is_answered_so() -> None:
    """Its terms matter to nobody any more, and nobody waits for them."""
    deciding = listed()
    on(deciding, protected())
    assert answered(on(deciding, worth(TRACK, 6)), Answer.PROTECTED) == [(HIT, 1)]
    said = deciding.pass_time(0)
    assert [works(one) for one in said.of(MATCHES_REVISED)] == [[]]
    assert ended(said) == {HIT: "PROTECTED_CONTENT"}


def test_plain_terms_cost_nothing_in_the_state() -> None:
    """Most works have no others: they arrive as an object of their own and are kept as the default."""
    deciding = matcher()
    on(deciding, worth(Terms(), 0))
    assert b"terms" not in (deciding.store.get(DIGEST, "") or b"")
