from datetime import UTC, datetime

import pytest

from services.client.standing import WorkStanding, add_up
from services.contracts.decided import StatementOfReasons, TakedownIssued, VerdictDecided, WorkReceipt

TIME = datetime(2026, 1, 2, tzinfo=UTC)
Status = WorkReceipt.Status
NOTICE, STAYDOWN = TakedownIssued.Basis
ISSUED, REINSTATED = TakedownIssued.Status


def receipt(status: Status, copies: int = 0) -> WorkReceipt:
    """Return a receipt."""
    return WorkReceipt("a", "w", "s", status, (), (), copies, TIME, TIME)


def takedown(name: str, status: TakedownIssued.Status, basis: TakedownIssued.Basis) -> TakedownIssued:
    """Return a takedown's record."""
    statement = StatementOfReasons("", "", True, True, "", TIME)
    scan = VerdictDecided.Scan.BYTES
    return TakedownIssued(name, "u", status, basis, scan, "w", "a", "", "", (), statement, TIME)


RECEIPTS = {
    "nothing": ((), (False, False, 0)),
    "refused": ((receipt(Status.REJECTED),), (False, False, 0)),
    "accepted": ((receipt(Status.ACCEPTED, 2),), (True, False, 2)),
    "enforced": ((receipt(Status.ACCEPTED), receipt(Status.ENFORCED, 3)), (True, True, 3)),
    "refused once more": ((receipt(Status.ACCEPTED), receipt(Status.REJECTED)), (True, False, 0)),
    "released": ((receipt(Status.ACCEPTED), receipt(Status.RELEASED)), (False, False, 0)),
    "replaced": (
        (receipt(Status.ACCEPTED), receipt(Status.ENFORCED, 3), receipt(Status.ACCEPTED, 1)),
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


def test_takedowns_are_counted_once_and_by_what_they_are_now() -> None:
    """Down, back and down again is one takedown that is down."""
    standing = add_up(
        (),
        (
            takedown("1", ISSUED, NOTICE),
            takedown("2", ISSUED, STAYDOWN),
            takedown("1", REINSTATED, NOTICE),
            takedown("1", ISSUED, NOTICE),
            takedown("3", ISSUED, STAYDOWN),
            takedown("3", REINSTATED, STAYDOWN),
        ),
    )
    assert standing == WorkStanding(taken_down=1, refused=2, down_now=2, reinstated=1)
