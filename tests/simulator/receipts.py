"""G1, G3: what is answered to a works submission: one final receipt each, and one that was possible."""

from collections import defaultdict
from collections.abc import Mapping

from services.contracts.decided import WorkReceipt
from services.contracts.inside import ListingApplied
from services.contracts.objections import ReviewSubmitted
from services.contracts.submitted import WorkSubmitted
from services.contracts.topics import LISTINGS_APPLIED, REVIEWS_SUBMITTED, WORKS_RECEIPTS
from tests.simulator.completeness import problems_of
from tests.simulator.files import Files
from tests.simulator.log import Log, facts
from tests.simulator.rights import InForce, Work, listings_of
from tests.simulator.sayings import (
    BY_ENROLMENT,
    BY_SIGNATURE,
    FINAL,
    Answers,
    Said,
    Submission,
    actions,
    answers_of,
    is_newcomer,
    received,
    refusals,
    steps,
    submitted,
    times_of,
)

Status = WorkReceipt.Status
Reason = WorkReceipt.Reason
Answer = ListingApplied.Answer
Decision = ReviewSubmitted.Answer

BY_LIMIT = frozenset({Reason.TOO_MANY_COPIES, Reason.TOO_MANY_PENDING})


def check_receipts(log: Log, files: Files, in_force: Mapping[Work, InForce]) -> None:
    """Check that everything was answered once, by what could be answered, and followed by what was due."""
    _check_counts(log)
    _check_follow_ups(log, in_force)
    for said in actions(log).values():
        for one in said:
            _check_enrolment(one, log)
            if one.held and Reason.SUSPENDED in one.receipt.reasons:
                assert Decision.APPROVE in _reviews(one.fact, log), f"{one.receipt} was held, and nobody approved it"
            if one.receipt.status is Status.HELD:
                _check_waiting(one, said)
            elif not BY_ENROLMENT & set(one.receipt.reasons):
                _check_answer(one, said, log, files)
    _check_versions(log)


def _check_counts(log: Log) -> None:
    """Check that of each submission_id every content was answered once, and apart from it what was not signed."""
    records: dict[Submission, list[tuple[tuple[object, object], set[Reason | None]]]] = defaultdict(list)
    for written, fact in submitted(log):
        how = refusals(written, log, times_of(written, log))
        by = (written.signed.signature, written.signed.signed_at) if written.signed else None
        content = (fact, by)
        records[fact.rightsholder_id, fact.submission_id].append((content, how))
    answers = answers_of(log)
    for submission, of_it in records.items():
        got = answers.get(submission, Answers())
        forged = [content for content, how in of_it if how & BY_SIGNATURE]
        surely_forged = [content for content, how in of_it if how <= BY_SIGNATURE]
        taken = {content[0] for content, how in of_it if how - BY_SIGNATURE}
        surely_taken = {content[0] for content, how in of_it if not how & BY_SIGNATURE}
        assert len(set(surely_forged)) <= len(got.forged) <= len(set(forged)), f"{submission}: {got}"
        contents = bool(got.final or got.held) + got.others
        assert len(surely_taken) <= contents <= len(taken), f"{submission}: {got}"


def _check_waiting(one: Said, said: list[Said]) -> None:
    """Check that what still waits for a person was not ended by what came later."""
    for other in said:
        is_later = other.order > one.order and other.is_done
        of_work = other.fact.work_id == one.fact.work_id and (other.fact.register or other.fact.release)
        assert not (is_later and (of_work or other.fact.settle)), f"{one.receipt} waits, in spite of {other.receipt}"


def _check_follow_ups(log: Log, in_force: Mapping[Work, InForce]) -> None:
    told: dict[Submission, list[Status]] = defaultdict(list)
    conflicted = set()
    for _, receipt in facts(log, WORKS_RECEIPTS, WorkReceipt):
        told[receipt.rightsholder_id, receipt.submission_id].append(receipt.status)
        if receipt.status is Status.CONFLICTED:
            conflicted.add((receipt.rightsholder_id, receipt.work_id))
    for submission, statuses in told.items():
        _check_order(submission, statuses)
    for work, one in in_force.items():
        assert Status.ENFORCED in told[work[0], one.submission_id], f"{work} is in force and was never ENFORCED"
        rivals = [other for other in in_force if other[0] != work[0] and in_force[other].digests & one.digests]
        assert not rivals or work in conflicted, f"{work} was not told of {rivals}"


