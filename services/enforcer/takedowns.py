"""Telling people: the takedown with its statement of reasons, and a notice to each who is concerned."""

from services.contracts.decided import NoticeIssued, Recipient, StatementOfReasons, Subject, TakedownIssued, WorkRef
from services.contracts.processor import Emit, Event
from services.contracts.sample import Likeness
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import NOTICES_ISSUED, TAKEDOWNS_ISSUED
from services.contracts.types import timestamp
from services.enforcer.case import Case, Taken
from services.enforcer.verdicts import Reason, Scan, identify

REDRESS_MS = 183 * 24 * 3600 * 1000
"""Six months to object (Regulation (EU) 2022/2065, Article 20(1): at least six months)."""

REDRESS = (
    "You can object free of charge within six months by a dispute of this upload: say on what ground, and why. "
    "Nothing is deleted; the upload comes back if the objection is right."
)
Status = TakedownIssued.Status
CAME_BACK_BECAUSE = {
    Reason.RELEASED: "the rightsholder has released the work",
    Reason.SETTLED: "the rightsholder has settled",
    Reason.NO_MATCH: "the work no longer has a reference with such bytes",
}


def tell(case: Case, taken: Taken, likeness: Likeness | None, event: Event) -> tuple[Emit, ...]:
    """Return the takedown's record, and a notice to the uploader and to the managers of the community.

    `likeness`: how the bytes resemble those of the work, if they are not its own.
    """
    assert case.record is not None, "only a submission that is alive is taken down"  # noqa: S101  # an invariant
    takedown = _takedown(case, case.record, taken, likeness, event)
    others = tuple(one.work.work_id for one in case.taken if one.is_down and one.work != taken.work)
    notices = [_notice(takedown, taken, others, recipient, event) for recipient in _recipients(case.record)]
    return (Emit(TAKEDOWNS_ISSUED, event.key, takedown, event.partition), *notices)


def _recipients(record: UploadSubmitted) -> tuple[Recipient, ...]:
    uploader = Recipient(Recipient.Kind.UPLOADER, record.uploader_id)
    if not record.community_id:
        return (uploader,)
    return uploader, Recipient(Recipient.Kind.COMMUNITY, record.community_id)


def share_of(likeness: Likeness) -> str:
    """Return what a score says: a share of sampled chunks, and so an estimate of the share of the bytes."""
    return f"about {int(100 * likeness.score)} % of the shorter one's data"


def _takedown(
    case: Case, record: UploadSubmitted, taken: Taken, likeness: Likeness | None, event: Event
) -> TakedownIssued:
    work = taken.work
    return TakedownIssued(
        takedown_id=identify("takedown", event.key, case.submission, work.rightsholder_id, work.work_id),
        upload_id=event.key,
        status=Status.ISSUED if taken.is_down else Status.REINSTATED,
        basis=taken.basis,
        scan=Scan.BYTES,
        work_id=work.work_id,
        rightsholder_id=work.rightsholder_id,
        uploader_id=record.uploader_id,
        community_id=record.community_id,
        territories=(),
        statement_of_reasons=_statement(_facts(case, taken, likeness, event), work, event),
        decided_at=timestamp(event.now),
    )


def _facts(case: Case, taken: Taken, likeness: Likeness | None, event: Event) -> str:
    work, digest = taken.work, case.content.blake3 if case.content else ""
    if not taken.is_down:
        why = CAME_BACK_BECAUSE[taken.reason or Reason.NO_MATCH]
        return f"The takedown of upload {event.key} for {work.work_id} of {work.rightsholder_id} has ended: {why}."
    if likeness is None:
        return (
            f"The file of upload {event.key} has the BLAKE3 digest {digest}, which {work.rightsholder_id} "
            f"registered as a reference of the work {work.work_id}: the bytes are identical."
        )
    return (
        f"The file of upload {event.key}, of the BLAKE3 digest {digest}, shares {share_of(likeness)} with a reference "
        f"that {work.rightsholder_id} registered of the work {work.work_id}: what they share begins at byte "
        f"{likeness.upload_start_bytes} of the upload and byte {likeness.reference_start_bytes} of the reference, and "
        f"ends at byte {likeness.upload_end_bytes} of the upload and byte {likeness.reference_end_bytes} of the "
        "reference."
    )


def _statement(facts: str, work: WorkRef, event: Event) -> StatementOfReasons:
    return StatementOfReasons(
        facts=facts,
        ground=f"Infringement of copyright, as notified by {work.rightsholder_id}.",
        automated_detection=True,
        automated_decision=True,
        redress=REDRESS,
        redress_until=timestamp(event.now + REDRESS_MS),
    )


def _notice(
    takedown: TakedownIssued, taken: Taken, others: tuple[str, ...], recipient: Recipient, event: Event
) -> Emit:
    """Return a notice; `others`: the works that the upload is down for besides."""
    about = Subject(
        upload_id=takedown.upload_id,
        rightsholder_id=takedown.rightsholder_id,
        work_id=takedown.work_id,
        takedown_id=takedown.takedown_id,
    )
    what = _what(taken, others)
    notice = NoticeIssued(
        notice_id=identify("notice", takedown.takedown_id, taken.turn, recipient.kind, recipient.id),
        recipient=recipient,
        about=about,
        subject=f"Upload {takedown.upload_id} {what}",
        text=_text(takedown, taken, what, recipient),
        respond_until=takedown.statement_of_reasons.redress_until if taken.is_down else None,
        issued_at=timestamp(event.now),
    )
    return Emit(NOTICES_ISSUED, recipient.id, notice)


def _what(taken: Taken, others: tuple[str, ...]) -> str:
    if taken.is_down:
        return "was taken down"
    if not others:
        return "is back"
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    return f"is no longer down for {taken.work.work_id}, but still for {others[0]}{more}"


def _text(takedown: TakedownIssued, taken: Taken, what: str, recipient: Recipient) -> str:
    statement = takedown.statement_of_reasons
    whose = "Your upload" if recipient.kind is Recipient.Kind.UPLOADER else "An upload in your community"
    text = f"{whose} ({takedown.upload_id}) {what}. {statement.facts}"
    if recipient.kind is Recipient.Kind.COMMUNITY:
        text += " This is about the one upload; nothing is held against the community."
    return f"{text} {statement.ground} {statement.redress}" if taken.is_down else text
