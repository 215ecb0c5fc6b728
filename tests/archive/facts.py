"""Facts of every public topic, and histories: records of some uploads, works and people, in their partitions."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from services.archivist.entries import Recorded
from services.contracts import topics
from services.contracts.decided import (
    NoticeIssued,
    Recipient,
    StatementOfReasons,
    Subject,
    TakedownIssued,
    VerdictDecided,
    WorkReceipt,
    WorkRef,
)
from services.contracts.objections import (
    CounterNotice,
    Dispute,
    DisputeSubmitted,
    GiveUp,
    ReviewSubmitted,
    Uphold,
    UploadReviewed,
    Withdraw,
    WorkReviewed,
)
from services.contracts.standing import Standee, StrikesChanged
from services.contracts.submitted import (
    Enroll,
    Register,
    Release,
    Restore,
    RightsholderSubmitted,
    Suspend,
    UploadDeleted,
    UploadSubmitted,
    WorkSubmitted,
)
from services.contracts.topics import Topic
from services.contracts.types import timestamp

PARTITIONS = 2
BEGIN_MS = 1_790_000_000_000
Said = tuple[Topic, str, Any]


def submission(upload: str, uploader: str = "ann", title: str = "A title") -> Said:
    """Return an upload's submission."""
    return topics.UPLOADS_SUBMITTED, upload, UploadSubmitted(upload, uploader, f"file:/{upload}", "town", title=title)


def deletion(upload: str) -> Said:
    """Return an upload's deletion."""
    return topics.UPLOADS_SUBMITTED, upload, UploadDeleted()


def verdict(
    upload: str,
    kind: VerdictDecided.Verdict = VerdictDecided.Verdict.CLEAR,
    works: tuple[WorkRef, ...] = (),
    *,
    at_ms: int = BEGIN_MS,
    revision: int = 1,
    reasons: tuple[VerdictDecided.Reason, ...] = (VerdictDecided.Reason.NO_MATCH,),
    submission_offset: int = 0,
) -> Said:
    """Return a verdict."""
    fact = VerdictDecided(
        upload_id=upload,
        verdict=kind,
        decision_id=f"d-{upload}-{revision}",
        revision=revision,
        submission=submission_offset,
        complete=True,
        scans=(),
        reasons=reasons,
        works=works,
        work_ids=tuple(work.work_id for work in works),
        blocked_territories=(),
        evidence=(),
        explanation="“A title” is as it is.",
        decided_at=timestamp(at_ms),
    )
    return topics.VERDICTS_DECIDED, upload, fact


def takedown(
    upload: str,
    work: str = "song",
    *,
    issued: bool = True,
    rightsholder: str = "label",
    uploader: str = "ann",
    basis: TakedownIssued.Basis = TakedownIssued.Basis.NOTICE,
    at_ms: int = BEGIN_MS,
) -> Said:
    """Return a takedown, or its end."""
    fact = TakedownIssued(
        takedown_id=f"t-{upload}-{rightsholder}-{work}",
        upload_id=upload,
        status=TakedownIssued.Status.ISSUED if issued else TakedownIssued.Status.REINSTATED,
        basis=basis,
        scan=VerdictDecided.Scan.BYTES,
        work_id=work,
        rightsholder_id=rightsholder,
        uploader_id=uploader,
        community_id="town",
        territories=(),
        statement_of_reasons=StatementOfReasons(
            "facts", "ground", True, upload != "u-1", "redress", timestamp(at_ms + 1)
        ),
        decided_at=timestamp(at_ms),
    )
    return topics.TAKEDOWNS_ISSUED, upload, fact


def registration(work: str, submission_id: str = "s-1", rightsholder: str = "label", title: str = "A Song") -> Said:
    """Return a registration of a work."""
    fact = WorkSubmitted(rightsholder, submission_id, work, register=Register(title))
    return topics.WORKS_SUBMITTED, rightsholder, fact


def release(work: str, submission_id: str = "s-2", rightsholder: str = "label") -> Said:
    """Return a release of a work."""
    fact = WorkSubmitted(rightsholder, submission_id, work, release=Release(Release.Reason.WITHDRAWN))
    return topics.WORKS_SUBMITTED, rightsholder, fact


