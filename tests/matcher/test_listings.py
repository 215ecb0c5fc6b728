"""What becomes of listings, and what is answered about them."""

import pytest

from services.contracts.decided import WorkRef
from services.contracts.inside import CopyChanged, Ended, ListingChanged
from services.contracts.topics import LISTINGS_APPLIED, MATCHES_FOUND, MATCHES_REVISED
from services.matcher.state import ENDED_MAX, LISTINGS_MAX
from tests.deciding import Deciding
from tests.matcher.facts import DIGEST, Answer, answered, answers, came, gone, matcher, on, put, told, went

Fact = CopyChanged | ListingChanged
APPLIED, ENFORCED, REMOVED = Answer.APPLIED, Answer.ENFORCED, Answer.REMOVED
REFUSED, CONFLICTED = Answer.REFUSED, Answer.CONFLICTED
HIT, RIVAL = "label/hit", "rival/hit"


@pytest.mark.parametrize(
    ("history", "fact", "expected"),
    [
        ([], put(HIT), [(HIT, 1, APPLIED, 0), (HIT, 1, ENFORCED, 0)]),
        ([came("u"), went("u")], put(HIT), [(HIT, 1, APPLIED, 0), (HIT, 1, ENFORCED, 0)]),
        ([came("u")], put(HIT), [(HIT, 1, APPLIED, 1)]),
        ([put(HIT)], put(HIT), [(HIT, 1, APPLIED, 0)]),
        ([put(HIT, 4)], put(HIT, 3), [(HIT, 3, APPLIED, 0)]),
        ([put(HIT, 3), came("u")], put(HIT, 4), [(HIT, 4, APPLIED, 1), (HIT, 4, ENFORCED, 1)]),
        ([came("u"), put(HIT, 3)], put(HIT, 4), [(HIT, 4, APPLIED, 1)]),
        ([put(HIT, 3)], gone(HIT, 3), [(HIT, 3, REMOVED, 0)]),
        ([put(HIT, 3)], gone(HIT, 4), [(HIT, 4, REMOVED, 0)]),
        ([put(HIT, 4)], gone(HIT, 3), [(HIT, 3, REMOVED, 0)]),
        ([], gone(HIT, 3), [(HIT, 3, REMOVED, 0)]),
        ([put(RIVAL)], gone(HIT, 1), [(HIT, 1, REMOVED, 0)]),
        (
            [put(RIVAL)],
            put(HIT, 2),
            [(HIT, 2, APPLIED, 0), (HIT, 2, CONFLICTED, 0), (RIVAL, 1, CONFLICTED, 0), (HIT, 2, ENFORCED, 0)],
        ),
        ([put(RIVAL), put(HIT)], put(HIT, 2), [(HIT, 2, APPLIED, 0), (HIT, 2, ENFORCED, 0)]),
        ([put(RIVAL), put(HIT)], put(HIT, 1, "remix"), [(HIT, 1, APPLIED, 0), (HIT, 1, ENFORCED, 0)]),
        ([put("label/other")], put(HIT), [(HIT, 1, APPLIED, 0), (HIT, 1, ENFORCED, 0)]),
    ],
)
def test_each_change_of_a_listing_is_answered(
    history: list[Fact], fact: Fact, expected: list[tuple[str, int, Answer, int]]
) -> None:
    """Versions: an answer echoes the registration's version; both sides of a conflict are told, once."""
    deciding = matcher()
    on(deciding, *history)
    said = on(deciding, fact)
    assert answers(said) == expected
    assert {(emit.key, emit.partition) for emit in said} <= {("label", 1), ("rival", 1)}


@pytest.mark.parametrize(
    ("removal", "left"),
    [(gone(HIT, 2), [HIT]), (gone(HIT, 3), []), (gone(HIT, 4), []), (gone(HIT, 3, "remix"), [HIT])],
)
def test_a_removal_takes_only_versions_up_to_its_own(removal: ListingChanged, left: list[str]) -> None:
    """Versions: a late removal must not take what a later registration has put."""
    deciding = matcher()
    on(deciding, put(HIT, 3), removal)
    ((_, _, works),) = told(on(deciding, came("u")))
    assert works == left


def test_a_newer_registration_of_a_listing_changes_nothing_for_copies() -> None:
    """A replacement keeps its listing in force throughout: no copy is told anything, the version stays."""
    deciding = matcher()
    on(deciding, put(HIT, 1), came("u"))
    said = on(deciding, put(HIT, 2))
    assert told(said) == []
    assert deciding.entry(DIGEST).version == 1


def full() -> Deciding:
    """Return a matcher whose digest has as many listings as there may be."""
    deciding = matcher()
    on(deciding, *(put(f"label/w{number}") for number in range(LISTINGS_MAX)))
    return deciding


def test_the_65th_listing_is_refused() -> None:
    """Large keys: a digest has at most 64 listings; nothing changes for one more."""
    deciding = full()
    before = deciding.entry(DIGEST)
    assert answers(on(deciding, put(HIT, 9))) == [(HIT, 9, REFUSED, 0)]
    assert deciding.entry(DIGEST) == before


def test_a_full_digest_takes_new_versions_and_fills_up_again() -> None:
    """The bound is on listings: a replacement of one is none, and one that goes makes room."""
    deciding = full()
    assert answered(on(deciding, put("label/w7", 2)), APPLIED) == [("label/w7", 2)]
    on(deciding, gone("label/w8"))
    assert answered(on(deciding, put(HIT)), APPLIED) == [(HIT, 1)]


def test_copies_are_told_why_a_listing_ended_until_it_is_back() -> None:
    """A reinstatement gives its reason; a work that lists again, or still by another reference, has not ended."""
    deciding = matcher()
    label = Ended(WorkRef("label", "hit"), "SETTLED")
    on(deciding, put(HIT), put(HIT, 1, "remix"), gone(HIT, 1, "remix", "MISTAKE"))
    assert on(deciding, came("u", 1)).of(MATCHES_FOUND)[0].ended == ()
    on(deciding, gone(HIT, 1, reason="SETTLED"))
    assert on(deciding, came("u", 2)).of(MATCHES_FOUND)[0].ended == (label,)
    on(deciding, put(HIT, 2))
    assert on(deciding, came("u", 3)).of(MATCHES_FOUND)[0].ended == ()


def test_ended_works_are_remembered_up_to_a_bound() -> None:
    """Large keys: of works that come and go for ever the last ones are remembered."""
    deciding = matcher()
    on(deciding, came("u"))
    for number in range(ENDED_MAX + 3):
        on(deciding, put(f"label/w{number}"), gone(f"label/w{number}"))
    (found,) = deciding.pass_time(0).of(MATCHES_REVISED)
    assert [one.work.work_id for one in found.ended] == [f"w{number}" for number in range(3, ENDED_MAX + 3)]


def test_an_answer_says_which_reference_of_which_digest() -> None:
    """One registration may have many references, and one reference may once have had other bytes."""
    (applied, _) = on(matcher(), put(HIT, 5, "remix")).of(LISTINGS_APPLIED)
    assert (applied.reference_id, applied.digest, applied.version) == ("remix", DIGEST, 5)
