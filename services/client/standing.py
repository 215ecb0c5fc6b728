"""How a work stands: what its receipts and takedowns add up to. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services.contracts.decided import TakedownIssued, WorkReceipt

Status = WorkReceipt.Status


@dataclass(frozen=True, slots=True)
class WorkStanding:
    """What is known of a work.

    `copies_found`: there when it came into force. `taken_down`: those that came down then; `refused`: posted again
    since, and stopped; of both together some are `down_now` and some `reinstated`.
    """

    in_force: bool = False
    since: datetime | None = None
    last: WorkReceipt | None = None
    conflicted: bool = False
    enforced: bool = False
    copies_found: int = 0
    taken_down: int = 0
    refused: int = 0
    down_now: int = 0
    reinstated: int = 0


def add_up(receipts: Iterable[WorkReceipt], takedowns: Iterable[TakedownIssued]) -> WorkStanding:
    """Return how a work stands from all of its receipts and takedowns, each in the order of their topic."""
    standing = WorkStanding()
    for receipt in receipts:
        standing = _answered(standing, receipt)
    return _with_takedowns(standing, takedowns)


def _answered(standing: WorkStanding, receipt: WorkReceipt) -> WorkStanding:
    standing = replace(standing, last=receipt)
    match receipt.status:
        case Status.ACCEPTED:
            return replace(
                standing,
                in_force=True,
                since=receipt.decided_at,
                copies_found=receipt.copies_found,
                conflicted=False,
                enforced=False,
            )
        case Status.ENFORCED:
            return replace(standing, enforced=True, copies_found=receipt.copies_found)
        case Status.CONFLICTED:
            return replace(standing, conflicted=True)
        case Status.RELEASED:
            return replace(standing, in_force=False, since=receipt.decided_at)
        case _:
            return standing


def _with_takedowns(standing: WorkStanding, takedowns: Iterable[TakedownIssued]) -> WorkStanding:
    latest = {takedown.takedown_id: takedown for takedown in takedowns}.values()
    refused = sum(each.basis is TakedownIssued.Basis.STAYDOWN for each in latest)
    down = sum(each.status is TakedownIssued.Status.ISSUED for each in latest)
    return replace(
        standing,
        taken_down=len(latest) - refused,
        refused=refused,
        down_now=down,
        reinstated=len(latest) - down,
    )
