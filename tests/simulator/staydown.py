"""G4, and what holds on the way: what is listed stays down, what is RELEASED has left, copies are what is alive."""

import math
from collections import Counter, defaultdict
from typing import NamedTuple

from services.contracts.decided import VerdictDecided, WorkReceipt
from services.contracts.inside import ListingApplied, ListingChanged
from services.contracts.submitted import Policy, Register, UploadSubmitted, WorkSubmitted
from services.contracts.topics import (
    LISTINGS_APPLIED,
    LISTINGS_CHANGED,
    UPLOADS_SUBMITTED,
    VERDICTS_DECIDED,
    WORKS_RECEIPTS,
    WORKS_SUBMITTED,
)
from services.contracts.types import milliseconds
from services.enforcer.case import Case
from services.matcher.state import Copy, Digest
from tests.simulator.judging import is_for, is_within
from tests.simulator.log import Log, Written, facts
from tests.simulator.rights import Work
from tests.simulator.sayings import actions, steps
from tests.simulator.verdicts import Facts

Verdict = VerdictDecided.Verdict
Reason = VerdictDecided.Reason
Status = WorkReceipt.Status


class Accepted(NamedTuple):
    """A registration that was accepted: what it listed, from when on it could be known, and until when it held."""

    work: Work
    receipt: WorkReceipt
    register: Register
    digests: set[str]
    step: float
    until: float


def check_staydown(known: Facts) -> None:
    """G4: no CLEAR names a submission, of listed bytes, that came after ACCEPTED could be read, but for a reason."""
    submitted = {
        (one.key, one.offset): one
        for one in known.log.written(UPLOADS_SUBMITTED)
        if isinstance(one.fact, UploadSubmitted)
    }
    accepted = _accepted(known.log)
    for written, verdict in facts(known.log, VERDICTS_DECIDED, VerdictDecided):
        if verdict.verdict is not Verdict.CLEAR:
            continue
        assert verdict.content is not None
        upload = submitted[verdict.upload_id, verdict.submission]
        for one in accepted:
            is_late = upload.step > one.step and written.step < one.until
            if is_late and verdict.content.blake3 in one.digests:
                assert _is_explained(verdict, upload, one, known), f"{verdict} after {one.receipt}"


def _accepted(log: Log) -> list[Accepted]:
    """Return every registration that was accepted."""
    digests = _digests(log)
    found = []
    for written, receipt in facts(log, WORKS_RECEIPTS, WorkReceipt):
        if receipt.status is Status.ACCEPTED:
            work = (receipt.rightsholder_id, receipt.work_id)
            first, register = _submission(log, receipt)
            ends = [step for offset, step in _ends(log, work) if offset > first.offset]
            listed = digests[work[0], receipt.submission_id]
            found.append(Accepted(work, receipt, register, listed, written.step, min(ends, default=math.inf)))
    return found


def _submission(log: Log, receipt: WorkReceipt) -> tuple[Written, Register]:
    """Return the first record under the submission_id of a receipt."""
    for written, fact in facts(log, WORKS_SUBMITTED, WorkSubmitted):
        mine = (fact.rightsholder_id, fact.submission_id) == (receipt.rightsholder_id, receipt.submission_id)
        if mine and fact.register is not None:
            return written, fact.register
    raise AssertionError(f"{receipt} of what nobody submitted")


def _ends(log: Log, work: Work) -> list[tuple[int, float]]:
    """Return where and when a work was released, settled or registered anew, as seen from outside."""
    return [
        (written.offset, written.step)
        for written, fact in facts(log, WORKS_SUBMITTED, WorkSubmitted)
        if fact.rightsholder_id == work[0]
        if fact.settle is not None
        or (fact.work_id == work[1] and (fact.register is not None or fact.release is not None))
    ]


