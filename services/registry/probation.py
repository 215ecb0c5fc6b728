"""Probation: what a registration may not do before a person has approved it.

    READ → ASKED (how many copies there are; nothing is stored anywhere) → PUT, or HELD → a person → APPROVED → PUT

- A rightsholder is limited by the standing of their enrolment, or by that which their takedowns earned.
- HELD has no effect on any upload, and waits for nobody: the work's next registration, a release or a settlement ends
  it.
"""

from msgspec.structs import replace

from services.contracts.inside import ListingApplied
from services.contracts.standing import StrikesChanged
from services.contracts.submitted import Enroll
from services.registry.ending import end_pending
from services.registry.listings import Change, put, say_once_each
from services.registry.problems import Reason, problem
from services.registry.receipts import Status, receipt
from services.registry.registrations import Listed, Registration, Stage
from services.registry.state import HELD_MAX, Judged
from services.registry.turn import Turn

PROTECTED = problem(
    Reason.PROTECTED_CONTENT, "register.references", "Nobody may list these files: give some that are yours alone."
)
FULL = problem(
    Reason.TOO_MANY_PENDING, "rightsholder_id", "Wait until a person has looked at what you registered before."
)
HELD_WHY = {
    Reason.TOO_MANY_COPIES: problem(
        Reason.TOO_MANY_COPIES, "register.references", "Wait for a person's approval: more copies than a newcomer's."
    ),
    Reason.TOO_MANY_PENDING: FULL,
}


def is_limited(turn: Turn) -> bool:
    """Tell whether the rightsholder is on probation, by the platform or by what became of their takedowns."""
    enrolled = turn.head.enrolled
    if enrolled is not None and enrolled.standing is Enroll.Standing.PROBATION:
        return True
    judged: Judged | None = turn.state.get("standing")
    return judged is not None and judged.standing is StrikesChanged.Standing.PROBATION


def put_or_ask(turn: Turn) -> Turn:
    """Put the listings of a registration whose references are read; of a limited one ask first."""
    pending = _pending(turn)
    if pending.stage is Stage.APPROVED or not is_limited(turn):
        return _put(turn, pending)
    asked = replace(pending, stage=Stage.ASKED, limited=True)
    return turn.with_work(pending=asked).saying(*say_once_each(turn, asked, Change.COUNTED))


def counted(turn: Turn, answer: ListingApplied) -> Turn:
    """Take how many copies of a content there are, or that it is protected; decide when all is known."""
    pending = _pending(turn)
    references = tuple(_with_count(one, answer) for one in pending.references)
    turn = turn.with_work(pending=replace(pending, references=references))
    return _judge(turn) if all(one.counted for one in references) else turn


def _with_count(one: Listed, answer: ListingApplied) -> Listed:
    if one.digest != answer.digest:
        return one
    if answer.answer is ListingApplied.Answer.PROTECTED:
        return replace(one, counted=True, protected=True)
    return replace(one, counted=True, copies=answer.copies)


def _judge(turn: Turn) -> Turn:
    """Put, hold or refuse a limited registration."""
    pending, rules = _pending(turn), turn.event.rules
    if all(one.protected for one in pending.references):
        return end_pending(turn, PROTECTED)
    reasons = []
    if pending.copies > rules.probation_copies_max:
        reasons.append(Reason.TOO_MANY_COPIES)
    if turn.head.held >= rules.probation_pending_max:
        reasons.append(Reason.TOO_MANY_PENDING)
    if not reasons:
        return _put(turn, pending)
    if turn.head.held >= HELD_MAX:
        return end_pending(turn, FULL)
    held = replace(pending, stage=Stage.HELD, held_for=tuple(reasons))
    said = receipt(
        turn.event,
        turn.work_id,
        held.submission_id,
        held.received_at,
        Status.HELD,
        copies_found=held.copies,
        problems=[HELD_WHY[reason] for reason in reasons],
    )
    return turn.with_head(held=turn.head.held + 1).with_work(pending=held).saying(said)


def _put(turn: Turn, pending: Registration) -> Turn:
    sent = replace(pending, stage=Stage.PUT, terms_version=turn.head.number)
    return turn.with_work(pending=sent).saying(*put(turn, sent))


def _pending(turn: Turn) -> Registration:
    pending = turn.work.pending
    assert pending is not None, "asked by its callers"  # noqa: S101  # an invariant
    return pending
