"""What people say to decisions: reviews and disputes, each of which counts or is answered by a notice."""

from collections import Counter
from collections.abc import Iterator

from services.contracts.decided import NoticeIssued, Recipient, Subject, VerdictDecided, WorkReceipt
from services.contracts.inside import ContentRuled, ListingChanged
from services.contracts.objections import DisputeSubmitted, ReviewSubmitted
from services.contracts.topics import (
    CONTENTS_RULED,
    DISPUTES_SUBMITTED,
    LISTINGS_CHANGED,
    NOTICES_ISSUED,
    REVIEWS_SUBMITTED,
)
from services.contracts.types import milliseconds
from tests.simulator.deadlines import check_deadlines, check_endings, deadlines_of
from tests.simulator.log import Log, Written, facts
from tests.simulator.model import verdicts_by_upload
from tests.simulator.rights import Work
from tests.simulator.sayings import actions
from tests.simulator.verdicts import Facts

Verdict = VerdictDecided.Verdict
Reason = VerdictDecided.Reason
Decision = ReviewSubmitted.Answer
Kind = Recipient.Kind
Review = tuple[Written, ReviewSubmitted]


def check_rulings(known: Facts) -> None:
    """Check that every ruling has a person behind it, or a claimant who was silent for as long as the law says."""
    reviews = [*_reviews(known.log)]
    for written, ruled in facts(known.log, CONTENTS_RULED, ContentRuled):
        work = (ruled.rightsholder_id, ruled.work_id)
        if ruled.protected:
            assert any(_protects(one, ruled.digest, written, known) for one in reviews), f"{ruled}: nobody said so"
        else:
            rejected = any(_rejects(one, ruled.digest, work, written, known) for one in reviews)
            assert rejected or _is_lost(ruled.digest, work, written, known), f"{ruled}: nobody said so"
    for written, change in facts(known.log, LISTINGS_CHANGED, ListingChanged):
        if change.change is ListingChanged.Change.PROTECTED:
            assert any(_protects_work(one, change, written) for one in reviews), f"{change}: nobody said so"


def _reviews(log: Log) -> Iterator[Review]:
    yield from facts(log, REVIEWS_SUBMITTED, ReviewSubmitted)


def _seen(review: ReviewSubmitted, known: Facts) -> VerdictDecided | None:
    """Return the verdict that a reviewer saw, if there ever was such a one."""
    if review.upload is None:
        return None
    verdicts = verdicts_by_upload(known.log).get(review.upload.upload_id, [])
    return next((one for _, one in verdicts if one.decision_id == review.upload.decision_id), None)


def _protects(one: Review, digest: str, ruled: Written, known: Facts) -> bool:
    written, review = one
    seen = _seen(review, known)
    is_about = seen is not None and seen.content is not None and seen.content.blake3 == digest
    return is_about and review.decision is Decision.PROTECT and written.step <= ruled.step


def _protects_work(one: Review, change: ListingChanged, ruled: Written) -> bool:
    written, review = one
    work = review.work
    mine = (change.rightsholder_id, change.work_id, change.submission_id)
    is_about = work is not None and (work.rightsholder_id, work.work_id, work.submission_id) == mine
    return is_about and review.decision is Decision.PROTECT and written.step <= ruled.step


def _rejects(one: Review, digest: str, work: Work, ruled: Written, known: Facts) -> bool:
    written, review = one
    seen = _seen(review, known)
    if seen is None or seen.content is None or seen.verdict is not Verdict.HELD:
        return False
    names = work in {(of.rightsholder_id, of.work_id) for of in seen.works}
    return names and seen.content.blake3 == digest and review.decision is Decision.REJECT and written.step <= ruled.step


def _is_lost(digest: str, work: Work, ruled: Written, known: Facts) -> bool:
    """Tell whether a claimant has given a claim on these bytes up, or let the time for it pass."""
    for upload_id, verdicts in verdicts_by_upload(known.log).items():
        if not any(one.content is not None and one.content.blake3 == digest for _, one in verdicts):
            continue
        for written, step in facts(known.log, DISPUTES_SUBMITTED, DisputeSubmitted):
            gives_up = step.release is not None and step.release.rightsholder_id == work[0]
            if step.upload_id == upload_id and gives_up and written.step <= ruled.step:
                return True
        for one in deadlines_of(known.log):
            is_mine = one.upload_id == upload_id and one.rightsholder_id == work[0]
            if is_mine and milliseconds(one.until) < ruled.time:
                return True
    return False


def check_reviews(known: Facts) -> None:
    """Check that each review was taken or answered by a notice, and that what was taken had its effect."""
    notices = Counter(
        one.recipient.id
        for _, one in facts(known.log, NOTICES_ISSUED, NoticeIssued)
        if one.recipient.kind is Kind.PLATFORM and not one.about.dispute_id
    )
    said = Counter(review for _, review in _reviews(known.log))
    for review, times in said.items():
        refusals = notices.pop(review.reviewer_id, 0)
        assert refusals <= times, f"{review} was said {times} times and refused {refusals} times"
        if review.upload is not None:
            _check_upload_review(review, known, refused=refusals == times)
        else:
            _check_work_review(review, known, refused=refusals > 0)
    assert not notices, f"notices to reviewers of nothing: {notices}"