def _check_order(submission: Submission, statuses: list[Status]) -> None:
    others = [status for status in statuses if status not in FINAL]
    assert len(others) == len(set(others)), f"{submission}: {statuses}"
    if Status.HELD in others:
        assert not set(statuses[: statuses.index(Status.HELD)]) & FINAL - {Status.REJECTED}, f"{submission}: {statuses}"
        others.remove(Status.HELD)
    if others:
        assert Status.ACCEPTED in statuses[: statuses.index(others[0])], f"{submission}: {statuses}"


def _check_enrolment(one: Said, log: Log) -> None:
    """Check that some enrolment explains the answer: the last that was there before the submission, or a later one."""
    expected = refusals(one.written, log, (received(one.receipt),)) - BY_SIGNATURE
    refused = BY_ENROLMENT & set(one.receipt.reasons)
    assert (next(iter(refused)) if refused else None) in expected, f"{one.receipt}: expected one of {expected}"


def _check_answer(one: Said, said: list[Said], log: Log, files: Files) -> None:
    """Check an answer to somebody who may submit."""
    reasons, receipt = set(one.receipt.reasons), one.receipt
    problems = problems_of(one.fact, received(receipt))
    if problems:
        assert receipt.status is Status.REJECTED, receipt
        assert reasons == problems, f"{receipt}: expected {problems}"
    elif one.fact.register is not None:
        _check_registration(one, said, log, files)
    elif one.is_of_catalogue:
        unknown = one.fact.revoke is not None and not one.is_done
        assert one.is_done or (unknown and reasons == {Reason.UNKNOWN_LICENSE}), receipt
    elif not one.is_done:
        possible = {Reason.UNKNOWN_WORK} if _may_be_unknown(one, said) else set()
        possible |= {Reason.UNKNOWN_LICENSE} if one.fact.revoke is not None else set()
        possible |= {Reason.INVALID_FIELD} if one.fact.exclude is not None else set()
        possible |= {Reason.SUPERSEDED} if one.fact.release is None and _is_superseded(one, said, held=False) else set()
        assert len(reasons) == 1, receipt
        assert reasons <= possible, f"{receipt}: expected {possible or one.fact}"
    else:
        assert _may_be_known(one, said), f"{receipt}, and the work was never registered"
    _check_status(one)


def _check_status(one: Said) -> None:
    fact, status = one.fact, one.receipt.status
    due = {
        Status.ACCEPTED: fact.register,
        Status.RELEASED: fact.release or fact.settle,
        Status.LICENSED: fact.license or fact.license_catalogue,
        Status.REVOKED: fact.revoke,
        Status.EXCLUDED: fact.exclude,
    }
    assert status is Status.REJECTED or due[status] is not None, f"{fact} got {one.receipt}"


def _check_registration(one: Said, said: list[Said], log: Log, files: Files) -> None:
    """Check that the answer to a complete registration was possible."""
    assert one.fact.register is not None
    receipt, reasons = one.receipt, set(one.receipt.reasons)
    missing = any(ref.uri == files.uri("nowhere") for ref in one.fact.register.references)
    held, reviews = _held(one, log), _reviews(one.fact, log)
    if receipt.status is Status.ACCEPTED:
        assert not missing, receipt
        assert not held or Decision.APPROVE in reviews, f"{receipt} was held, and nobody approved it"
        assert not held or not _was_suspended(one.fact, log), f"{receipt} was approved of somebody who is suspended"
        _check_limit(one, log, is_approved=bool(held))
        return
    if reasons == {Reason.SUPERSEDED}:
        assert _is_superseded(one, said, held=bool(held)), receipt
    elif reasons <= BY_LIMIT:
        assert reasons == held, f"{receipt}, and it was held for {held}"
        assert Decision.REJECT in reviews, f"{receipt}, and nobody rejected it"
    elif reasons == {Reason.PROTECTED_CONTENT}:
        assert Decision.PROTECT in reviews or _was_protected(one, log), receipt
    else:
        assert reasons == {Reason.UNREADABLE_REFERENCE}, receipt
        assert missing or files.flaky, receipt


def _held(one: Said, log: Log) -> set[Reason]:
    """Return why a registration waited for a person."""
    mine = (one.fact.rightsholder_id, one.fact.submission_id)
    return {
        reason
        for _, receipt in facts(log, WORKS_RECEIPTS, WorkReceipt)
        if receipt.status is Status.HELD and (receipt.rightsholder_id, receipt.submission_id) == mine
        for reason in receipt.reasons
    }


