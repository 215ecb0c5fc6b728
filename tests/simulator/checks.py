"""The guarantees, as checks of a drained cluster's log against the model (DESIGN: G1 to G8)."""

import math
from collections import Counter, defaultdict
from itertools import pairwise

from services.contracts.decided import NoticeIssued, TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.inside import ListingApplied, ListingChanged, MatchFound, UploadRead
from services.contracts.submitted import WorkSubmitted
from services.contracts.topics import (
    LISTINGS_APPLIED,
    LISTINGS_CHANGED,
    MATCHES_FOUND,
    MATCHES_REVISED,
    NOTICES_ISSUED,
    TAKEDOWNS_ISSUED,
    UPLOADS_READ,
    UPLOADS_SUBMITTED,
    VERDICTS_DECIDED,
    WORKS_RECEIPTS,
    WORKS_SUBMITTED,
)
from services.enforcer.case import Case
from services.enforcer.verdicts import identify
from services.matcher.state import Copy, Digest
from tests.simulator.alike import check_likenesses, check_what_is_said
from tests.simulator.files import Files, content_of
from tests.simulator.log import Log, Written
from tests.simulator.model import FINAL, InForce, Upload, Work, final_receipts, submissions, uploads, works_in_force

Verdict = VerdictDecided.Verdict
Status = WorkReceipt.Status


def check_all(log: Log, files: Files, *, until_last_retry: bool = True) -> None:
    """Check every guarantee; each failure names the record that breaks it.

    `until_last_retry`: whether the log goes on until what cannot be read is no longer tried.
    """
    in_force = works_in_force(log, files)
    check_receipts(log, in_force)
    check_verdicts(log, files, in_force, until_last_retry=until_last_retry)
    check_takedowns(log)
    check_staydown(log)
    check_releases(log)
    check_copies(log)
    check_likenesses(log, in_force)


def check_verdicts(log: Log, files: Files, in_force: dict[Work, InForce], *, until_last_retry: bool) -> None:
    """G1, G5: every upload's last verdict is the one that follows from all facts."""
    said = _by_key(log.written(VERDICTS_DECIDED))
    for upload_id, upload in uploads(log).items():
        verdicts = said.pop(upload_id, [])
        _check_revisions(verdicts)
        last = verdicts[-1].fact if verdicts else None
        if upload.record is None:
            assert last is None, f"{upload_id} was deleted, and yet {last}"
            continue
        assert isinstance(last, VerdictDecided), f"no verdict on {upload_id}"
        assert last.submission == upload.first, f"{last} is not about the submission {upload.first}"
        assert last.complete or not until_last_retry, f"{last} is still being tried"
        _check_verdict(last, upload, log, files, in_force)
    assert not said, f"verdicts on what was never submitted: {said}"


def _check_verdict(last: VerdictDecided, upload: Upload, log: Log, files: Files, in_force: dict[Work, InForce]) -> None:
    assert upload.record is not None
    found = _reads_of(upload, log)
    uri = upload.record.uri
    if last.verdict is Verdict.UNSCANNED:
        assert not found or not files.is_steady(uri), f"{last}, and yet reads found {found}"
        return
    assert last.content is not None
    assert last.content.blake3 in found, f"{last} is about bytes that no read found"
    if files.is_steady(uri):
        assert last.content == content_of(str(files.now(uri))), f"{last} is about other bytes"
    check_what_is_said(last, last.content.blake3, in_force)
    assert last.explanation


def _reads_of(upload: Upload, log: Log) -> set[str]:
    assert upload.record is not None
    found = set()
    for written in log.written(UPLOADS_READ):
        read = written.fact
        assert isinstance(read, UploadRead)
        if read.upload_id == upload.record.upload_id and upload.first <= read.submission <= upload.last:
            found |= {read.content.blake3} if read.content else set()
    return found


def _check_revisions(written: list[Written]) -> None:
    """G3: revisions count up by one, and nothing is said twice running."""
    verdicts = [one.fact for one in written]
    revisions = [one.revision for one in verdicts if isinstance(one, VerdictDecided)]
    assert revisions == list(range(1, len(revisions) + 1)), f"revisions {revisions}"
    ids = {one.decision_id for one in verdicts if isinstance(one, VerdictDecided)}
    assert len(ids) == len(revisions), "a decision_id twice"
    for one, other in pairwise(verdicts):
        assert one is not None or other is not None, "null twice"
        if isinstance(one, VerdictDecided) and isinstance(other, VerdictDecided) and one.verdict is Verdict.CLEAR:
            voided = other.verdict is Verdict.UNSCANNED
            assert one.submission == other.submission or voided, f"{one} stood until {other}"


