"""Licences and own accounts: who may show what, where, and for how long."""

import pytest

from services.contracts.rights import PLAIN, Licence, Terms
from services.contracts.topics import TAKEDOWNS_ISSUED
from tests.deciding import NOW
from tests.enforcer.facts import HIT, Reason, Status, on, takedowns
from tests.enforcer.rights import (
    BLOCKED,
    CLEAR,
    LATER,
    PLAINLY_BLOCKED,
    PLATFORM,
    RIVAL,
    SOONER,
    Outcome,
    alike,
    compared,
    found,
    last,
    licensed,
    listed,
    outcome,
)

LICENSED = Outcome(CLEAR, (Reason.LICENSED,))

WHO_AND_WHEN = [
    (Licence("l"), LICENSED),
    (Licence("l", uploader_id="uploader"), LICENSED),
    (Licence("l", uploader_id="somebody"), PLAINLY_BLOCKED),
    (Licence("l", community_id="fans"), LICENSED),
    (Licence("l", community_id="others"), PLAINLY_BLOCKED),
    (Licence("l", valid_from=NOW), LICENSED),
    (Licence("l", valid_from=NOW + 1), PLAINLY_BLOCKED),
    (Licence("l", valid_until=NOW + 1), LICENSED),
    (Licence("l", valid_until=NOW), PLAINLY_BLOCKED),
    (Licence("l", valid_from=SOONER, valid_until=LATER), LICENSED),
    (Licence("l", valid_from=LATER, valid_until=SOONER), PLAINLY_BLOCKED),
    (Licence("l", excerpt_ms_max=10_000), PLAINLY_BLOCKED),
]


@pytest.mark.parametrize(("licence", "expected"), WHO_AND_WHEN)
def test_a_licence_counts_for_whom_it_names_and_within_its_window(licence: Licence, expected: Outcome) -> None:
    """From its begin on and before its end; an identical file is the whole work and no excerpt."""
    assert outcome(compared(listed(HIT, Terms(licences=(licence,))))) == expected


def test_a_licence_for_a_community_is_not_for_uploads_without_one() -> None:
    """No community is not every community."""
    deciding = compared(listed(HIT, licensed(community_id="fans")), community_id="")
    assert outcome(deciding) == PLAINLY_BLOCKED


WHERE = [
    (("DE",), ("DE",), LICENSED),
    (("DE", "FR"), ("DE",), LICENSED),
    (("DE",), ("DE", "FR"), Outcome(BLOCKED, (Reason.IDENTICAL,), ("FR",), (HIT,))),
    (("US",), ("DE", "FR"), Outcome(BLOCKED, (Reason.IDENTICAL,), ("DE", "FR"), (HIT,))),
    ((), ("DE",), LICENSED),
]


@pytest.mark.parametrize(("where", "upload", "expected"), WHERE)
def test_a_licence_takes_away_the_places_that_it_covers(
    where: tuple[str, ...], upload: tuple[str, ...], expected: Outcome
) -> None:
    """What is left is blocked there alone."""
    assert outcome(compared(listed(HIT, licensed(territories=where)), territories=upload)) == expected


def test_everywhere_but_where_it_is_licensed_is_written_out() -> None:
    """A list of places has no word for all but one."""
    deciding = compared(listed(HIT, licensed(territories=("DE",))))
    verdict = last(deciding)
    assert verdict.verdict is BLOCKED
    assert "DE" not in verdict.blocked_territories
    assert {"FR", "US", "JP"} < set(verdict.blocked_territories)
    assert list(verdict.blocked_territories) == sorted(verdict.blocked_territories)


def test_a_licence_wins_over_every_work_of_its_rightsholder() -> None:
    """The upload was licensed by them, whichever of their works bears the licence; nobody else is bound by it."""
    assert outcome(compared(listed(HIT, licensed()), listed("label/other"))) == LICENSED
    both = compared(listed(HIT, licensed()), listed(RIVAL))
    assert outcome(both).verdict is not CLEAR