def _reviews(fact: WorkSubmitted, log: Log) -> set[Decision]:
    return {review.decision for _, review in facts(log, REVIEWS_SUBMITTED, ReviewSubmitted) if _is_about(review, fact)}


def _is_about(review: ReviewSubmitted, fact: WorkSubmitted) -> bool:
    mine = (fact.rightsholder_id, fact.work_id, fact.submission_id)
    work = review.work
    return work is not None and (work.rightsholder_id, work.work_id, work.submission_id) == mine


def _was_suspended(fact: WorkSubmitted, log: Log) -> bool:
    """Tell whether a rightsholder was suspended for certain whenever a person approved a registration of theirs."""
    mine = [(at, step) for at, step in steps(log) if step.rightsholder_id == fact.rightsholder_id and not step.enroll]
    approvals = [
        at
        for at, review in facts(log, REVIEWS_SUBMITTED, ReviewSubmitted)
        if _is_about(review, fact) and review.decision is Decision.APPROVE
    ]
    for approval in approvals:
        before = [step for at, step in mine if at.step < approval.step]
        restored = any(step.restore for at, step in mine if at.step >= approval.step)
        if restored or not before or before[-1].suspend is None:
            return False
    return True


def _check_limit(one: Said, log: Log, *, is_approved: bool) -> None:
    """Check that what was let through without a person had few copies when they were counted."""
    work, submission = (one.fact.rightsholder_id, one.fact.work_id), one.fact.submission_id
    listings = listings_of(log)
    if is_approved:
        return
    if (work, submission) not in listings.limited:
        assert not is_newcomer(one.written, log), f"{one.receipt}, and its copies were not counted first"
        return
    version = listings.versions[work, submission]
    counted = {
        applied.digest: applied.copies
        for _, applied in facts(log, LISTINGS_APPLIED, ListingApplied)
        if applied.answer is Answer.COUNTED and applied.version == version and applied.work_id == work[1]
        if applied.rightsholder_id == work[0]
    }
    assert sum(counted.values()) <= log.rules.probation_copies_max, f"{one.receipt} with copies {counted}"


def _is_superseded(one: Said, said: list[Said], *, held: bool) -> bool:
    later = [other for other in said if other.order > one.order]
    of_work = [other for other in later if other.fact.work_id == one.fact.work_id]
    return (
        any(other.fact.settle is not None and other.is_done for other in later)
        or any(other.fact.release is not None for other in of_work)
        or (held and any(other.fact.register is not None for other in of_work))
    )


def _was_protected(one: Said, log: Log) -> bool:
    mine = (one.fact.rightsholder_id, one.fact.work_id)
    return any(
        applied.answer is Answer.PROTECTED and (applied.rightsholder_id, applied.work_id) == mine
        for _, applied in facts(log, LISTINGS_APPLIED, ListingApplied)
    )


def _may_be_unknown(one: Said, said: list[Said]) -> bool:
    """Tell whether a work may have had no registration: none had been accepted for certain since its last end."""
    ends, registered = _ends(one, said)
    return not any(
        other.is_done and other.order > ends and other.answered.offset < one.answered.offset for other in registered
    )


def _may_be_known(one: Said, said: list[Said]) -> bool:
    """Tell whether a work may have had a registration, one that was accepted or not yet answered."""
    ends, registered = _ends(one, said)
    return any(
        other.order > ends
        and (
            other.is_done
            or {Reason.SUPERSEDED} == set(other.receipt.reasons)
            or other.receipt.status is Status.HELD
            or other.answered.step >= one.written.step
        )
        for other in registered
    )


def _ends(one: Said, said: list[Said]) -> tuple[int, list[Said]]:
    """Return the place of the last end of a work before an action on it, and its registrations before that."""
    before = [other for other in said if other.order < one.order and other.is_done]
    mine = [other for other in before if other.fact.work_id == one.fact.work_id and other.fact.release is not None]
    ends = [other.order for other in before if other.fact.settle is not None] + [other.order for other in mine]
    registered = [
        other
        for other in said
        if other.order < one.order and other.fact.work_id == one.fact.work_id and other.fact.register is not None
    ]
    return max(ends, default=-1), registered


def _check_versions(log: Log) -> None:
    """Check that the listings of what was said later have the higher versions."""
    versions = listings_of(log).versions
    for said in actions(log).values():
        mine = [
            version
            for one in said
            if (version := versions.get(((one.fact.rightsholder_id, one.fact.work_id), one.fact.submission_id)))
            is not None
        ]
        assert mine == sorted(set(mine)), f"versions {mine}"
