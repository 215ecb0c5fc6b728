"""G1, G5: every upload's last verdict is the one that follows from all facts, and says what it rests on."""

from collections.abc import Mapping
from itertools import chain, pairwise
from typing import NamedTuple

from services.contracts.decided import Evidence, VerdictDecided
from services.contracts.inside import UploadRead
from services.contracts.sample import Likeness
from services.contracts.standing import Standee, StrikesChanged
from services.contracts.topics import STRIKES_CHANGED, UPLOADS_READ, UPLOADS_SUBMITTED, VERDICTS_DECIDED
from tests.simulator.files import Files, content_of
from tests.simulator.judging import Judged, judge
from tests.simulator.log import Log, Written, facts
from tests.simulator.model import Rulings, Upload
from tests.simulator.rights import InForce, Work

Verdict = VerdictDecided.Verdict
Reason = VerdictDecided.Reason
Scan = VerdictDecided.Scan
Kind = Standee.Kind

LIKENESS = {Reason.IDENTICAL, Reason.SIMILAR}
OVER = {Reason.RELEASED, Reason.SETTLED, Reason.NO_MATCH, Reason.DISPUTE_WON, Reason.PROTECTED_CONTENT}
"""What is said of what was there before, which the end alone does not tell."""

HELD_UP = {Verdict.HELD, Verdict.UNSCANNED}


class Facts(NamedTuple):
    """All that a verdict is judged by."""

    log: Log
    files: Files
    in_force: Mapping[Work, InForce]
    rulings: Rulings
    alive: Mapping[str, Upload]

    def deleted(self, upload_id: str) -> bool:
        """Tell whether an upload was ever deleted by its owner."""
        return any(one.fact is None for one in self.log.written(UPLOADS_SUBMITTED) if one.key == upload_id)


def check_verdicts(known: Facts, *, until_last_retry: bool) -> None:
    """Check the last verdict on every upload, and the order of all of them."""
    said = by_key(known.log.written(VERDICTS_DECIDED))
    for upload_id, upload in known.alive.items():
        verdicts = said.pop(upload_id, [])
        _check_revisions(verdicts)
        last = verdicts[-1].fact if verdicts else None
        if upload.record is None:
            assert last is None, f"{upload_id} was deleted, and yet {last}"
            continue
        assert isinstance(last, VerdictDecided), f"no verdict on {upload_id}"
        assert last.submission == upload.first, f"{last} is not about the submission {upload.first}"
        assert last.complete or last.verdict is Verdict.HELD or not until_last_retry, f"{last} is still being tried"
        _check_verdict(last, upload, known, was_deleted=known.deleted(upload_id))
    assert not said, f"verdicts on what was never submitted: {said}"


def by_key(records: list[Written]) -> dict[str, list[Written]]:
    """Return the records of each key, in their order."""
    found: dict[str, list[Written]] = {}
    for written in records:
        found.setdefault(written.key, []).append(written)
    return found


def _check_revisions(written: list[Written]) -> None:
    """G3: revisions count up by one, or anew from one after a deletion, and nothing is said twice running."""
    verdicts = [one.fact for one in written]
    ids = [one.decision_id for one in verdicts if isinstance(one, VerdictDecided)]
    assert len(set(ids)) == len(ids), "a decision_id twice"
    last, was_deleted = 0, False
    for verdict in verdicts:
        if isinstance(verdict, VerdictDecided):
            expected = {last + 1, 1} if was_deleted else {last + 1}
            assert verdict.revision in expected, f"{verdict} after revision {last}"
            last, was_deleted = verdict.revision, False
            assert verdict.complete or verdict.verdict is not Verdict.CLEAR, f"{verdict}, and a scan is owed"
        else:
            was_deleted = True
    for one, other in pairwise(verdicts):
        assert one is not None or other is not None, "null twice"
        if isinstance(one, VerdictDecided) and isinstance(other, VerdictDecided):
            voided = one.verdict is not Verdict.CLEAR or other.verdict is Verdict.UNSCANNED
            assert one.submission == other.submission or voided, f"{one} stood until {other}"
            meaning = [
                (v.verdict, v.submission, v.content, v.reasons, v.works, v.evidence, v.complete) for v in (one, other)
            ]
            same = meaning[0] == meaning[1] and one.blocked_territories == other.blocked_territories
            assert not same or one.explanation != other.explanation, f"{one} said twice"


