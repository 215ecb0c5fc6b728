"""What the enforcer decides about one upload.

- The highest offset of uploads.submitted wins. A deletion ends all up to its own; a changed resubmission voids CLEAR
  at once, while BLOCKED stays until the new bytes are known; an identical one keeps the submission.
- Two different digests under one submission: the file changed, UNSCANNED [CHANGED], read again; what was asked
  before counts no more. A failure after a digest is ignored.
- A match is the full state for (upload, submission, digest) at a version; older ones are dropped.
- Deadlines, and the windows of rights, flip only when `Woken`.
- What people say to a decision counts once (see `reviews.py`, `disputes.py`); a takedown that has ended, whatever
  ended it, is in dispute no longer, and both sides are told (`endings.py`).
"""

from typing import assert_never

from msgspec.structs import replace

from services.contracts.inside import MatchFound, UploadRead
from services.contracts.objections import DisputeSubmitted, ReviewSubmitted
from services.contracts.processor import HEAD, Decision, Emit, Event, View, Woken
from services.contracts.standing import StrikesChanged
from services.contracts.submitted import UploadDeleted, UploadSubmitted
from services.contracts.topics import VERDICTS_DECIDED
from services.enforcer.case import (
    BLANK,
    EARLY_MAX,
    EARLY_MS,
    FORGOTTEN_AFTER_MS,
    MATCH,
    OBJECTIONS,
    UNCHANGED,
    VERDICT_WITHIN_MS,
    Case,
    Objections,
    Step,
)
from services.enforcer.deadlines import woken
from services.enforcer.disputes import disputed, overdue
from services.enforcer.endings import end_disputes
from services.enforcer.matches import matched
from services.enforcer.measuring import measured
from services.enforcer.reads import copy_changed, look_again, read
from services.enforcer.reviews import reviewed
from services.enforcer.standing import stand
from services.enforcer.verdicts import Reason, Verdict, publish, unscanned

Fact = UploadSubmitted | UploadDeleted | UploadRead | MatchFound | DisputeSubmitted | ReviewSubmitted | Woken


def decide(state: View, event: Event) -> Decision:
    """Decide one event of an upload, or how an uploader or a community stands."""
    if isinstance(event.fact, StrikesChanged):
        return stand(event.fact)
    case: Case = state.get() or BLANK
    step = _with_ended(state, case, _step(state, case, event), event)
    changes: dict[str, object | None] = {}
    after, counted = measured(case, step)
    if after != case:
        changes[HEAD] = None if after == BLANK else after
    if step.found is not None or (case.matched and not step.case.matched):
        changes[MATCH] = step.found
    if step.objections is not UNCHANGED:
        changes[OBJECTIONS] = step.objections
    return Decision(changes, step.emit, counted)


def _with_ended(state: View, case: Case, step: Step, event: Event) -> Step:
    """Return a step that ends the disputes too of what came back by it, or was down for other bytes, and says so."""
    is_same = case.content is None or step.case.content is case.content
    if is_same and (step.case.taken is case.taken or all(taken.is_down for taken in step.case.taken)):
        return step
    before: Objections | None = state.get(OBJECTIONS) if step.objections is UNCHANGED else step.objections
    if before is None or not before.disputes:
        return step
    after, letters = end_disputes(before, case, step.case, event)
    return step if after == before else replace(step, objections=after, emit=(*step.emit, *letters))


def _step(state: View, case: Case, event: Event) -> Step:
    fact: Fact = event.fact
    match fact:
        case UploadSubmitted():
            return _submitted(case, fact, event)
        case UploadDeleted():
            return _deleted(case, event)
        case UploadRead():
            return _read(case, fact, event)
        case MatchFound():
            return matched(state, case, fact, event)
        case DisputeSubmitted() | ReviewSubmitted():
            return _objected(state, case, fact, event)
        case Woken():
            return overdue(state, case, event) if fact.name == OBJECTIONS else woken(state, case, event)
        case _:
            assert_never(fact)


def _objected(state: View, case: Case, fact: DisputeSubmitted | ReviewSubmitted, event: Event) -> Step:
    if isinstance(fact, DisputeSubmitted):
        return disputed(state, case, fact, event)
    return reviewed(state, case, fact, event)


def _submitted(case: Case, record: UploadSubmitted, event: Event) -> Step:
    if event.offset <= case.seen:
        return Step(case)
    if case.record is not None and _same(record, case.record):
        return _replay_early(look_again(replace(case, seen=event.offset), event), event)
    gone = copy_changed(case, event, present=False)
    step = _void(_new_submission(case, record, event), event)
    return _replay_early(Step(step.case, (*gone, *step.emit)), event)


def _new_submission(case: Case, record: UploadSubmitted, event: Event) -> Case:
    return Case(
        seen=event.offset,
        submission=event.offset,
        record=record,
        early=case.early,
        early_until=case.early_until,
        deadline=event.now + VERDICT_WITHIN_MS,
        verdict=case.verdict,
        said=case.said,
        revision=case.revision,
        approved=case.approved,
        lost=case.lost,
        protected=case.protected,
        told=case.told,
        submitted_at=event.written_at,
    )


def _void(case: Case, event: Event) -> Step:
    """Take back a CLEAR that was about other bytes."""
    if case.verdict is not Verdict.CLEAR:
        return Step(case)
    return publish(case, unscanned(case, Reason.CHANGED, complete=False), event)


def _replay_early(step: Step, event: Event) -> Step:
    """Serve the reads that came before the submission they are about; what is older is nobody's."""
    if not step.case.early:
        return step
    waiting = tuple(one for one in step.case.early if one.submission > step.case.seen)
    known = tuple(one for one in step.case.early if step.case.submission <= one.submission <= step.case.seen)
    until = step.case.early_until if waiting else None
    case, emit = replace(step.case, early=waiting, early_until=until), step.emit
    for early in known:
        after = read(case, early, event)
        case, emit = after.case, (*emit, *after.emit)
    return Step(case, emit)


def _deleted(case: Case, event: Event) -> Step:
    if event.offset <= case.seen:
        return Step(case)
    null = (Emit(VERDICTS_DECIDED, event.key, None, event.partition),) if case.verdict is not None else ()
    forgotten = Case(
        seen=event.offset,
        revision=case.revision,
        forget_at=event.now + FORGOTTEN_AFTER_MS,
        approved=case.approved,
        lost=case.lost,
        protected=case.protected,
        told=case.told,
    )
    early = tuple(one for one in case.early if one.submission > event.offset)
    kept = replace(forgotten, early=early, early_until=case.early_until if early else None)
    return Step(kept, (*copy_changed(case, event, present=False), *null))


def _read(case: Case, found: UploadRead, event: Event) -> Step:
    if found.submission > case.seen:
        early = tuple(sorted((*case.early, found), key=_worth))[-EARLY_MAX:]
        return Step(replace(case, early=early, early_until=event.now + EARLY_MS))
    if case.record is None or found.submission < case.submission:
        return Step(case)
    return read(case, found, event)


def _worth(early: UploadRead) -> tuple[int, bool, int]:
    """Order early reads: the highest submission will win, and content is worth more than a failure."""
    return early.submission, early.content is not None, early.attempt


def _same(one: UploadSubmitted, other: UploadSubmitted) -> bool:
    """Tell whether two submissions differ in nothing but the time that is there for display."""
    return replace(one, submitted_at=other.submitted_at) == other
