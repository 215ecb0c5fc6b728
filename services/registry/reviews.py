"""A person's answer to what is held: it is put, refused, or its content is beyond any listing from then on."""

from typing import assert_never

from msgspec.structs import replace

from services.contracts.decided import NoticeIssued, Recipient, Subject
from services.contracts.objections import ReviewSubmitted, WorkReviewed
from services.contracts.processor import Decision, Emit, Event, View
from services.contracts.topics import NOTICES_ISSUED
from services.contracts.types import timestamp
from services.registry.catalogue import answered
from services.registry.ending import end_pending
from services.registry.listings import Change, say_once_each
from services.registry.probation import HELD_WHY, PROTECTED
from services.registry.registrations import Registration, Stage
from services.registry.remembering import content_of, identify, remember
from services.registry.turn import Turn, begin, end
from services.registry.works import advance, ready

NOT_HELD = "the submission that it is about is not held, or is held no longer: look at the work's latest receipts"
NOT_APPROVED = (
    "A person has not approved it: show the right by more documents, and submit it under a new submission_id."
)
USED_TWICE = "its review_id was used for another: give each a review_id of its own"


def review(state: View, fact: ReviewSubmitted, event: Event) -> Decision:
    """Take a review; those of uploads are no business of the registry's."""
    if fact.work is None:
        return Decision()
    name = f"review/{fact.review_id}"
    met = remember(state, name, content_of(fact), event)
    if met is None:
        return Decision()
    turn = begin(state, event, fact.work.work_id)
    after = turn.changing(met.changes)
    if met.is_another:
        return end(turn, after.saying(_refusal(fact, fact.work, USED_TWICE, event)))
    after = ready(after)
    held = after.work.pending
    if held is None or held.stage is not Stage.HELD or held.submission_id != fact.work.submission_id:
        return end(turn, answered(after.saying(_refusal(fact, fact.work, NOT_HELD, event))))
    return end(turn, answered(advance(_decide(after, held, fact.decision))))


def _decide(turn: Turn, held: Registration, decision: ReviewSubmitted.Answer) -> Turn:
    match decision:
        case ReviewSubmitted.Answer.APPROVE:
            approved = replace(held, stage=Stage.APPROVED, limited=False)
            return turn.with_head(held=turn.head.held - 1).with_work(pending=approved)
        case ReviewSubmitted.Answer.REJECT:
            return end_pending(turn, *(replace(HELD_WHY[reason], cure=NOT_APPROVED) for reason in held.held_for))
        case ReviewSubmitted.Answer.PROTECT:
            return end_pending(turn.saying(*say_once_each(turn, held, Change.PROTECTED)), PROTECTED)
        case _:
            assert_never(decision)


def _refusal(fact: ReviewSubmitted, work: WorkReviewed, why: str, event: Event) -> Emit:
    which = f"the work {work.work_id} of {work.rightsholder_id}"
    notice = NoticeIssued(
        notice_id=identify("review", work.rightsholder_id, content_of(fact)),
        recipient=Recipient(Recipient.Kind.PLATFORM, fact.reviewer_id),
        about=Subject(rightsholder_id=work.rightsholder_id, work_id=work.work_id),
        subject=f"Your review of {which} was not followed",
        text=f"Your review {fact.review_id} of {which} was not followed, because {why}. Nothing changed.",
        issued_at=timestamp(event.now),
    )
    return Emit(NOTICES_ISSUED, fact.reviewer_id, notice)