EXCERPTS = [
    (alike((0, 10_000)), LICENSED),
    (alike((5_000, 15_000)), LICENSED),
    (alike((0, 10_001)), Outcome(BLOCKED, (Reason.SIMILAR,), (), (HIT,))),
    (alike((0, 0)), Outcome(BLOCKED, (Reason.SIMILAR,), (), (HIT,))),
    (None, PLAINLY_BLOCKED),
]


@pytest.mark.parametrize(("likeness", "expected"), EXCERPTS)
def test_a_licence_of_an_excerpt_needs_an_extent_within_it(likeness: object, expected: Outcome) -> None:
    """What is compared by its bytes alone has no extent in time, and identical bytes are all of the work."""
    terms = licensed(excerpt_ms_max=10_000)
    assert outcome(compared(listed(HIT, terms, likeness=likeness))) == expected  # type: ignore[arg-type]  # a table's


def test_an_excerpt_keeps_within_its_licence_in_every_match() -> None:
    """Ten seconds by one reference are none by another of the same licence that shows a minute."""
    terms = licensed(excerpt_ms_max=10_000)
    short, long = alike((0, 9_000)), alike((0, 60_000))
    deciding = compared(listed(HIT, terms, likeness=short), listed(HIT, terms, likeness=long, reference="n"))
    assert outcome(deciding) == Outcome(BLOCKED, (Reason.SIMILAR,), (), (HIT,))


def test_several_licences_cover_what_they_cover_together() -> None:
    """Two halves are a whole."""
    terms = Terms(licences=(Licence("a", territories=("DE",)), Licence("b", territories=("FR",))))
    assert outcome(compared(listed(HIT, terms), territories=("DE", "FR"))) == LICENSED


def test_an_own_account_is_never_taken_down_for_its_own_works() -> None:
    """Not for any of them; for those of others it is an account as any other."""
    own = Terms(accounts=("uploader", "another"))
    assert outcome(compared(listed(HIT, own), listed("label/other", own))) == Outcome(CLEAR, (Reason.OWN_ACCOUNT,))
    assert outcome(compared(listed(HIT, Terms(accounts=("another",))))) == PLAINLY_BLOCKED


def test_a_licence_brings_back_what_is_down_and_its_end_takes_it_down_again() -> None:
    """Backwards and forwards, and by itself at its time: nothing flips but when woken."""
    deciding = compared(listed())
    said = on(deciding, found(listed(HIT, licensed(valid_until=LATER)), version=2))
    assert outcome(said) == LICENSED
    assert takedowns(said) == [(HIT, Status.REINSTATED)]
    (back,) = said.of(TAKEDOWNS_ISSUED)
    assert back.statement_of_reasons.facts.endswith("has ended: the rightsholder has licensed it.")
    assert last(said).explanation == "This upload can be shown: the rightsholder has licensed it."
    assert deciding.pass_time(LATER - NOW - 1) == ()
    said = deciding.pass_time(1)
    assert outcome(said) == PLAINLY_BLOCKED
    assert takedowns(said) == [(HIT, Status.ISSUED)]
    assert deciding.store.next_due() is None


def test_a_licence_begins_by_itself() -> None:
    """At the very moment that it names."""
    deciding = compared(listed(HIT, licensed(valid_from=LATER)))
    assert outcome(deciding) == PLAINLY_BLOCKED
    assert outcome(deciding.pass_time(LATER - NOW)) == LICENSED


def test_a_licence_that_is_revoked_ends() -> None:
    """New terms without it are the full state."""
    deciding = compared(listed(HIT, Terms(licences=(PLATFORM,))))
    assert outcome(on(deciding, found(listed(HIT, PLAIN), version=2))) == PLAINLY_BLOCKED


def test_what_was_licensed_and_is_then_released_says_so() -> None:
    """Why it can be shown is what is true now."""
    deciding = compared(listed())
    on(deciding, found(listed(HIT, licensed()), version=2), found(version=3))
    assert outcome(deciding) == Outcome(CLEAR, (Reason.NO_MATCH,))