def _digests(log: Log) -> dict[tuple[str, str], set[str]]:
    """Return what each submission listed."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for _, one in facts(log, LISTINGS_CHANGED, ListingChanged):
        if one.listed and not one.similar:
            found[one.rightsholder_id, one.submission_id].add(one.digest)
    return found


def _is_explained(verdict: VerdictDecided, upload: Written, one: Accepted, known: Facts) -> bool:
    """Tell whether a rule lets an upload be shown although a work is in force on its bytes."""
    assert isinstance(upload.fact, UploadSubmitted)
    assert verdict.content is not None
    policy, digest, at = one.register.policy or Policy(), verdict.content.blake3, milliseconds(verdict.decided_at)
    tracked = policy.action is Policy.Action.TRACK
    closed = not is_within(one.register.valid_from, one.register.valid_until, at)
    elsewhere = bool(policy.territories and upload.fact.territories) and not (
        set(policy.territories) & set(upload.fact.territories)
    )
    reasons = set(verdict.reasons)
    ruled = digest in known.rulings.protected or one.work in known.rulings.lost.get(digest, ())
    return (
        tracked
        or closed
        or (elsewhere and Reason.OUTSIDE_TERRITORY in reasons)
        or ruled
        or (Reason.LICENSED in reasons and _has_licence(one.work, upload.fact, known.log))
        or (Reason.OWN_ACCOUNT in reasons and _is_own(one.work, upload.fact, known.log))
    )


def _has_licence(work: Work, upload: UploadSubmitted, log: Log) -> bool:
    """Tell whether the rightsholder ever gave a licence that an upload can call upon."""
    licences = [
        licence
        for said in actions(log).get(work[0], [])
        for licence in (said.fact.license, said.fact.license_catalogue)
        if licence is not None and said.is_done
    ]
    return any(is_for(licence, upload) for licence in licences)


def _is_own(work: Work, upload: UploadSubmitted, log: Log) -> bool:
    enrolments = [step.enroll for _, step in steps(log) if step.rightsholder_id == work[0]]
    return any(enroll is not None and upload.uploader_id in enroll.accounts for enroll in enrolments)


def check_releases(log: Log) -> None:
    """RELEASED is written when no listing of the work is left: every removal before it has been applied."""
    applied = {
        (one.rightsholder_id, one.work_id, one.reference_id, one.digest, one.version, one.similar): written.step
        for written, one in reversed(facts(log, LISTINGS_APPLIED, ListingApplied))
        if one.answer is ListingApplied.Answer.REMOVED
    }
    released = [
        (written.step, one) for written, one in facts(log, WORKS_RECEIPTS, WorkReceipt) if one.status is Status.RELEASED
    ]
    for written, one in facts(log, LISTINGS_CHANGED, ListingChanged):
        is_end = one.change is ListingChanged.Change.ENDED and one.version >= 0
        for step, receipt in released if is_end else ():
            of_work = receipt.work_id in ("", one.work_id) and receipt.rightsholder_id == one.rightsholder_id
            if not of_work or written.step >= step or (not receipt.work_id and not _is_settling(log, receipt, one)):
                continue
            removal = (one.rightsholder_id, one.work_id, one.reference_id, one.digest, one.version, one.similar)
            assert applied[removal] <= step, f"{receipt} before {removal} was applied"


def _is_settling(log: Log, receipt: WorkReceipt, one: ListingChanged) -> bool:
    """Tell whether a removal may be a settlement's own: of what was registered before it, and for its reason."""
    for written, fact in facts(log, WORKS_SUBMITTED, WorkSubmitted):
        if (fact.rightsholder_id, fact.submission_id) == (receipt.rightsholder_id, receipt.submission_id):
            return fact.settle is not None and fact.settle.reason.value == one.reason and _is_before(log, one, written)
    return False


def _is_before(log: Log, one: ListingChanged, settlement: Written) -> bool:
    return any(
        written.offset < settlement.offset and written.partition == settlement.partition
        for written, fact in facts(log, WORKS_SUBMITTED, WorkSubmitted)
        if (fact.rightsholder_id, fact.submission_id) == (one.rightsholder_id, one.submission_id)
    )


def check_copies(log: Log) -> None:
    """Check that the matcher's copies, and their count, are the contents of the submissions that are alive."""
    alive, copies = set(), set()
    for key, name, entry in log.entries():
        if isinstance(entry, Case) and entry.record is not None and entry.content is not None:
            alive.add((entry.content.blake3, key, entry.submission))
        if isinstance(entry, Copy):
            copies.add((key, name.removeprefix("copy/"), entry.submission))
    assert copies == alive
    counts = Counter(digest for digest, _, _ in copies)
    for key, _, entry in log.entries():
        assert not isinstance(entry, Digest) or entry.copies == counts[key], f"{key}: {entry} of {counts[key]}"
