"""Telling people: the takedown with its statement of reasons, and a notice to each who is concerned.

And telling the ledger, of everybody whom it concerns, that a takedown stands, or stands no longer.
"""

from services.contracts.canary import CANARY
from services.contracts.decided import Recipient, StatementOfReasons, Subject, TakedownIssued, WorkRef
from services.contracts.objections import DisputeSubmitted, ReviewSubmitted
from services.contracts.processor import Emit, Event
from services.contracts.standing import Standee, StrikeIncurred
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import STRIKES_INCURRED, TAKEDOWNS_ISSUED
from services.contracts.types import timestamp
from services.enforcer.case import Case, Taken
from services.enforcer.explaining import best, places, share_of
from services.enforcer.judging import RULED, Blocked, claim_id
from services.enforcer.telling import Words, notice
from services.enforcer.verdicts import Reason, Scan, Verdict, identify

REDRESS_MS = 184 * 24 * 3600 * 1000
"""Six months to object (Regulation (EU) 2022/2065, Article 20(1): at least six months). From July to January, and from
March to September, six months have 184 days; none have more."""

REDRESS = (
    "You can object free of charge within six months by a dispute of this upload: say on what ground, and why. "
    "Nothing is deleted; the upload comes back if the objection is right."
)
Status = TakedownIssued.Status
CAME_BACK_BECAUSE = {
    Reason.RELEASED: "the rightsholder has released the work",
    Reason.SETTLED: "the rightsholder has settled",
    Reason.NO_MATCH: "the work no longer has a reference with such bytes",
    Reason.LICENSED: "the rightsholder has licensed it",
    Reason.OWN_ACCOUNT: "it comes from an account of the rightsholder's own",
    Reason.OUTSIDE_TERRITORY: "the rightsholder blocks nothing where it is to be seen",
    Reason.EXCERPT_ALLOWED: "the rightsholder allows so short an excerpt",
    Reason.DISPUTE_WON: "the claim was objected to and does not stand",
    Reason.PROTECTED_CONTENT: "a person has decided that nobody can claim its content",
    Reason.PENDING_REVIEW: "a person is to decide first",
    Reason.IDENTICAL: "the rightsholder no longer blocks it and asks only to be told",
    Reason.SIMILAR: "the rightsholder no longer blocks it and asks only to be told",
}
Kind = Recipient.Kind


def tell(case: Case, taken: Taken, blocked: Blocked | None, event: Event) -> tuple[Emit, ...]:
    """Return the takedown's record, its strikes, and a notice to the uploader and to the community's managers.

    `blocked`: where it is down, and by which matches; None if it is back.
    """
    assert case.record is not None, "only a submission that is alive is taken down"  # noqa: S101  # an invariant
    takedown = _takedown(case, case.record, taken, blocked, event)
    what = _what(case, taken)
    notices = [_notice(takedown, taken, what, recipient, event) for recipient in _recipients(case.record)]
    return (Emit(TAKEDOWNS_ISSUED, event.key, takedown, event.partition), *_strikes(takedown, taken), *notices)


def takedown_id(case: Case, upload_id: str, work: WorkRef) -> str:
    """Return the id of the takedown of a case's submission for a work, whether there is one or not."""
    return identify("takedown", upload_id, case.submission, work.rightsholder_id, work.work_id)


def _recipients(record: UploadSubmitted) -> tuple[Recipient, ...]:
    uploader = Recipient(Kind.UPLOADER, record.uploader_id)
    if not record.community_id:
        return (uploader,)
    return uploader, Recipient(Kind.COMMUNITY, record.community_id)


def _strikes(takedown: TakedownIssued, taken: Taken) -> list[Emit]:
    """Tell the ledger. Of a rightsholder it counts each takedown, and each that a lost claim ended, and nothing else.

    So what ends otherwise is not told, which a settlement would do a million times; and that it is down again, as after
    a licence was revoked, is no second takedown. The canary is nobody, and a strike every few seconds would be kept for
    months.
    """
    if takedown.rightsholder_id == CANARY:
        return []
    subjects = [Standee(Standee.Kind.UPLOADER, takedown.uploader_id)]
    if takedown.community_id:
        subjects.append(Standee(Standee.Kind.COMMUNITY, takedown.community_id))
    lost = taken.reason is Reason.DISPUTE_WON
    if taken.turn == 1 or lost:
        subjects.append(Standee(Standee.Kind.RIGHTSHOLDER, takedown.rightsholder_id))
    return [
        Emit(STRIKES_INCURRED, one.id, StrikeIncurred(one, takedown.takedown_id, taken.is_down, lost))
        for one in subjects
    ]