def check_receipts(log: Log, in_force: dict[Work, InForce]) -> None:
    """G1, G3: one final receipt per submission_id and content; ENFORCED and CONFLICTED where they are due."""
    finals = final_receipts(log)
    for submission, contents in submissions(log).items():
        assert len(finals.get(submission, [])) == len(contents), f"{submission}: {finals.get(submission)}"
    told: dict[tuple[str, str], list[Status]] = defaultdict(list)
    conflicted = set()
    for written in log.written(WORKS_RECEIPTS):
        receipt = written.fact
        assert isinstance(receipt, WorkReceipt)
        told[receipt.rightsholder_id, receipt.submission_id].append(receipt.status)
        if receipt.status is Status.CONFLICTED:
            conflicted.add((receipt.rightsholder_id, receipt.work_id))
    for submission, statuses in told.items():
        _check_follow_ups(submission, statuses)
    for work, one in in_force.items():
        assert Status.ENFORCED in told[work[0], one.submission_id], f"{work} is in force and was never ENFORCED"
        rivals = [other for other in in_force if other[0] != work[0] and in_force[other].digests & one.digests]
        assert not rivals or work in conflicted, f"{work} was not told of {rivals}"


def _check_follow_ups(submission: tuple[str, str], statuses: list[Status]) -> None:
    follow_ups = [status for status in statuses if status not in FINAL]
    assert len(follow_ups) == len(set(follow_ups)), f"{submission}: {statuses}"
    if follow_ups:
        assert Status.ACCEPTED in statuses[: statuses.index(follow_ups[0])], f"{submission}: {statuses}"


def check_takedowns(log: Log) -> None:
    """G2, G3: takedown and reinstatement alternate; each has a match on listed bytes behind it."""
    turns: dict[str, list[TakedownIssued]] = defaultdict(list)
    for written in log.written(TAKEDOWNS_ISSUED):
        takedown = written.fact
        assert isinstance(takedown, TakedownIssued)
        turns[takedown.takedown_id].append(takedown)
        assert takedown.statement_of_reasons.facts
        assert takedown.statement_of_reasons.redress
    for turned in turns.values():
        expected = [TakedownIssued.Status.ISSUED, TakedownIssued.Status.REINSTATED] * len(turned)
        assert [one.status for one in turned] == expected[: len(turned)], turned
    matched = _matched(log)
    assert turns.keys() <= matched, "a takedown without a match on listed bytes"
    _check_down_is_blocked(log, turns)
    _check_notices(log, turns)


def _matched(log: Log) -> set[str]:
    """Return the ids of the takedowns that a match on bytes, listed for that work, allows."""
    listed = {
        (one.rightsholder_id, one.work_id, one.digest)
        for written in log.written(LISTINGS_CHANGED)
        if isinstance(one := written.fact, ListingChanged) and one.listed
    }
    found = set()
    for written in (*log.written(MATCHES_FOUND), *log.written(MATCHES_REVISED)):
        match = written.fact
        assert isinstance(match, MatchFound)
        for one in match.matches:
            assert (one.rightsholder_id, one.work_id, match.digest) in listed, f"{match} on bytes that nobody listed"
            found.add(_takedown_id(match.upload_id, match.submission, (one.rightsholder_id, one.work_id)))
    return found


def _takedown_id(upload_id: str, submission: int, work: Work) -> str:
    return identify("takedown", upload_id, submission, *work)


def _check_down_is_blocked(log: Log, turns: dict[str, list[TakedownIssued]]) -> None:
    """Check that what is down for a living submission is what its verdict names, and nothing else."""
    down = {one for one, turned in turns.items() if turned[-1].status is TakedownIssued.Status.ISSUED}
    for upload_id, verdicts in _by_key(log.written(VERDICTS_DECIDED)).items():
        last = verdicts[-1].fact
        if not isinstance(last, VerdictDecided) or last.verdict is Verdict.UNSCANNED:
            continue
        blocked = {
            _takedown_id(upload_id, last.submission, (work.rightsholder_id, work.work_id)) for work in last.works
        }
        of_submission = {one for one in down if _is_about(turns[one][-1], upload_id, last.submission)}
        assert of_submission == blocked, f"{last}: down are {[turns[one][-1] for one in of_submission]}"


