"""How a work stands: what its submissions, receipts and takedowns add up to. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services.contracts.decided import TakedownIssued, WorkReceipt
from services.contracts.receipts import is_about_another
from services.contracts.submitted import Exclude, License, Policy, WorkSubmitted

Status = WorkReceipt.Status


@dataclass(frozen=True, slots=True)
class DisputeOfWork:
    """A dispute about a takedown for the work: of which upload, and the last that was said in it, and when."""

    upload_id: str
    dispute_id: str
    last_step: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WorkStanding:
    """What is known of a work.

    `held`: the receipt of a registration that waits for a person. `settled`: when a settlement of everything ended it.
    `licences`: its own; `catalogue`: those for everything that its rightsholder holds. `copies_found`: there when it
    came into force. `taken_down`: those that came down then; `refused`: posted again since, and stopped; of both
    together some are `down_now` and some `reinstated`. `registered_by`: the submission by which it is in force.
    """

    in_force: bool = False
    registered_by: str = ""
    since: datetime | None = None
    last: WorkReceipt | None = None
    held: WorkReceipt | None = None
    settled: datetime | None = None
    conflicted: bool = False
    enforced: bool = False
    policy: Policy | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    licences: tuple[License, ...] = ()
    catalogue: tuple[License, ...] = ()
    excluded: tuple[Exclude, ...] = ()
    copies_found: int = 0
    taken_down: int = 0
    refused: int = 0
    down_now: int = 0
    reinstated: int = 0
    disputes: tuple[DisputeOfWork, ...] = ()


def add_up(
    receipts: Iterable[WorkReceipt], takedowns: Iterable[TakedownIssued], submissions: Iterable[WorkSubmitted] = ()
) -> WorkStanding:
    """Return how a work stands; all of it is given in the order of its topic.

    Receipts and submissions: those of the work, and those of everything that its rightsholder holds. What was
    submitted and cannot be read any more counts by its receipts alone.
    """
    said: dict[str, WorkSubmitted] = {}
    for submission in submissions:
        said.setdefault(submission.submission_id, submission)
    orders = {submission_id: order for order, submission_id in enumerate(said)}
    standing, registered = WorkStanding(), -1
    for receipt in receipts:
        order = orders.get(receipt.submission_id, -1)
        if _ends_everything(receipt):
            standing = _settled(standing, receipt) if registered < order else standing
            continue
        standing = _answered(standing, receipt, said.get(receipt.submission_id))
        registered = order if receipt.status is Status.ACCEPTED else registered
    return _with_takedowns(standing, takedowns)


def _ends_everything(receipt: WorkReceipt) -> bool:
    return receipt.status is Status.RELEASED and not receipt.work_id


def _settled(standing: WorkStanding, receipt: WorkReceipt) -> WorkStanding:
    """End what is in force; a work registered after the settlement never comes here."""
    if not standing.in_force:
        return standing
    return replace(_ended(standing, receipt), settled=receipt.decided_at)


def _ended(standing: WorkStanding, receipt: WorkReceipt) -> WorkStanding:
    return replace(standing, in_force=False, registered_by="", since=receipt.decided_at, licences=(), excluded=())


def _answered(standing: WorkStanding, receipt: WorkReceipt, said: WorkSubmitted | None) -> WorkStanding:
    if receipt.work_id:
        standing = replace(standing, last=receipt, held=_held(standing.held, receipt))
    match receipt.status:
        case Status.ACCEPTED:
            return _in_force(standing, receipt, said)
        case Status.ENFORCED:
            return replace(standing, enforced=True, copies_found=receipt.copies_found)
        case Status.CONFLICTED:
            return replace(standing, conflicted=True)
        case Status.RELEASED:
            return _ended(standing, receipt)
        case Status.LICENSED | Status.REVOKED | Status.EXCLUDED:
            return standing if said is None else _granted(standing, said)
        case _:
            return standing


def _held(before: WorkReceipt | None, receipt: WorkReceipt) -> WorkReceipt | None:
    """Return what is held after a receipt: a later one of the same submission ends it."""
    if receipt.status is Status.HELD:
        return receipt
    if before is None or is_about_another(receipt):
        return before
    return None if before.submission_id == receipt.submission_id else before


def _in_force(standing: WorkStanding, receipt: WorkReceipt, said: WorkSubmitted | None) -> WorkStanding:
    registration = None if said is None else said.register
    return replace(
        standing,
        in_force=True,
        registered_by=receipt.submission_id,
        since=receipt.decided_at,
        settled=None,
        copies_found=receipt.copies_found,
        conflicted=False,
        enforced=False,
        policy=None if registration is None else registration.policy or Policy(),
        valid_from=None if registration is None else registration.valid_from,
        valid_until=None if registration is None else registration.valid_until,
    )


def _granted(standing: WorkStanding, said: WorkSubmitted) -> WorkStanding:
    """Take up what a work's own action, or one on everything, changed about who may show it."""
    if said.exclude is not None:
        return replace(standing, excluded=(*standing.excluded, said.exclude))
    licence = said.license or said.license_catalogue
    gone = licence.license_id if licence else said.revoke.license_id if said.revoke else ""
    added = () if licence is None else (licence,)
    if said.work_id:
        return replace(standing, licences=(*_without(standing.licences, gone), *added))
    return replace(standing, catalogue=(*_without(standing.catalogue, gone), *added))


def _without(licences: tuple[License, ...], license_id: str) -> tuple[License, ...]:
    return tuple(each for each in licences if each.license_id != license_id)


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
