"""What follows from the matcher's answers: ENFORCED, CONFLICTED, and listings that are refused."""

from itertools import permutations

import pytest

from services.contracts.inside import ListingApplied
from services.contracts.topics import WORKS_RECEIPTS
from tests.registry.facts import (
    Answer,
    Reason,
    Status,
    answer,
    by_digest,
    in_force,
    listings,
    on,
    receipts,
    refusals,
    registers,
    registry,
    releases,
    work,
)

APPLIED, ENFORCED, REMOVED = Answer.APPLIED, Answer.ENFORCED, Answer.REMOVED
REFUSED, CONFLICTED = Answer.REFUSED, Answer.CONFLICTED
ACCEPTED = Status.ACCEPTED


def answers_in_order() -> list[tuple[ListingApplied, ...]]:
    """Return every order in which two digests can answer: each applied before it is enforced."""
    facts = [answer(which, label, copies=0) for label in "ab" for which in (APPLIED, CONFLICTED, ENFORCED)]
    orders = permutations(facts)
    return [order for order in orders if all(_in_order(order, label) for label in "ab")]


def _in_order(order: tuple[ListingApplied, ...], label: str) -> bool:
    answers = [one.answer for one in order if one.reference_id == label]
    return answers == [APPLIED, CONFLICTED, ENFORCED]


@pytest.mark.parametrize("order", answers_in_order())
def test_accepted_comes_first_and_the_others_once(order: tuple[ListingApplied, ...]) -> None:
    """CONFLICTED and ENFORCED follow ACCEPTED, each once, however the digests' answers are mixed; also of 0 copies."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a"), by_digest("b")))
    said = [status for fact in order for _, status in receipts(on(deciding, fact))]
    assert said[0] is ACCEPTED
    assert sorted(said[1:]) == [Status.CONFLICTED, Status.ENFORCED]


def test_what_was_answered_before_the_last_listing_is_told_with_accepted() -> None:
    """The last answer may be a refusal: nothing comes after it that could remind the registry."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a"), by_digest("full")))
    assert on(deciding, answer(APPLIED, "a"), answer(CONFLICTED, "a"), answer(ENFORCED, "a")) == ()
    said = receipts(on(deciding, answer(REFUSED, "full")))
    assert said == [("s1", ACCEPTED), ("s1", Status.CONFLICTED), ("s1", Status.ENFORCED)]


def test_enforced_says_how_many_copies_were_passed_on() -> None:
    """ENFORCED: every copy that was there, `copies_found` of them."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a"), by_digest("b")))
    on(deciding, answer(APPLIED, "a", copies=2), answer(APPLIED, "b", copies=5), answer(ENFORCED, "a"))
    (receipt,) = on(deciding, answer(ENFORCED, "b")).of(WORKS_RECEIPTS)
    assert (receipt.status, receipt.copies_found, receipt.problems) == (Status.ENFORCED, 7, ())


@pytest.mark.parametrize("late", [ENFORCED, CONFLICTED])
def test_nothing_follows_what_was_released(late: Answer) -> None:
    """Answers to what is no longer current are dropped: not after a release, not while it is under way."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a")), answer(APPLIED, "a"), releases("s2"))
    assert on(deciding, answer(late, "a")) == ()
    on(deciding, answer(REMOVED, "a"))
    assert on(deciding, answer(late, "a")) == ()


@pytest.mark.parametrize("late", [APPLIED, ENFORCED, CONFLICTED, REFUSED])
def test_answers_to_an_older_registration_are_dropped(late: Answer) -> None:
    """Versions: an answer echoes its registration's version; one to what has been replaced says nothing."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a")), answer(APPLIED, "a"), registers("s2", by_digest("a")))
    on(deciding, answer(APPLIED, "a", 2))
    assert on(deciding, answer(late, "a", 1)) == ()
    assert receipts(on(deciding, answer(ENFORCED, "a", 2))) == [("s2", Status.ENFORCED)]


def test_the_one_in_force_is_told_while_the_next_is_on_its_way() -> None:
    """A replacement under way does not silence what follows from the registration that stands."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a")), answer(APPLIED, "a"), registers("s2", by_digest("b")))
    said = on(deciding, answer(CONFLICTED, "a"), answer(ENFORCED, "a"))
    assert receipts(said) == [("s1", Status.CONFLICTED), ("s1", Status.ENFORCED)]


def test_conflicted_is_said_once_however_many_rivals_come() -> None:
    """CONFLICTED: both stand and both are told; a second rival is no news."""
    deciding = in_force("a", "b")
    assert receipts(on(deciding, answer(CONFLICTED, "a"))) == [("s1", Status.CONFLICTED)]
    assert on(deciding, answer(CONFLICTED, "b"), answer(CONFLICTED, "a")) == ()


def test_a_refused_listing_is_dropped_alone() -> None:
    """A digest that is full costs one reference; the registration is ACCEPTED with what remains of it."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a"), by_digest("full")))
    assert receipts(on(deciding, answer(REFUSED, "full"), answer(APPLIED, "a"))) == [("s1", ACCEPTED)]
    assert receipts(on(deciding, answer(ENFORCED, "a"))) == [("s1", Status.ENFORCED)]
    assert listings(on(deciding, releases("s2"))) == [("WITHDRAWN", "a", 1)]


def test_a_registration_without_a_listing_left_is_refused() -> None:
    """OVERLAPPING_CLAIM when too many others list every one of its files; what stood before stands."""
    deciding = in_force("a")
    on(deciding, registers("s2", by_digest("b"), by_digest("c")))
    said = on(deciding, answer(REFUSED, "b", 2), answer(REFUSED, "c", 2))
    assert refusals(said) == [("s2", Reason.OVERLAPPING_CLAIM, "register.references")]
    kept = work(deciding)
    assert kept is not None
    assert kept.current is not None
    assert kept.current.submission_id == "s1"


def test_an_answer_about_a_work_that_is_not_there_is_dropped() -> None:
    """Nothing is kept of a work that is over, and nothing is made of a late word about it."""
    assert on(registry(), *(answer(which, "a") for which in Answer)) == ()