def _is_about(takedown: TakedownIssued, upload_id: str, submission: int) -> bool:
    work = (takedown.rightsholder_id, takedown.work_id)
    return takedown.takedown_id == _takedown_id(upload_id, submission, work)


def _check_notices(log: Log, turns: dict[str, list[TakedownIssued]]) -> None:
    notices = [one for written in log.written(NOTICES_ISSUED) if isinstance(one := written.fact, NoticeIssued)]
    assert len({one.notice_id for one in notices}) == len(notices), "a notice twice"
    due = sum(1 + bool(one.community_id) for turned in turns.values() for one in turned)
    assert len(notices) == due, f"{len(notices)} notices, {due} due"


def check_staydown(log: Log) -> None:
    """G4: no CLEAR names a submission, of listed bytes, that came after ACCEPTED could be read."""
    submitted = {(one.key, one.offset): one.step for one in log.written(UPLOADS_SUBMITTED) if one.fact}
    ended = _ends(log)
    digests = _digests(log)
    accepted = [one for one in log.written(WORKS_RECEIPTS) if _is(one.fact, Status.ACCEPTED)]
    for written in log.written(VERDICTS_DECIDED):
        verdict = written.fact
        if not isinstance(verdict, VerdictDecided) or verdict.verdict is not Verdict.CLEAR:
            continue
        assert verdict.content is not None
        for receipt in accepted:
            assert isinstance(receipt.fact, WorkReceipt)
            ids = (receipt.fact.rightsholder_id, receipt.fact.submission_id)
            came_after = submitted[verdict.upload_id, verdict.submission] > receipt.step
            later = [step for offset, step in ended[ids[0], receipt.fact.work_id] if offset > digests[ids][1]]
            in_force = min(later, default=math.inf)
            listed = verdict.content.blake3 in digests[ids][0]
            assert not (came_after and listed and written.step < in_force), f"{verdict} after {receipt.fact}"


def check_releases(log: Log) -> None:
    """RELEASED is written when no listing of the work is left: every removal before it has been applied."""
    applied = {
        (one.rightsholder_id, one.work_id, one.reference_id, one.digest, one.version, one.similar): written.step
        for written in reversed(log.written(LISTINGS_APPLIED))
        if isinstance(one := written.fact, ListingApplied) and one.answer is ListingApplied.Answer.REMOVED
    }
    released = [written for written in log.written(WORKS_RECEIPTS) if _is(written.fact, Status.RELEASED)]
    for written in log.written(LISTINGS_CHANGED):
        one = written.fact
        assert isinstance(one, ListingChanged)
        for receipt in released:
            assert isinstance(receipt.fact, WorkReceipt)
            work = (receipt.fact.rightsholder_id, receipt.fact.work_id)
            ends = not one.listed and one.version >= 0
            if not ends or work != (one.rightsholder_id, one.work_id) or written.step >= receipt.step:
                continue
            removal = (*work, one.reference_id, one.digest, one.version, one.similar)
            assert applied[removal] <= receipt.step, f"{receipt.fact} before {removal} was applied"


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


def _is(fact: object, status: Status) -> bool:
    return isinstance(fact, WorkReceipt) and fact.status is status


def _ends(log: Log) -> dict[Work, list[tuple[int, float]]]:
    """Return where and when each work was released or registered anew, as seen from outside."""
    ends: dict[Work, list[tuple[int, float]]] = defaultdict(list)
    for written in log.written(WORKS_SUBMITTED):
        if isinstance(written.fact, WorkSubmitted):
            ends[written.fact.rightsholder_id, written.fact.work_id].append((written.offset, written.step))
    return ends


def _digests(log: Log) -> dict[tuple[str, str], tuple[set[str], int]]:
    """Return what each submission listed, and the offset at which it first came."""
    found: dict[tuple[str, str], tuple[set[str], int]] = {}
    came = {
        (one.rightsholder_id, one.submission_id): written.offset
        for written in reversed(log.written(WORKS_SUBMITTED))
        if isinstance(one := written.fact, WorkSubmitted)
    }
    for written in log.written(LISTINGS_CHANGED):
        one = written.fact
        assert isinstance(one, ListingChanged)
        ids = (one.rightsholder_id, one.submission_id)
        if one.listed and not one.similar:
            found.setdefault(ids, (set(), came[ids]))[0].add(one.digest)
    return found


def _by_key(records: list[Written]) -> dict[str, list[Written]]:
    found: dict[str, list[Written]] = defaultdict(list)
    for written in records:
        found[written.key].append(written)
    return dict(found)
