"""What follows from the matcher's answers about listings: ACCEPTED, CONFLICTED, ENFORCED, RELEASED, LICENSED."""

from typing import assert_never

from msgspec.structs import replace

from services.contracts.inside import ListingApplied
from services.contracts.measured import Measure, Measured
from services.contracts.processor import Emit
from services.registry import likenesses
from services.registry.ending import end_pending
from services.registry.listings import listings_of, remove
from services.registry.probation import PROTECTED, counted
from services.registry.problems import Reason, problem
from services.registry.receipts import Status, receipt
from services.registry.registrations import Leaving, Listed, Registration, Stage
from services.registry.rights import terms_of
from services.registry.samples import announce, forget
from services.registry.state import Sweep, Work
from services.registry.turn import Turn
from services.registry.works import advance, lags

Answer = ListingApplied.Answer
COUNTS = (Answer.COUNTED, Answer.PROTECTED)
FULL = problem(Reason.OVERLAPPING_CLAIM, "register.references", "Too many others list these files already.")


def answered(turn: Turn, answer: ListingApplied) -> Turn:
    """Take the matcher's answer about a listing."""
    if answer.similar:
        return likenesses.answered(turn, answer)
    if answer.answer is Answer.REMOVED:
        return _removed(turn, answer)
    pending, current = turn.work.pending, turn.work.current
    if pending is not None and pending.number == answer.version:
        return _about_pending(turn, pending, answer)
    if current is not None and current.number == answer.version:
        return _about_current(turn, current, answer)
    return turn


def _about_pending(turn: Turn, pending: Registration, answer: ListingApplied) -> Turn:
    if pending.stage is Stage.ASKED and answer.answer in COUNTS:
        return advance(counted(turn, answer))
    return _decided(turn, _taken(pending, answer)) if pending.stage is Stage.PUT else turn


def _about_current(turn: Turn, current: Registration, answer: ListingApplied) -> Turn:
    if answer.answer in likenesses.PUT_AGAIN:
        return _applied_again(turn, current, answer)
    return _followed(turn, _taken(current, answer))


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
            return one if one.applied else replace(one, applied=True, copies=answer.copies)
        case Answer.REFUSED:
            return replace(one, refused=True)
        case Answer.PROTECTED:
            return replace(one, protected=True)
        case Answer.ENFORCED:
            return replace(one, enforced=True)
        case Answer.REMOVED | Answer.CONFLICTED | Answer.COUNTED:
            return one
        case _:
            assert_never(answer.answer)


def _removed(turn: Turn, answer: ListingApplied) -> Turn:
    gone = Leaving(answer.reference_id, answer.digest)
    left = tuple(one for one in turn.work.leaving if one != gone)
    return turn if left == turn.work.leaving else advance(turn.with_work(leaving=left))


def _applied_again(turn: Turn, current: Registration, answer: ListingApplied) -> Turn:
    """Take the answer to what was put again; whatever it is, those terms are what holds."""
    if answer.terms_version != current.terms_version:
        return turn
    references = tuple(
        replace(one, awaited=False) if one.awaited and one.reference_id == answer.reference_id else one
        for one in current.references
    )
    if references == current.references:
        return turn
    return advance(turn.with_work(current=replace(current, references=references)))


def _decided(turn: Turn, pending: Registration) -> Turn:
    """Accept the registration when every listing of it has been answered."""
    turn = turn.with_work(pending=pending)
    if not all(one.applied or one.refused or one.protected for one in pending.references):
        return turn
    kept = tuple(one for one in pending.references if not (one.refused or one.protected))
    if not kept:
        return advance(end_pending(turn, PROTECTED if any(one.protected for one in pending.references) else FULL))
    accepted = replace(pending, stage=Stage.IN_FORCE, references=kept)
    told = announce(turn, accepted)
    turn = _replace(turn.saying(*told).changing(forget(pending)), accepted)
    return advance(_followed(turn, accepted))


def _replace(turn: Turn, accepted: Registration) -> Turn:
    """Say ACCEPTED, and remove what the registration before named and this one does not."""
    turn = turn.saying(_said(turn, accepted, Status.ACCEPTED))
    named, before = listings_of(accepted), turn.work
    gone = tuple(one for one in listings_of(before.current) if one not in named) if before.current else ()
    removals = remove(turn, before.current, gone, "REPLACED") if before.current else ()
    cuts = tuple(one for one in before.excluded if Leaving(one.reference_id, one.digest) in named)
    turn = turn.with_work(current=accepted, pending=None, leaving=gone, excluded=cuts).saying(*removals)
    return _begin_sweep(turn, before, accepted) if before.likenesses else turn


def _begin_sweep(turn: Turn, before: Work, accepted: Registration) -> Turn:
    """Sweep what resembles the work; if its terms are others now, what stays is put again."""
    head, was = turn.head, before.current
    follows = was is None or not lags(was, head)  # what lags was put, as was all that resembles it, with older terms
    if was is None or (follows and terms_of(head, before, was) == terms_of(head, turn.work, accepted)):
        return turn.with_work(sweep=Sweep())
    number = head.number + 1  # later than whatever resembled it meanwhile
    return turn.with_head(number=number).with_work(sweep=Sweep(terms_version=number))


def _followed(turn: Turn, current: Registration) -> Turn:
    """Say CONFLICTED and ENFORCED after ACCEPTED, each once."""
    due = []
    if current.conflicted:
        due.append(Status.CONFLICTED)
    if all(one.enforced for one in current.references):
        due.append(Status.ENFORCED)
    new = tuple(status for status in due if status not in current.told)
    told = replace(current, told=(*current.told, *new))
    turn = turn.with_work(current=told).saying(*(_said(turn, told, status) for status in new))
    if Status.ENFORCED in new and told.submitted_at and not told.held_for:  # how long a person took is nobody's delay
        return turn.counting(Measured(Measure.ENFORCED, since=told.submitted_at))
    return turn


def _said(turn: Turn, registration: Registration, status: Status) -> Emit:
    return receipt(
        turn.event,
        turn.work_id,
        registration.submission_id,
        registration.received_at,
        status,
        copies_found=registration.copies,
    )
