"""What follows from the matcher's answers about listings: ACCEPTED, CONFLICTED, ENFORCED, RELEASED."""

from typing import assert_never

from msgspec.structs import replace

from services.contracts.inside import ListingApplied
from services.contracts.processor import Emit, Event, View
from services.registry.gate import Reason, problem
from services.registry.likenesses import removed
from services.registry.receipts import Status, receipt, rejected
from services.registry.samples import announce, forget
from services.registry.state import Leaving, Listed, Registration, Stage, Step, Work
from services.registry.works import advance, change_listing, go_on, listings_of, sweep_of

Answer = ListingApplied.Answer


def answered(state: View, work: Work, answer: ListingApplied, event: Event) -> Step:
    """Take the matcher's answer about a listing. Of what is similar nothing counts but that it has gone."""
    if answer.similar:
        return removed(work, answer.work_id, event) if answer.answer is Answer.REMOVED else Step(work)
    if answer.answer is Answer.REMOVED:
        return _removed(work, answer, event)
    if work.pending is not None and work.pending.number == answer.version:
        return _decided(state, replace(work, pending=_taken(work.pending, answer)), answer.work_id, event)
    if work.current is not None and work.current.number == answer.version:
        return _followed(replace(work, current=_taken(work.current, answer)), answer.work_id, event)
    return Step(work)


def _taken(registration: Registration, answer: ListingApplied) -> Registration:
    """Return the registration with what was answered about one of its references."""
    if answer.answer is Answer.CONFLICTED:
        return replace(registration, conflicted=True)
    references = tuple(
        _with_answer(one, answer) if one.reference_id == answer.reference_id else one for one in registration.references
    )
    return replace(registration, references=references)


def _with_answer(one: Listed, answer: ListingApplied) -> Listed:
    match answer.answer:
        case Answer.APPLIED:
            return replace(one, applied=True, copies=answer.copies)
        case Answer.REFUSED:
            return replace(one, refused=True)
        case Answer.ENFORCED:
            return replace(one, enforced=True)
        case Answer.REMOVED | Answer.CONFLICTED | Answer.COUNTED | Answer.PROTECTED:
            return one
        case _:
            assert_never(answer.answer)


def _removed(work: Work, answer: ListingApplied, event: Event) -> Step:
    gone = Leaving(answer.reference_id, answer.digest)
    left = replace(work, leaving=tuple(one for one in work.leaving if one != gone))
    return Step(work) if left == work else go_on(left, answer.work_id, event)


def _decided(state: View, work: Work, work_id: str, event: Event) -> Step:
    """Accept the registration when every listing of it has been answered."""
    pending = work.pending
    assert pending is not None, "asked by its caller"  # noqa: S101  # an invariant
    if not all(one.applied or one.refused for one in pending.references):
        return Step(work)
    kept = tuple(one for one in pending.references if not one.refused)
    if not kept:
        why = problem(Reason.OVERLAPPING_CLAIM, "register.references", "Too many others list these files already.")
        refused = rejected(event, work_id, pending.submission_id, pending.received_at, why)
        step = Step(work, (refused,), forget(pending))
        return step.then(advance(replace(work, pending=None), work_id, event))
    accepted = replace(pending, stage=Stage.IN_FORCE, references=kept)
    told = announce(state, accepted, work.current, work_id, event)
    step = Step(work, told, forget(pending)).then(_replace(work, accepted, work_id, event))
    step = step.then(_followed(step.work, work_id, event))
    return step.then(advance(step.work, work_id, event))


def _replace(work: Work, accepted: Registration, work_id: str, event: Event) -> Step:
    """Say ACCEPTED, and remove what the registration before named and this one does not."""
    said = _said(accepted, Status.ACCEPTED, work_id, event)
    named = listings_of(accepted)
    before = work.current
    gone = tuple(one for one in listings_of(before) if one not in named) if before else ()
    removals = tuple(change_listing(one, before, work_id, event, reason="REPLACED") for one in gone) if before else ()
    return Step(replace(work, current=accepted, pending=None, leaving=gone, sweep=sweep_of(work)), (said, *removals))


def _followed(work: Work, work_id: str, event: Event) -> Step:
    """Say CONFLICTED and ENFORCED after ACCEPTED, each once."""
    current = work.current
    assert current is not None, "asked by its callers"  # noqa: S101  # an invariant
    due = []
    if current.conflicted:
        due.append(Status.CONFLICTED)
    if all(one.enforced for one in current.references):
        due.append(Status.ENFORCED)
    new = tuple(status for status in due if status not in current.told)
    told = replace(current, told=(*current.told, *new))
    return Step(replace(work, current=told), tuple(_said(told, status, work_id, event) for status in new))


def _said(registration: Registration, status: Status, work_id: str, event: Event) -> Emit:
    copies = {one.digest: one.copies for one in registration.references}
    return receipt(
        event,
        work_id,
        registration.submission_id,
        registration.received_at,
        status,
        copies_found=sum(copies.values()),
    )
