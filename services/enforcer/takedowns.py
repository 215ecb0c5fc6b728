"""Telling people: the takedown with its statement of reasons, and a notice to each who is concerned."""

from services.contracts.decided import NoticeIssued, Recipient, StatementOfReasons, Subject, TakedownIssued
from services.contracts.processor import Emit, Event
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
    Reason.NO_MATCH: "its bytes are no longer those of the work",
}


def tell(case: Case, taken: Taken, event: Event) -> tuple[Emit, ...]:
    """Return the takedown's record, and a notice to the uploader and to the managers of the community."""
    assert case.record is not None, "only a submission that is alive is taken down"  # noqa: S101  # an invariant
    takedown = _takedown(case, case.record, taken, event)
    others = tuple(one.work.work_id for one in case.taken if one.is_down and one.work != taken.work)
    notices = [_notice(takedown, taken, others, recipient, event) for recipient in _recipients(case.record)]
    return (Emit(TAKEDOWNS_ISSUED, event.key, takedown, event.partition), *notices)


def _recipients(record: UploadSubmitted) -> tuple[Recipient, ...]:
    uploader = Recipient(Recipient.Kind.UPLOADER, record.uploader_id)
    if not record.community_id:
        return (uploader,)
    return uploader, Recipient(Recipient.Kind.COMMUNITY, record.community_id)


def _takedown(case: Case, record: UploadSubmitted, taken: Taken, event: Event) -> TakedownIssued:
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
        statement_of_reasons=_statement(case, taken, event),
        decided_at=timestamp(event.now),
    )


def _statement(case: Case, taken: Taken, event: Event) -> StatementOfReasons:
    work, digest = taken.work, case.content.blake3 if case.content else ""
    if taken.is_down:
        facts = f"The file of upload {event.key} has the BLAKE3 digest {digest}, which {work.rightsholder_id} "
        facts += f"registered as a reference of the work {work.work_id}: the bytes are identical."
    else:
        why = CAME_BACK_BECAUSE[taken.reason or Reason.NO_MATCH]
        facts = f"The takedown of upload {event.key} for {work.work_id} of {work.rightsholder_id} has ended: {why}."
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