def receipt(
    work: str,
    status: WorkReceipt.Status = WorkReceipt.Status.ACCEPTED,
    submission_id: str = "s-1",
    rightsholder: str = "label",
    *,
    at_ms: int = BEGIN_MS,
    reasons: tuple[WorkReceipt.Reason, ...] = (),
) -> Said:
    """Return the answer to a submission, a second after it."""
    times = timestamp(at_ms - 1_000), timestamp(at_ms)
    fact = WorkReceipt(rightsholder, work, submission_id, status, reasons, (), 2, *times)
    return topics.WORKS_RECEIPTS, rightsholder, fact


def enrolment(rightsholder: str = "label", name: str = "A Label") -> Said:
    """Return an enrolment."""
    fact = RightsholderSubmitted(rightsholder, "e-1", enroll=Enroll(name, "label@example.org"))
    return topics.RIGHTSHOLDERS_SUBMITTED, rightsholder, fact


def suspension(rightsholder: str = "label") -> Said:
    """Return a suspension."""
    return (
        topics.RIGHTSHOLDERS_SUBMITTED,
        rightsholder,
        RightsholderSubmitted(rightsholder, "e-2", suspend=Suspend("x")),
    )


def restoration(rightsholder: str = "label") -> Said:
    """Return the end of a suspension."""
    return topics.RIGHTSHOLDERS_SUBMITTED, rightsholder, RightsholderSubmitted(rightsholder, "e-3", restore=Restore())


def dispute(upload: str, dispute_id: str = "o-1", takedown_id: str = "") -> Said:
    """Return an objection."""
    said = Dispute(Dispute.Ground.OWN_WORK, "I made it.")
    return topics.DISPUTES_SUBMITTED, upload, DisputeSubmitted(upload, dispute_id, takedown_id, dispute=said)


def release_claim(upload: str, dispute_id: str = "o-1", rightsholder: str = "label", takedown_id: str = "") -> Said:
    """Return that a claimant gives up."""
    step = DisputeSubmitted(upload, dispute_id, takedown_id, release=GiveUp(rightsholder))
    return topics.DISPUTES_SUBMITTED, upload, step


def withdrawal(upload: str, dispute_id: str = "o-1") -> Said:
    """Return that an uploader lets it be."""
    return topics.DISPUTES_SUBMITTED, upload, DisputeSubmitted(upload, dispute_id, withdraw=Withdraw())


def counter_notice(upload: str, dispute_id: str = "o-1") -> Said:
    """Return a counter-notice."""
    said = CounterNotice("I made it.", "Ann", "A street", "Ann", consent_to_jurisdiction=True)
    return topics.DISPUTES_SUBMITTED, upload, DisputeSubmitted(upload, dispute_id, counter_notice=said)


def uphold(upload: str, dispute_id: str = "o-1", rightsholder: str = "label") -> Said:
    """Return a claimant's answer."""
    said = Uphold(rightsholder, "It is ours.")
    return topics.DISPUTES_SUBMITTED, upload, DisputeSubmitted(upload, dispute_id, uphold=said)


def upload_review(upload: str, review_id: str = "r-1") -> Said:
    """Return a review of an upload."""
    seen = UploadReviewed(upload, f"d-{upload}-1")
    return topics.REVIEWS_SUBMITTED, upload, ReviewSubmitted(review_id, "rita", ReviewSubmitted.Answer.REJECT, seen)


def work_review(work: str, review_id: str = "r-2", rightsholder: str = "label") -> Said:
    """Return a review of a registration."""
    seen = WorkReviewed(rightsholder, work, "s-1")
    fact = ReviewSubmitted(review_id, "rita", ReviewSubmitted.Answer.APPROVE, work=seen)
    return topics.REVIEWS_SUBMITTED, rightsholder, fact