def _check_verdict(last: VerdictDecided, upload: Upload, known: Facts, *, was_deleted: bool) -> None:
    assert upload.record is not None
    found = _reads_of(upload, known.log)
    uri = upload.record.uri
    assert last.explanation
    if last.verdict is Verdict.UNSCANNED:
        assert not found or not known.files.is_steady(uri), f"{last}, and yet reads found {found}"
        return
    assert last.content is not None
    assert last.content.blake3 in found, f"{last} is about bytes that no read found"
    if known.files.is_steady(uri):
        assert last.content == content_of(str(known.files.now(uri))), f"{last} is about other bytes"
    digest = last.content.blake3
    works = {work: one for work, one in known.in_force.items() if digest in one.digests or one.alike(digest)}
    ruled = known.rulings.of(last.upload_id, digest)
    judged = judge(works, upload.record, ruled, known.log.now)
    if last.verdict is not judged.verdict and was_deleted:  # what was approved is forgotten a day after a deletion
        judged = judge(works, upload.record, ruled._replace(approved=frozenset()), known.log.now)
    if last.verdict is Verdict.HELD and Reason.STANDING in last.reasons:
        assert judged.verdict is Verdict.CLEAR, f"{last}: expected {judged}"
        assert _was_watched(upload, known.log), f"{last}, and nobody had a standing"
        return
    _check_judged(last, judged)
    _check_what_is_said(last, digest, works)


def _reads_of(upload: Upload, log: Log) -> set[str]:
    assert upload.record is not None
    found = set()
    for _, read in facts(log, UPLOADS_READ, UploadRead):
        if read.upload_id == upload.record.upload_id and upload.first <= read.submission <= upload.last:
            found |= {read.content.blake3} if read.content else set()
    return found


def _was_watched(upload: Upload, log: Log) -> bool:
    assert upload.record is not None
    subjects = {(Kind.UPLOADER, upload.record.uploader_id), (Kind.COMMUNITY, upload.record.community_id)}
    told = facts(log, STRIKES_CHANGED, StrikesChanged)
    return any((one.subject.kind, one.subject.id) in subjects for _, one in told)


def _check_judged(last: VerdictDecided, judged: Judged) -> None:
    """Check what is to be done with the upload, and why."""
    why = f"{last}: expected {judged}"
    assert last.verdict is judged.verdict, why
    assert last.blocked_territories == judged.blocked, why
    named, reasons = {(one.rightsholder_id, one.work_id) for one in last.works}, set(last.reasons)
    assert reasons, why
    if last.verdict is Verdict.CLEAR:
        assert named == judged.tracking, why
        allowed = OVER | set(judged.spared.values()) | (LIKENESS if judged.tracking else set())
        due = set(judged.spared.values()) - OVER if not judged.tracking else set()
        assert due <= reasons <= allowed, why
    elif last.verdict is Verdict.HELD:
        held = set(judged.held.values())
        assert judged.held.keys() <= named, why
        assert held <= reasons <= held | LIKENESS | {Reason.PENDING_REVIEW}, why
    else:
        assert judged.where.keys() <= named <= {*judged.where, *judged.held, *judged.tracking}, why
        assert reasons <= LIKENESS | set(judged.held.values()), why


def _check_what_is_said(last: VerdictDecided, digest: str, works: Mapping[Work, InForce]) -> None:
    """Check that a verdict says of each work that it names where they are alike, and of each whether wholly."""
    named = [(one.rightsholder_id, one.work_id) for one in last.works]
    assert named == sorted(set(named)), f"{last}"
    assert list(last.work_ids) == [work_id for _, work_id in named], f"{last}"
    evidence = set(chain.from_iterable(_evidence(work, works[work], digest) for work in named))
    assert set(last.evidence) == evidence, f"{last}: expected {evidence}"
    assert len(last.evidence) == len(evidence), f"{last} says something twice"
    identical = {work for work in named if digest in works[work].digests}
    reasons = ({Reason.IDENTICAL} if identical else set()) | ({Reason.SIMILAR} if set(named) - identical else set())
    assert set(last.reasons) & LIKENESS in (reasons, set() if last.verdict is Verdict.HELD else reasons), f"{last}"


def _evidence(work: Work, one: InForce, digest: str) -> list[Evidence]:
    same = [name for name, other in one.references.items() if other == digest]
    said = [Evidence(*work, name, Scan.BYTES, 1.0) for name in same]
    for name, found in one.alike(digest).items():
        said.append(Evidence(*work, name, Scan.BYTES, found.score, 0, 0, 0, 0, *_extent(found)))
    return said


def _extent(found: Likeness) -> tuple[int, int, int, int]:
    upload = found.upload_start_bytes, found.upload_end_bytes
    return *upload, found.reference_start_bytes, found.reference_end_bytes
