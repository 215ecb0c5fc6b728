from typing import Any

import pytest
from msgspec.structs import replace as changed

from services.cli.work_standing import rows
from services.client.standing import WorkStanding, add_up
from services.contracts.decided import TakedownIssued, WorkReceipt
from services.contracts.submitted import Exclude, Policy, Register, Release, Revoke, Settle, WorkSubmitted
from tests.cli.facts import DAY, HOUR, TIME, licence, receipt, submitted, takedown

Status = WorkReceipt.Status
NOTICE, STAYDOWN = TakedownIssued.Basis
ISSUED, REINSTATED = TakedownIssued.Status
REGISTERED = submitted("s", register=Register("t"))

RECEIPTS: dict[str, tuple[tuple[WorkReceipt, ...], tuple[bool, bool, int]]] = {
    "nothing": ((), (False, False, 0)),
    "refused": ((receipt(Status.REJECTED),), (False, False, 0)),
    "accepted": ((receipt(Status.ACCEPTED, copies_found=2),), (True, False, 2)),
    "enforced": ((receipt(Status.ACCEPTED), receipt(Status.ENFORCED, copies_found=3)), (True, True, 3)),
    "refused once more": ((receipt(Status.ACCEPTED), receipt(Status.REJECTED)), (True, False, 0)),
    "released": ((receipt(Status.ACCEPTED), receipt(Status.RELEASED)), (False, False, 0)),
    "held": ((receipt(Status.HELD, copies_found=9),), (False, False, 0)),
    "replaced": (
        (
            receipt(Status.ACCEPTED),
            receipt(Status.ENFORCED, copies_found=3),
            receipt(Status.ACCEPTED, copies_found=1),
        ),
        (True, False, 1),
    ),
}


@pytest.mark.parametrize(("receipts", "result"), RECEIPTS.values(), ids=RECEIPTS)
def test_receipts_add_up_to_whether_a_work_is_in_force(
    receipts: tuple[WorkReceipt, ...], result: tuple[bool, bool, int]
) -> None:
    """The last acceptance or release counts; a refusal changes nothing."""
    standing = add_up(receipts, ())
    assert (standing.in_force, standing.enforced, standing.copies_found) == result
    assert standing.last == (receipts[-1] if receipts else None)


HELD = receipt(Status.HELD, "2", copies_found=40)
ANOTHER = receipt(Status.REJECTED, "2", reasons=(WorkReceipt.Reason.DUPLICATE_SUBMISSION,))
FORGED = receipt(Status.REJECTED, "2", reasons=(WorkReceipt.Reason.BAD_SIGNATURE,))
LATE = receipt(Status.REJECTED, "2", reasons=(WorkReceipt.Reason.REPLAYED,))
HOLDS = {
    "nothing": ((receipt(Status.ACCEPTED),), None),
    "held": ((receipt(Status.ACCEPTED), HELD), HELD),
    "held, and something else in force": ((HELD, receipt(Status.ENFORCED, "1")), HELD),
    "held, and its id used again": ((HELD, ANOTHER), HELD),
    "held, and its id forged": ((HELD, FORGED), HELD),
    "held, and sent once more when its time is over": ((HELD, LATE), HELD),
    "approved": ((HELD, receipt(Status.ACCEPTED, "2")), None),
    "refused": ((HELD, receipt(Status.REJECTED, "2")), None),
}


@pytest.mark.parametrize(("receipts", "held"), HOLDS.values(), ids=HOLDS)
def test_a_registration_is_held_until_its_own_submission_is_decided(
    receipts: tuple[WorkReceipt, ...], held: WorkReceipt | None
) -> None:
    """What is said of other submissions, or of the id with another content, ends no hold."""
    assert add_up(receipts, ()).held == held


def actions(*given: tuple[WorkSubmitted, Status]) -> WorkStanding:
    """Return how a work stands after actions that were all granted, an hour after one another."""
    receipts = [
        receipt(status, fact.submission_id, fact.work_id, decided_at=TIME + number * HOUR)
        for number, (fact, status) in enumerate(given)
    ]
    return add_up(receipts, (), [fact for fact, _ in given])


