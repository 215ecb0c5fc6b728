"""What a person decides about an upload: the match is right, or it is not, or nobody may ever claim the content.

A review is about the decision that its reviewer saw; if that is the present one no longer, they are told so. APPROVE
makes the claims that were held block. REJECT ends them, for these bytes wherever they are; it, and PROTECT, also ends a
hold by how the uploader stands, since a person has looked. Promises: a review that is refused changes nothing.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from services.contracts.decided import Recipient, Subject, WorkRef
from services.contracts.inside import ContentRuled
from services.contracts.objections import ReviewSubmitted
from services.contracts.processor import Emit, Event, View
from services.contracts.topics import CONTENTS_RULED
from services.enforcer.case import (
    CLAIMS_MAX,
    FORGOTTEN_AFTER_MS,
    OBJECTIONS,
    PROTECTED_MAX,
    Case,
    Found,
    Objections,
    Standing,
    Step,
)
from services.enforcer.judging import claim_id
from services.enforcer.matches import found_of, judged
from services.enforcer.telling import Words, notice
from services.enforcer.verdicts import Verdict, decision_id, identify
from services.enforcer.weighing import work_of

Answer = ReviewSubmitted.Answer


def reviewed(state: View, case: Case, review: ReviewSubmitted, event: Event) -> Step:
    """Take a person's answer; one about a registration is not for this service."""
    objections: Objections = state.get(OBJECTIONS) or Objections()
    if review.upload is None or event.offset <= objections.reviewed:
        return Step(case)
    met = replace(objections, reviewed=event.offset, forget_at=forget_at(case, event))
    problem = _problem(case, review, review.upload.decision_id, event)
    if problem:
        return Step(case, (_refusal(review, problem, event),), objections=met)
    step = _decided(case, found_of(state, case), review.decision, event)
    return Step(step.case, step.emit, objections=met)


def forget_at(case: Case, event: Event) -> int | None:
    """Return until when to remember what was said of an upload: of one that there is or was, as long as its case."""
    is_kept = case.record is not None or case.forget_at is not None
    return None if is_kept else event.now + FORGOTTEN_AFTER_MS


def lose(case: Case, works: Sequence[WorkRef]) -> tuple[Case, tuple[Emit, ...]]:
    """Return the case in which the claims of works on its bytes are lost, and the rulings that say so of the bytes."""
    assert case.content is not None, "only a claim on bytes that are known is lost"  # noqa: S101  # an invariant
    digest = case.content.blake3
    lost = replace(case, lost=with_claims(case.lost, tuple(claim_id(case, work) for work in works)))
    rulings = (ContentRuled(digest, False, work.rightsholder_id, work.work_id) for work in works)
    return lost, tuple(Emit(CONTENTS_RULED, digest, ruling) for ruling in rulings)


def with_claims(claims: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """Return claims with more of them; beyond the bound the oldest go."""
    return (*(one for one in claims if one not in more), *more)[-CLAIMS_MAX:]


def _problem(case: Case, review: ReviewSubmitted, seen: str, event: Event) -> str:
    """Return why a review cannot be followed, or nothing."""
    if case.record is None:
        return "there is no such upload now"
    if seen != decision_id(case, event.key):
        return "there is a later decision on it, or none yet on what was submitted last"
    if review.decision is Answer.PROTECT:
        protectable = case.content is not None and case.verdict in (Verdict.HELD, Verdict.BLOCKED)
        return "" if protectable else "only what is held or blocked can be protected"
    if case.content is None or case.verdict is not Verdict.HELD:  # submitted anew, it is held as before until read
        return "it is not held"
    if review.decision is Answer.APPROVE and not case.held:
        return "it is held for how its uploader or community stands, and there is no match to approve"
    return ""


def _decided(case: Case, found: Found, decision: Answer, event: Event) -> Step:
    assert case.content is not None, "only bytes that are known are held or blocked"  # noqa: S101  # an invariant
    if decision is Answer.APPROVE:
        return judged(replace(case, approved=with_claims(case.approved, case.held)), found, event)
    seen = replace(case, standing=Standing.GOOD)
    if decision is Answer.REJECT:
        held = sorted({(work.rightsholder_id, work.work_id) for work in map(work_of, found.matches)})
        lost, rulings = lose(seen, tuple(WorkRef(*ids) for ids in held if claim_id(case, WorkRef(*ids)) in case.held))
    else:
        digest = case.content.blake3
        lost = replace(seen, protected=(*(one for one in case.protected if one != digest), digest)[-PROTECTED_MAX:])
        rulings = (Emit(CONTENTS_RULED, digest, ContentRuled(digest, True)),)
    step = judged(lost, found, event)
    return Step(step.case, (*rulings, *step.emit))


def _refusal(review: ReviewSubmitted, problem: str, event: Event) -> Emit:
    reviewer = Recipient(Recipient.Kind.PLATFORM, review.reviewer_id)
    words = Words(
        f"Your review of upload {event.key} was not followed",
        f"Your review {review.review_id} of upload {event.key} was not followed, because {problem}. Nothing changed.",
    )
    return notice(event, identify("review refused", event.key, event.offset), reviewer, Subject(event.key), words)