def _takedown(
    case: Case, record: UploadSubmitted, taken: Taken, blocked: Blocked | None, event: Event
) -> TakedownIssued:
    work = taken.work
    return TakedownIssued(
        takedown_id=takedown_id(case, event.key, work),
        upload_id=event.key,
        status=Status.ISSUED if taken.is_down else Status.REINSTATED,
        basis=taken.basis,
        scan=Scan.BYTES,
        work_id=work.work_id,
        rightsholder_id=work.rightsholder_id,
        uploader_id=record.uploader_id,
        community_id=record.community_id,
        territories=blocked.territories if blocked else (),
        statement_of_reasons=_statement(case, taken, blocked, event),
        decided_at=timestamp(event.now),
    )


def _facts(case: Case, taken: Taken, blocked: Blocked, event: Event) -> str:
    work, digest = taken.work, case.content.blake3 if case.content else ""
    likeness = best(blocked.matches)
    policy = f" {work.rightsholder_id} blocks copies of it{places(blocked.territories) or ' everywhere'}."
    if likeness is None:
        return (
            f"The file of upload {event.key} has the BLAKE3 digest {digest}, which {work.rightsholder_id} "
            f"registered as a reference of the work {work.work_id}: the bytes are identical.{policy}"
        )
    return (
        f"The file of upload {event.key}, of the BLAKE3 digest {digest}, shares {share_of(likeness)} with a reference "
        f"that {work.rightsholder_id} registered of the work {work.work_id}: what they share begins at byte "
        f"{likeness.upload_start_bytes} of the upload and byte {likeness.reference_start_bytes} of the reference, and "
        f"ends at byte {likeness.upload_end_bytes} of the upload and byte {likeness.reference_end_bytes} of the "
        f"reference.{policy}"
    )


def _statement(case: Case, taken: Taken, blocked: Blocked | None, event: Event) -> StatementOfReasons:
    work = taken.work
    approved = bool(case.approved) and claim_id(case, work) in case.approved
    by_person = approved if blocked is not None else _ended_by_person(taken, event)
    if blocked is None:
        why = CAME_BACK_BECAUSE[taken.reason or Reason.NO_MATCH]
        facts = f"The takedown of upload {event.key} for {work.work_id} of {work.rightsholder_id} has ended: {why}."
    else:
        facts = _facts(case, taken, blocked, event) + (" A person has confirmed that." if approved else "")
    return StatementOfReasons(
        facts=facts,
        ground=f"Infringement of copyright, as notified by {work.rightsholder_id}.",
        automated_detection=True,
        automated_decision=not by_person,
        redress=REDRESS,
        redress_until=timestamp(event.now + REDRESS_MS),
    )


def _ended_by_person(taken: Taken, event: Event) -> bool:
    """Tell whether a claim ends by a reviewer's word or its claimant's, and not by silence, or by what is listed."""
    return isinstance(event.fact, ReviewSubmitted | DisputeSubmitted) and taken.reason in RULED


def _notice(takedown: TakedownIssued, taken: Taken, what: str, recipient: Recipient, event: Event) -> Emit:
    about = Subject(
        upload_id=takedown.upload_id,
        rightsholder_id=takedown.rightsholder_id,
        work_id=takedown.work_id,
        takedown_id=takedown.takedown_id,
    )
    notice_id = identify("notice", takedown.takedown_id, taken.turn, recipient.kind, recipient.id)
    words = Words(f"Upload {takedown.upload_id} {what}", _text(takedown, taken, what, recipient))
    until = takedown.statement_of_reasons.redress_until if taken.is_down else None
    return notice(event, notice_id, recipient, about, words, respond_until=until)


def _what(case: Case, taken: Taken) -> str:
    """Return what has happened to an upload, and for which works it is down besides."""
    if taken.is_down:
        return "was taken down"
    others = [one.work.work_id for one in case.taken if one.is_down and one.work != taken.work]
    if not others:
        return "is no longer taken down, but waits for a decision" if case.verdict is Verdict.HELD else "is back"
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    return f"is no longer down for {taken.work.work_id}, but still for {others[0]}{more}"


def _text(takedown: TakedownIssued, taken: Taken, what: str, recipient: Recipient) -> str:
    statement = takedown.statement_of_reasons
    whose = "Your upload" if recipient.kind is Kind.UPLOADER else "An upload in your community"
    text = f"{whose} ({takedown.upload_id}) {what}{places(takedown.territories)}. {statement.facts}"
    if recipient.kind is Kind.COMMUNITY:
        text += " This is about the one upload; nothing is held against the community."
    return f"{text} {statement.ground} {statement.redress}" if taken.is_down else text
