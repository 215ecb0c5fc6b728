"""Withdrawals: the uploader objects no longer, to all that a dispute is about or to some of it."""

from tests.enforcer.facts import HIT, Status, on, takedowns
from tests.enforcer.objecting import (
    DAY_MS,
    SECOND,
    at,
    counter,
    court,
    dispute,
    letters,
    only,
    stages,
    takedown_of,
    withdraw,
)


def test_one_takedown_of_several_can_be_withdrawn() -> None:
    """By its id; what is said of the others stands, and silence still decides about them."""
    deciding = at(dispute(), works=(HIT, SECOND))
    said = on(deciding, withdraw(takedown=takedown_of(deciding)))
    assert [who for who, _ in letters(said)] == ["label"]
    assert stages(deciding) == {"d": ["OPEN"]}
    assert takedowns(deciding.pass_time(31 * DAY_MS)) == [(SECOND, Status.REINSTATED)]
    assert "not in this dispute" in only(on(at(dispute()), withdraw(takedown="another"))).text


def test_what_a_court_is_to_decide_cannot_be_disputed_anew() -> None:
    """Else a claimant who has gone to court would lose by silence (17 U.S.C. 512(g)(2)(C))."""
    deciding = at(counter(), court(), withdraw(), dispute("again"))
    assert stages(deciding) == {"d": ["COURT"]}
    assert deciding.pass_time(400 * DAY_MS) == ()
