"""The single-threaded model: what must be true in the end, computed from all facts one after another.

What the facts alone do not determine is taken from the log: what reads found, and which of several refusals that
depend on what was there when a submission was read was given. It is checked that each of those was possible.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from services.contracts.decided import WorkReceipt
from services.contracts.sample import Likeness
from services.contracts.submitted import (
    Reference,
    RightsholderSubmitted,
    UploadSubmitted,
    WorkSubmitted,
    WorkUnreadable,
)
from services.contracts.topics import RIGHTSHOLDERS_SUBMITTED, UPLOADS_SUBMITTED, WORKS_RECEIPTS, WORKS_SUBMITTED
from tests.simulator.files import Files, content_of
from tests.simulator.likeness import likeness
from tests.simulator.log import Log, Written

Status = WorkReceipt.Status
Reason = WorkReceipt.Reason
FINAL = frozenset({Status.ACCEPTED, Status.REJECTED, Status.RELEASED})
STANDING = frozenset({Reason.UNKNOWN_RIGHTSHOLDER, Reason.SUSPENDED})

Work = tuple[str, str]


@dataclass
class Upload:
    """The last word on an upload: the run of identical submissions that is alive, if any."""

    record: UploadSubmitted | None = None
    first: int = -1
    last: int = -1
    steps: list[int] = field(default_factory=list)


@dataclass
class InForce:
    """A registration that holds in the end: its references' digests by name, and which of them were read as files."""

    submission_id: str
    references: dict[str, str]
    read: frozenset[str]

    @property
    def digests(self) -> frozenset[str]:
        """The bytes that it names."""
        return frozenset(self.references.values())

    def alike(self, digest: str) -> dict[str, Likeness]:
        """Return, by reference, how some bytes resemble what it names; one given by digest resembles nothing."""
        found = {name: likeness(digest, self.references[name]) for name in self.read}
        return {name: one for name, one in found.items() if one is not None}


def uploads(log: Log) -> dict[str, Upload]:
    """Return the last word on every upload that was ever submitted or deleted."""
    found: dict[str, Upload] = {}
    for written in log.written(UPLOADS_SUBMITTED):
        last = found.setdefault(written.key, Upload())
        if written.fact is None:
            found[written.key] = Upload()
            continue
        assert isinstance(written.fact, UploadSubmitted)
        if last.record is not None and _same(last.record, written.fact):
            last.last = written.offset
        else:
            found[written.key] = Upload(written.fact, written.offset, written.offset)
    return found


def works_in_force(log: Log, files: Files) -> dict[Work, InForce]:
    """Return what holds in the end, and check every final receipt on the way."""
    receipts = final_receipts(log)
    enrolments = log.written(RIGHTSHOLDERS_SUBMITTED)
    in_force: dict[Work, InForce] = {}
    registered: dict[Work, bool] = {}
    for written, fact in _first_of_each_content(log):
        if isinstance(fact, WorkUnreadable):
            continue
        receipt = receipts[fact.rightsholder_id, fact.submission_id][0]
        if STANDING & set(receipt.reasons):
            _check_standing(receipt, written, enrolments)
            continue
        work = (fact.rightsholder_id, fact.work_id)
        if fact.release is not None:
            expected = Status.RELEASED if registered.get(work) else Status.REJECTED
            assert receipt.status is expected, f"{fact} got {receipt}"
            registered[work] = False
            in_force.pop(work, None)
            continue
        accepted = _check_registration(fact, receipt, files, log)
        if accepted is not None:
            in_force[work] = accepted
        if accepted is not None or Reason.SUPERSEDED in receipt.reasons:
            registered[work] = True
    return in_force


def final_receipts(log: Log) -> dict[tuple[str, str], list[WorkReceipt]]:
    """Return the final receipts of each submission, the one for its first content first."""
    found: dict[tuple[str, str], list[WorkReceipt]] = {}
    for written in log.written(WORKS_RECEIPTS):
        receipt = written.fact
        assert isinstance(receipt, WorkReceipt)
        if receipt.status not in FINAL:
            continue
        answers = found.setdefault((receipt.rightsholder_id, receipt.submission_id), [])
        if Reason.DUPLICATE_SUBMISSION in receipt.reasons:
            answers.append(receipt)
        else:
            answers.insert(0, receipt)
    return found


def submissions(log: Log) -> dict[tuple[str, str], set[object]]:
    """Return the different contents that came under each submission_id."""
    found: dict[tuple[str, str], set[object]] = {}
    for written in log.written(WORKS_SUBMITTED):
        fact = written.fact
        assert isinstance(fact, WorkSubmitted | WorkUnreadable)
        found.setdefault((fact.rightsholder_id, fact.submission_id), set()).add(fact)
    return found


def _first_of_each_content(log: Log) -> Iterator[tuple[Written, WorkSubmitted | WorkUnreadable]]:
    """Go through the works submissions in order; only the first under each submission_id takes effect."""
    seen: set[tuple[str, str]] = set()
    for written in log.written(WORKS_SUBMITTED):
        fact = written.fact
        assert isinstance(fact, WorkSubmitted | WorkUnreadable)
        submission = (fact.rightsholder_id, fact.submission_id)
        if submission not in seen:
            seen.add(submission)
            yield written, fact


def _check_registration(fact: WorkSubmitted, receipt: WorkReceipt, files: Files, log: Log) -> InForce | None:
    """Check that the answer to a registration was possible; return it if it was accepted."""
    assert fact.register is not None
    reasons = set(receipt.reasons)
    if not fact.register.documents:
        assert reasons == {Reason.MISSING_DOCUMENT}, receipt
        return None
    missing = any(one.uri == files.uri("nowhere") for one in fact.register.references)
    if receipt.status is Status.ACCEPTED:
        assert not missing, receipt
        references = {one.reference_id: _digest(one, files) for one in fact.register.references}
        read = frozenset(one.reference_id for one in fact.register.references if one.content is None)
        return InForce(fact.submission_id, references, read)
    assert reasons in ({Reason.UNREADABLE_REFERENCE}, {Reason.SUPERSEDED}), receipt
    if reasons == {Reason.SUPERSEDED}:
        assert _was_released_later(fact, log), receipt
    else:
        assert missing or files.flaky, receipt
    return None


def _digest(one: Reference, files: Files) -> str:
    return one.content.blake3 if one.content else content_of(str(files.now(one.uri))).blake3


def _was_released_later(fact: WorkSubmitted, log: Log) -> bool:
    said = [written.fact for written in log.written(WORKS_SUBMITTED) if written.key == fact.rightsholder_id]
    later = said[said.index(fact) + 1 :]
    return any(isinstance(one, WorkSubmitted) and one.release and one.work_id == fact.work_id for one in later)


def _check_standing(receipt: WorkReceipt, written: Written, enrolments: list[Written]) -> None:
    """Check that a refusal for standing was possible: every enrolment before the submission was known."""
    mine = [one for one in enrolments if one.key == written.key]
    before = [one.fact for one in mine if one.step < written.step]
    if Reason.UNKNOWN_RIGHTSHOLDER in receipt.reasons:
        assert not any(isinstance(one, RightsholderSubmitted) and one.enroll for one in before), receipt
    else:
        assert any(isinstance(one.fact, RightsholderSubmitted) and one.fact.suspend for one in mine), receipt


def _same(one: UploadSubmitted, other: UploadSubmitted) -> bool:
    return replace(one, submitted_at=None) == replace(other, submitted_at=None)