A, B = licence("a"), licence("b", territories=("DE",))
LICENSED, REVOKED = Status.LICENSED, Status.REVOKED
OURS = submitted("1", license=A), LICENSED
ALL = submitted("all", "", license_catalogue=B), LICENSED
LICENCES: dict[str, tuple[tuple[tuple[WorkSubmitted, Status], ...], tuple[Any, Any]]] = {
    "one of the work, one of everything": ((OURS, ALL), ((A,), (B,))),
    "replaced": (
        (OURS, (submitted("3", license=changed(A, excerpt_ms_max=5)), LICENSED)),
        ((changed(A, excerpt_ms_max=5),), ()),
    ),
    "revoked": ((OURS, ALL, (submitted("3", revoke=Revoke("a")), REVOKED)), ((), (B,))),
    "revoked for everything": ((OURS, ALL, (submitted("3", "", revoke=Revoke("b")), REVOKED)), ((A,), ())),
    "another is revoked": ((OURS, (submitted("3", revoke=Revoke("b")), REVOKED)), ((A,), ())),
    "refused": (((submitted("1", license=A), Status.REJECTED),), ((), ())),
    "released": ((OURS, ALL, (submitted("3", release=Release(Release.Reason.MISTAKE)), Status.RELEASED)), ((), (B,))),
}


@pytest.mark.parametrize(("given", "licences"), LICENCES.values(), ids=LICENCES)
def test_licences_are_those_that_were_granted_and_not_revoked(
    given: tuple[tuple[WorkSubmitted, Status], ...], licences: tuple[Any, Any]
) -> None:
    """Those of the work and those for everything are kept apart; a release drops the work's own."""
    standing = actions(*given)
    assert (standing.licences, standing.catalogue) == licences


SETTLE = submitted("settle", "", settle=Settle(Release.Reason.SETTLED)), Status.RELEASED
REGISTER = REGISTERED, Status.ACCEPTED


def test_a_settlement_ends_what_was_registered_before_it() -> None:
    """With the time and the reason, so that its reader knows why nothing is blocked any more."""
    standing = actions(REGISTER, SETTLE)
    assert (standing.in_force, standing.settled) == (False, TIME + HOUR)


def test_a_settlement_leaves_what_was_registered_after_it() -> None:
    """Its receipt comes when everything has been given back, which may be after a later registration was accepted."""
    (settle, _), (register, _) = SETTLE, REGISTER
    receipts = (receipt(Status.ACCEPTED), receipt(Status.RELEASED, "settle", ""))
    assert add_up(receipts, (), (settle, register)).in_force


def test_policy_window_and_what_is_not_theirs_come_from_the_registration_in_force() -> None:
    """The submission says them, its receipt that they hold; without the submission nothing is made up."""
    asked = Register("t", policy=Policy(Policy.Action.TRACK, ("FR",), 30), valid_until=TIME)
    standing = actions(
        (submitted("1", register=asked), Status.ACCEPTED),
        (submitted("2", exclude=Exclude("r", 5, 9)), Status.EXCLUDED),
    )
    assert (standing.policy, standing.valid_until, standing.excluded) == (asked.policy, TIME, (Exclude("r", 5, 9),))
    assert add_up((receipt(Status.ACCEPTED),), ()).policy is None
    assert actions(REGISTER).policy == Policy()


def test_takedowns_are_counted_once_and_by_what_they_are_now() -> None:
    """Down, back and down again is one takedown that is down."""
    standing = add_up(
        (),
        (
            takedown("1", ISSUED),
            takedown("2", ISSUED, basis=STAYDOWN),
            takedown("1", REINSTATED),
            takedown("1", ISSUED),
            takedown("3", ISSUED, basis=STAYDOWN),
            takedown("3", REINSTATED, basis=STAYDOWN),
        ),
    )
    assert standing == WorkStanding(taken_down=1, refused=2, down_now=2, reinstated=1)


def test_a_person_reads_all_of_it() -> None:
    """Every part of a standing has its line, and what is not there has none."""
    asked = Register("t", policy=Policy(Policy.Action.REVIEW, ("DE", "FR"), 30_000), valid_until=TIME + DAY)
    told = dict(
        rows(
            actions(
                (submitted("1", register=asked), Status.ACCEPTED),
                (submitted("2", license=licence("l", excerpt_ms_max=5, use=licence("l").Use.EXCERPT)), LICENSED),
                ALL,
                (submitted("4", exclude=Exclude("song.wav", 5, 9)), Status.EXCLUDED),
                (submitted("5", register=asked), Status.HELD),
            )
        )
    )
    assert told["status"] == "in force since 2026-01-02 03:04:05 UTC"
    assert told["held"] == "5 waits for a person; 0 copies"
    assert told["policy"] == "REVIEW in DE, FR, but for excerpts of up to 30000 ms"
    assert told["holds"] == "until 2026-01-03 03:04:05 UTC"
    assert told["licences"] == ["l: everybody may show excerpts of up to 5 ms everywhere, always"]
    assert told["licences for all"] == ["b: everybody may show all of it in DE, always"]
    assert told["not theirs"] == ["song.wav 5 to 9 ms"]
    assert "held" not in dict(rows(actions(REGISTER)))
