"""What follows from the matcher's answers about listings: ACCEPTED, CONFLICTED, ENFORCED, RELEASED."""

from typing import assert_never

from msgspec.structs import replace

from services.contracts.inside import ListingApplied
from services.contracts.processor import Emit
from services.registry.gate import Reason, problem
from services.registry.likenesses import removed
from services.registry.listings import listings_of, remove
from services.registry.receipts import Status, receipt
from services.registry.samples import announce, forget
from services.registry.state import Leaving, Listed, Registration, Stage
from services.registry.turn import Turn
from services.registry.works import advance, end_pending, sweep_of

Answer = ListingApplied.Answer


def answered(turn: Turn, answer: ListingApplied) -> Turn:
    """Take the matcher's answer about a listing. Of what is similar nothing counts but that it has gone."""
    if answer.similar:
        return removed(turn) if answer.answer is Answer.REMOVED else turn
    if answer.answer is Answer.REMOVED:
        return _removed(turn, answer)
    work = turn.work
    if work.pending is not None and work.pending.number == answer.version:
        return _decided(turn, _taken(work.pending, answer))
    if work.current is not None and work.current.number == answer.version:
        return _followed(turn, _taken(work.current, answer))
    return turn


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


def _removed(turn: Turn, answer: ListingApplied) -> Turn:
    gone = Leaving(answer.reference_id, answer.digest)
    left = tuple(one for one in turn.work.leaving if one != gone)
    return turn if left == turn.work.leaving else advance(turn.with_work(leaving=left))


def _decided(turn: Turn, pending: Registration) -> Turn:
    """Accept the registration when every listing of it has been answered."""
    turn = turn.with_work(pending=pending)
    if not all(one.applied or one.refused for one in pending.references):
        return turn
    kept = tuple(one for one in pending.references if not one.refused)
    if not kept:
        why = problem(Reason.OVERLAPPING_CLAIM, "register.references", "Too many others list these files already.")
        return advance(end_pending(turn, why))
    accepted = replace(pending, stage=Stage.IN_FORCE, references=kept)
    told = announce(turn, accepted)
    turn = _replace(turn.saying(*told).changing(forget(pending)), accepted)
    return advance(_followed(turn, accepted))


def _replace(turn: Turn, accepted: Registration) -> Turn:
    """Say ACCEPTED, and remove what the registration before named and this one does not."""
    turn = turn.saying(_said(turn, accepted, Status.ACCEPTED))
    named, before = listings_of(accepted), turn.work.current
    gone = tuple(one for one in listings_of(before) if one not in named) if before else ()
    removals = remove(turn, before, gone, "REPLACED") if before else ()
    return turn.with_work(current=accepted, pending=None, leaving=gone, sweep=sweep_of(turn.work)).saying(*removals)


def _followed(turn: Turn, current: Registration) -> Turn:
    """Say CONFLICTED and ENFORCED after ACCEPTED, each once."""
    due = []
    if current.conflicted:
        due.append(Status.CONFLICTED)
    if all(one.enforced for one in current.references):
        due.append(Status.ENFORCED)
    new = tuple(status for status in due if status not in current.told)
    told = replace(current, told=(*current.told, *new))
    return turn.with_work(current=told).saying(*(_said(turn, told, status) for status in new))


def _said(turn: Turn, registration: Registration, status: Status) -> Emit:
    copies = {one.digest: one.copies for one in registration.references}
    return receipt(
        turn.event,
        turn.work_id,
        registration.submission_id,
        registration.received_at,
        status,
        copies_found=sum(copies.values()),
    )
