"""The actions on one work, one after another, in their order.

    register: READ every reference → PUT every listing → IN_FORCE when all are applied (ACCEPTED)
    release:  remove every listing, and all that resembles it → RELEASED when all removals are applied

- Once its listings are sent a registration is decided, and what comes later waits. A release before that ends it and
  all that waited before the release (SUPERSEDED).
- A replacement puts all its references under its own version; only those no longer named are removed, afterwards.
- Answers to what is no longer current are dropped.
"""

from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.decided import Problem
from services.contracts.inside import ReferenceRead
from services.contracts.submitted import Register, Release
from services.registry.gate import Reason, problem
from services.registry.listings import listings_of, put, remove
from services.registry.receipts import Status, receipt, rejected
from services.registry.references import ask_all, ask_due, listed, take
from services.registry.samples import forget, keep, withdraw
from services.registry.state import QUEUE_BYTES_MAX, QUEUE_MAX, Action, Registration, Stage, Sweep, Work
from services.registry.turn import Turn


def submit_register(turn: Turn, submission_id: str, register: Register) -> Turn:
    """Take a registration that has passed the gate."""
    number = turn.head.number + 1
    turn = turn.with_head(number=number)
    queue = (*turn.work.queue, Action(submission_id, turn.event.now, number, register.references))
    if len(queue) > QUEUE_MAX or len(encode(queue)) > QUEUE_BYTES_MAX:
        full = problem(Reason.TOO_MANY_PENDING, "work_id", "Wait for the answers to what was submitted before.")
        return turn.saying(rejected(turn.event, turn.work_id, submission_id, turn.event.now, full))
    return advance(turn.with_work(queue=queue))


def submit_release(turn: Turn, submission_id: str, release: Release) -> Turn:
    """Take a release that has passed the gate."""
    if not _has_registration(turn.work):
        unknown = problem(Reason.UNKNOWN_WORK, "work_id", "Name a work of yours that is registered.")
        return turn.saying(rejected(turn.event, turn.work_id, submission_id, turn.event.now, unknown))
    turn = _supersede(turn)
    action = Action(submission_id, turn.event.now, reason=release.reason)
    return advance(turn.with_work(queue=(*turn.work.queue, action)))


def _has_registration(work: Work) -> bool:
    """Tell whether the last action on the work so far was a registration."""
    if work.queue:
        return work.queue[-1].reason is None
    return work.releasing is None and (work.current is not None or work.pending is not None)


def _supersede(turn: Turn) -> Turn:
    """End every registration that is not decided yet."""
    why = problem(Reason.SUPERSEDED, "work_id", "A release came before it was decided: register again if you must.")
    if turn.work.pending is not None and turn.work.pending.stage is Stage.READ:
        turn = end_pending(turn, why)
    ended = [action for action in turn.work.queue if action.reason is None]
    queue = tuple(action for action in turn.work.queue if action.reason is not None)
    said = (rejected(turn.event, turn.work_id, one.submission_id, one.received_at, why) for one in ended)
    return turn.with_work(queue=queue).saying(*said)


def end_pending(turn: Turn, *why: Problem) -> Turn:
    """Refuse the registration that is on its way, and forget it."""
    pending = turn.work.pending
    assert pending is not None, "asked by its callers"  # noqa: S101  # an invariant
    refused = rejected(turn.event, turn.work_id, pending.submission_id, pending.received_at, *why)
    return turn.with_work(pending=None).saying(refused).changing(forget(pending))


def advance(turn: Turn) -> Turn:
    """Go on with a work until there is something to wait for, or nothing left to do."""
    while (after := _next(turn)) is not None:
        turn = after
    return turn


def _next(turn: Turn) -> Turn | None:
    """Take one step of a work of which nothing is under way; None if there is none to take."""
    work = turn.work
    if work.pending is not None or not work.is_left:
        return None
    if work.releasing is not None or work.sweep is not None:
        return _finish(turn)
    if not work.queue:
        return None
    action, *rest = work.queue
    turn = turn.with_work(queue=tuple(rest))
    return _begin_registration(turn, action) if action.reason is None else _begin_release(turn, action)


def _finish(turn: Turn) -> Turn:
    """Say RELEASED, if that was why everything left that has left."""
    done = turn.work.releasing
    turn = turn.with_work(releasing=None, sweep=None)
    if done is None:
        return turn
    return turn.saying(receipt(turn.event, turn.work_id, done.submission_id, done.received_at, Status.RELEASED))


def _begin_registration(turn: Turn, action: Action) -> Turn:
    pending = Registration(action.submission_id, action.number, action.received_at, listed(action.references))
    if all(one.digest for one in pending.references):
        return _put(turn, pending)
    asked, emit = ask_all(pending, turn.work_id, turn.event)
    return turn.with_work(pending=asked).saying(*emit)


def _begin_release(turn: Turn, action: Action) -> Turn:
    assert action.reason is not None, "asked by its caller"  # noqa: S101  # an invariant
    current = turn.work.current
    if current is None:
        done = receipt(turn.event, turn.work_id, action.submission_id, action.received_at, Status.RELEASED)
        return turn.saying(done)
    gone = listings_of(current)
    said = (*remove(turn, current, gone, action.reason.value), *withdraw(current, turn.work_id, turn.event))
    return turn.with_work(current=None, leaving=gone, releasing=action, sweep=sweep_of(turn.work)).saying(*said)


def sweep_of(work: Work) -> Sweep | None:
    """Return the sweep that a work needs whose references are no longer what they were."""
    return Sweep() if work.likenesses else None


def reference_read(turn: Turn, found: ReferenceRead) -> Turn:
    """Take what reading a reference found; when all are read, put the listings."""
    before = turn.work.pending
    if before is None or before.stage is not Stage.READ or before.number != found.registration:
        return turn
    pending, emit, given_up = take(before, found, turn.event)
    if given_up is not None:
        return advance(end_pending(turn, given_up))
    turn = turn.with_work(pending=pending).saying(*emit).changing(keep(before, pending, found))
    return _put(turn, pending) if all(one.digest for one in pending.references) else turn


def woken(turn: Turn) -> Turn:
    """Ask again for the references whose pause is over."""
    if turn.work.pending is None:
        return turn
    pending, emit, given_up = ask_due(turn.work.pending, turn.work_id, turn.event)
    if given_up is not None:
        return advance(end_pending(turn, given_up))
    return turn.with_work(pending=pending).saying(*emit)


def _put(turn: Turn, pending: Registration) -> Turn:
    return turn.with_work(pending=replace(pending, stage=Stage.PUT)).saying(*put(turn, pending))