def notice(
    notice_id: str,
    recipient: str = "ann",
    upload: str = "",
    *,
    kind: Recipient.Kind = Recipient.Kind.UPLOADER,
    dispute_id: str = "",
    respond_until_ms: int | None = None,
    rightsholder: str = "",
) -> Said:
    """Return a message to a person."""
    fact = NoticeIssued(
        notice_id=notice_id,
        recipient=Recipient(kind, recipient),
        about=Subject(upload_id=upload, rightsholder_id=rightsholder, dispute_id=dispute_id),
        subject="About you",
        text="Ann, hear.",
        respond_until=None if respond_until_ms is None else timestamp(respond_until_ms),
        issued_at=timestamp(BEGIN_MS),
    )
    return topics.NOTICES_ISSUED, recipient, fact


def standing(
    subject: str = "ann",
    kind: Standee.Kind = Standee.Kind.UPLOADER,
    how: StrikesChanged.Standing = StrikesChanged.Standing.WATCHED,
    at_ms: int = BEGIN_MS,
) -> Said:
    """Return a standing that changed."""
    fact = StrikesChanged(subject=Standee(kind, subject), standing=how, strikes=3, changed_at=timestamp(at_ms))
    return topics.STRIKES_CHANGED, subject, fact


def recorded(*said: Said) -> list[Recorded]:
    """Return records of what is said, each at the end of its partition, a second apart."""
    ends: Counter[tuple[str, int]] = Counter()
    found = []
    for number, (topic, key, fact) in enumerate(said):
        partition = sum(key.encode()) % PARTITIONS
        offset = ends[topic.name, partition]
        ends[topic.name, partition] += 1
        found.append(Recorded(topic, partition, offset, BEGIN_MS + 1_000 * number, key, fact))
    return found


UPLOADS = ("u-1", "u-2", "u-\0")
PEOPLE = ("ann", "bob")
WORKS = ("song", "")

_upload, _person = st.sampled_from(UPLOADS), st.sampled_from(PEOPLE)
_work, _named = st.sampled_from(("song", "film")), st.sampled_from(("song", ""))
_times = st.integers(0, 400).map(lambda hours: BEGIN_MS + hours * 3_600_000)
_takedown_ids = st.sampled_from(("", "t-u-1-label-song", "t-u-2-label-film"))


def _makes(make: Callable[..., Said], *args: Any, **named: Any) -> st.SearchStrategy[Said]:
    return st.builds(make, *args, **named)


_verdicts = st.sampled_from(VerdictDecided.Verdict)
_whys = st.sampled_from(((), (VerdictDecided.Reason.DISPUTE_WON,)))
_receipts = st.sampled_from(WorkReceipt.Status)
_reasons = st.sampled_from(((), (WorkReceipt.Reason.DUPLICATE_SUBMISSION,), (WorkReceipt.Reason.NO_REFERENCE,)))
SAID: st.SearchStrategy[Said] = st.one_of(
    _makes(submission, _upload, _person, st.sampled_from(("A title", "hostile \0 <b>"))),
    _makes(deletion, _upload),
    _makes(verdict, _upload, _verdicts, at_ms=_times, revision=st.integers(1, 3), reasons=_whys,
           submission_offset=st.integers(0, 2)),
    _upload.map(lambda upload: (topics.VERDICTS_DECIDED, upload, None)),
    _makes(takedown, _upload, _work, issued=st.booleans(), uploader=_person, at_ms=_times),
    _makes(registration, _work, st.sampled_from(("s-1", "s-2"))),
    _makes(release, _work),
    _makes(receipt, _named, _receipts, st.sampled_from(("s-1", "s-2")), at_ms=_times, reasons=_reasons),
    st.sampled_from((enrolment(), enrolment(name="Another"), suspension(), restoration())),
    _makes(dispute, _upload, st.sampled_from(("o-1", "o-2")), _takedown_ids),
    _makes(counter_notice, _upload),
    _makes(uphold, _upload),
    _makes(release_claim, _upload, takedown_id=_takedown_ids),
    _makes(withdrawal, _upload),
    _makes(upload_review, _upload),
    _makes(work_review, _work),
    _makes(notice, st.sampled_from(("n-1", "n-2", "n-3")), st.just("ann"), st.just("u-1")),
    _makes(standing, _person, at_ms=_times),
)  # fmt: skip
HISTORIES = st.lists(SAID, min_size=1, max_size=40).map(lambda said: recorded(*said))
"""Any records, in the order of their partitions. A notice's id is one message, as a real one's is."""