def _check_upload_review(review: ReviewSubmitted, known: Facts, *, refused: bool) -> None:
    assert review.upload is not None
    seen = _seen(review, known)
    if seen is None:
        assert refused, f"{review} is about no verdict, and nobody was told"
        return
    verdicts = verdicts_by_upload(known.log)[review.upload.upload_id]
    is_right = _is_open_to(review.decision, seen)
    is_last = verdicts[-1][1] is seen
    assert not (is_right and is_last) or refused, f"{review} had no effect on {seen}"
    if refused:
        return
    assert is_right, f"{review} of {seen} was not refused"
    assert seen.content is not None
    digest, works = seen.content.blake3, {(one.rightsholder_id, one.work_id) for one in seen.works}
    if review.decision is Decision.PROTECT:
        assert digest in known.rulings.protected, f"{review} of {seen} protected nothing"
    elif review.decision is Decision.APPROVE:
        approved = known.rulings.approved.get((seen.upload_id, digest), set())
        after = verdicts[[one for _, one in verdicts].index(seen) + 1][1]
        moot = {(one.rightsholder_id, one.work_id) for one in after.works if after.verdict is Verdict.HELD}
        assert approved & works or not moot & works, f"{review} of {seen} approved nothing"
    elif works:
        assert known.rulings.lost.get(digest, set()) & works, f"{review} of {seen} rejected nothing"


def _is_open_to(decision: Decision, seen: VerdictDecided) -> bool:
    """Tell whether such a review can be of such a verdict at all."""
    if seen.content is None:
        return False
    if decision is Decision.PROTECT:
        return seen.verdict in (Verdict.HELD, Verdict.BLOCKED)
    return seen.verdict is Verdict.HELD and (bool(seen.works) or decision is Decision.REJECT)


def _check_work_review(review: ReviewSubmitted, known: Facts, *, refused: bool) -> None:
    work = review.work
    assert work is not None
    said = [
        one
        for one in actions(known.log).get(work.rightsholder_id, [])
        if (one.fact.work_id, one.fact.submission_id) == (work.work_id, work.submission_id)
    ]
    if refused:
        return
    assert said, f"{review} of what nobody submitted, or was not decided, and nobody was told"
    receipt = said[0].receipt
    if review.decision is Decision.APPROVE:
        # Approved while another action is under way it waits for its turn, and a later registration may come before.
        said_later = {
            WorkReceipt.Reason.OVERLAPPING_CLAIM,
            WorkReceipt.Reason.SUSPENDED,
            WorkReceipt.Reason.SUPERSEDED,
        }
        dropped = {WorkReceipt.Reason.PROTECTED_CONTENT, *said_later}
        is_right = said[0].is_done or set(receipt.reasons) <= dropped
    elif review.decision is Decision.REJECT:
        is_right = not said[0].is_done
    else:
        is_right = set(receipt.reasons) == {WorkReceipt.Reason.PROTECTED_CONTENT}
    assert is_right, f"{review}, and yet {receipt}"


def check_disputes(known: Facts) -> None:
    """Check that every step of a dispute is told to somebody, and that deadlines are those of the law and are met.

    That a dispute goes on until its end is told, and that nobody has to answer one of what they have upheld.
    """
    check_deadlines(known)
    check_endings(known)
    _check_answered(known)
    _check_upheld(known)


def _check_upheld(known: Facts) -> None:
    """Check that no claim on some bytes is disputed after it was upheld, as far as letters name their one work."""
    upheld: dict[tuple[str, Subject, str], float] = {}
    for written, one in facts(known.log, NOTICES_ISSUED, NoticeIssued):
        if not one.about.dispute_id or not one.about.work_id or known.deleted(one.about.upload_id):
            continue
        work = Subject(rightsholder_id=one.about.rightsholder_id, work_id=one.about.work_id)
        claim = (one.about.upload_id, work, _digest_then(one.about.upload_id, written, known))
        if " upholds the takedown " in one.text and one.recipient.kind is Kind.UPLOADER:
            upheld.setdefault(claim, written.step)
        elif " disputes the takedown " in one.text and one.recipient.kind is Kind.RIGHTSHOLDER:
            assert upheld.get(claim, written.step) >= written.step, f"{one}, and it was upheld before"


def _digest_then(upload_id: str, written: Written, known: Facts) -> str:
    """Return the bytes that were taken down when a letter about them was written."""
    verdicts = verdicts_by_upload(known.log)[upload_id]
    said = [one for at, one in verdicts if at.step <= written.step and one.verdict is Verdict.BLOCKED and one.content]
    assert said, f"a dispute of {upload_id}, which was never down"
    assert said[-1].content is not None
    return said[-1].content.blake3


def _check_answered(known: Facts) -> None:
    """Check that no step about an upload that is there goes by without a word."""
    told = Counter(
        (one.about.upload_id, one.about.dispute_id)
        for _, one in facts(known.log, NOTICES_ISSUED, NoticeIssued)
        if one.about.dispute_id and not one.subject.endswith("is over")
    )
    steps: dict[tuple[str, str], set[DisputeSubmitted]] = {}
    for written, step in facts(known.log, DISPUTES_SUBMITTED, DisputeSubmitted):
        if _is_there(step.upload_id, written, known):
            steps.setdefault((step.upload_id, step.dispute_id), set()).add(step)
    for about, said in steps.items():
        assert told[about] >= len(said), f"{said}: {told[about]} notices"


def _is_there(upload_id: str, step: Written, known: Facts) -> bool:
    """Tell whether an upload was there for certain when a step was met: it had a verdict, and was never deleted."""
    verdicts = verdicts_by_upload(known.log).get(upload_id, [])
    return bool(verdicts) and verdicts[0][0].step < step.step and not known.deleted(upload_id)
