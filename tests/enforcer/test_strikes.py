"""Strikes: a takedown stands or stands no longer, as it concerns everybody; a lost claim counts against its owner."""

import pytest

from services.contracts.canary import CANARY
from services.contracts.decided import WorkRef
from services.contracts.inside import Ended, MatchFound
from services.contracts.standing import Standee, StrikeIncurred
from services.contracts.topics import STRIKES_INCURRED, TAKEDOWNS_ISSUED
from tests.deciding import Said
from tests.enforcer.facts import HIT, on
from tests.enforcer.objecting import counter, dispute, release
from tests.enforcer.rights import REVIEW, RIVAL, compared, found, licensed, listed
from tests.enforcer.test_reviews import APPROVE, PROTECT, held, review

Kind = Standee.Kind
EVERYBODY = [(Kind.UPLOADER, "uploader"), (Kind.COMMUNITY, "fans"), (Kind.RIGHTSHOLDER, "label")]


def strikes(said: Said) -> list[tuple[Kind, str, bool, bool]]:
    """Return (kind, id, stands, reversed) of each strike."""
    facts: list[StrikeIncurred] = said.of(STRIKES_INCURRED)
    return [(one.subject.kind, one.subject.id, one.stands, one.reversed) for one in facts]


def test_a_takedown_is_a_strike_for_everybody_whom_it_concerns() -> None:
    """Under the subject's key, and by the takedown's id, so that it counts once."""
    deciding = compared(listed())
    assert [(one.subject.kind, one.subject.id) for one in deciding.said(STRIKES_INCURRED)] == EVERYBODY
    (down,) = deciding.said(TAKEDOWNS_ISSUED)
    assert {one.takedown_id for one in deciding.said(STRIKES_INCURRED)} == {down.takedown_id}
    keys = [emit.key for emit in deciding.log if emit.topic is STRIKES_INCURRED]
    assert keys == [name for _, name in EVERYBODY]


def test_an_upload_without_a_community_is_no_strike_for_one() -> None:
    """Nor for an empty name."""
    deciding = compared(listed(), community_id="")
    assert [one.subject.kind for one in deciding.said(STRIKES_INCURRED)] == [Kind.UPLOADER, Kind.RIGHTSHOLDER]


ENDS: list[tuple[MatchFound, bool]] = [
    (found(version=2), False),
    (found(version=2, ended=(Ended(WorkRef("label", "hit"), "WITHDRAWN"),)), False),
    (found(version=2, ended=(Ended(WorkRef("label", "hit"), "SETTLED"),)), False),
    (found(version=2, ended=(Ended(WorkRef("label", "hit"), "PROTECTED_CONTENT"),)), False),
    (found(version=2, ended=(Ended(WorkRef("label", "hit"), "DISPUTE_WON"),)), True),
    (found(listed(HIT, licensed()), version=2), False),
    (found(listed(HIT, REVIEW), version=2), False),
]


@pytest.mark.parametrize(("end", "lost"), ENDS)
def test_what_ends_stands_no_longer_and_only_a_lost_claim_is_reversed(end: MatchFound, lost: bool) -> None:
    """Identical copies of what was won in a dispute are reversed with it; a rightsholder is told of nothing else."""
    said = on(compared(listed()), end)
    assert strikes(said) == [(kind, name, False, lost) for kind, name in (EVERYBODY if lost else EVERYBODY[:2])]


def test_a_takedown_that_comes_again_is_one_of_its_rightsholder() -> None:
    """Else a licence given and revoked time and again would thin out the claims that they lost (G3)."""
    deciding = compared(listed())
    on(deciding, found(listed(HIT, licensed()), version=2))
    again = on(deciding, found(listed(), version=3))
    assert strikes(again) == [(kind, name, True, False) for kind, name in EVERYBODY[:2]]


def test_a_dispute_that_is_won_is_a_reversal() -> None:
    """By the claimant's word or by silence; none is left for the uploader."""
    for steps in ([dispute(), release()], [dispute()], [counter()]):
        deciding = compared(listed())
        on(deciding, *steps)
        deciding.pass_time(40 * 24 * 3600 * 1000)
        assert strikes(Said(deciding.log))[3:] == [(kind, name, False, True) for kind, name in EVERYBODY]


def test_what_is_held_is_no_strike_and_what_is_approved_is_one() -> None:
    """HELD alone is no takedown; what a person protects is nobody's fault."""
    deciding = held()
    assert deciding.said(STRIKES_INCURRED) == []
    assert [stands for _, _, stands, _ in strikes(on(deciding, review(deciding, APPROVE)))] == [True, True, True]
    back = strikes(on(deciding, review(deciding, PROTECT)))
    assert back == [(kind, name, False, False) for kind, name in EVERYBODY[:2]]


def test_each_work_is_a_takedown_of_its_own() -> None:
    """Two claimants, two strikes."""
    deciding = compared(listed(), listed(RIVAL))
    assert len({one.takedown_id for one in deciding.said(STRIKES_INCURRED)}) == 2


def test_a_takedown_for_the_canary_s_work_is_no_strike() -> None:
    """The ledger would keep one every few seconds, for months; the takedown itself is like any other."""
    deciding = compared(listed(f"{CANARY}/listed"))
    assert len(deciding.said(TAKEDOWNS_ISSUED)) == 1
    assert deciding.said(STRIKES_INCURRED) == []
