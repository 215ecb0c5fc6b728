"""The actions on one work, one after another, in their order.

    register: READ every reference → PUT every listing → IN_FORCE when all are applied (ACCEPTED)
    license, revoke, exclude: put every listing again, and all that resembles it → when all are applied LICENSED …
    release:  remove every listing, and all that resembles it → RELEASED when all removals are applied

- Once its listings are sent a registration is decided, and what comes later waits. A release or a settlement before
  that ends it and all that waited before (SUPERSEDED).
- A replacement puts all its references under its own version; only those no longer named are removed, afterwards.
- What was done for everything that the rightsholder holds, a work follows before its next action begins.
- Answers to what is no longer current are dropped.
"""

from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.decided import Problem
from services.contracts.inside import ReferenceRead
from services.registry.changing import UNKNOWN_WORK, begin_change
from services.registry.ending import RELEASED, REPLACED, end_pending, settle, supersede, superseded
from services.registry.gate import SUSPENDED
from services.registry.listings import end_current, put_again
from services.registry.probation import put_or_ask
from services.registry.problems import Reason, problem
from services.registry.receipts import Status, receipt, rejected
from services.registry.references import ask_all, ask_due, listed, take
from services.registry.registrations import Action, Registration, Stage
from services.registry.samples import keep
from services.registry.state import QUEUE_BYTES_MAX, QUEUE_MAX, Rightsholder
from services.registry.turn import Turn

FULL = problem(Reason.TOO_MANY_PENDING, "work_id", "Wait for the answers to what was submitted before.")


def submit(turn: Turn, action: Action) -> Turn:
    """Take an action that has passed the gate; it takes the rightsholder's next number."""
    refusal = _refusal(turn, action)
    if refusal is not None:
        return turn.saying(rejected(turn.event, turn.work_id, action.submission_id, turn.event.now, refusal))
    if action.reason is not None:
        turn = supersede(turn, turn.head.number, RELEASED)
    number = turn.head.number + 1
    queue = (*turn.work.queue, replace(action, number=number))
    return advance(turn.with_head(number=number).with_work(queue=queue))


def _refusal(turn: Turn, action: Action) -> Problem | None:
    work = turn.work
    if not action.registers and not _has_registration(turn):
        return UNKNOWN_WORK
    waiting = work.queue if action.reason is None else [one for one in work.queue if one.reason is not None]
    queue = (*waiting, action)
    return FULL if len(queue) > QUEUE_MAX or len(encode(queue)) > QUEUE_BYTES_MAX else None


def _has_registration(turn: Turn) -> bool:
    """Tell whether, once all that waits is through, the work will be one that was registered.

    What a settlement has ended is not, whether all works have been met or not.
    """
    for action in reversed(turn.work.queue):
        if action.registers or action.reason is not None:
            return action.registers
    registrations = (turn.work.current, turn.work.pending)
    return any(one is not None and one.number > turn.head.settled for one in registrations)


def ready(turn: Turn) -> Turn:
    """Return a work's turn after what the last settlement ends: it is in force before all works were met."""
    settled = settle(turn)
    return turn if settled is turn else advance(settled)


def advance(turn: Turn) -> Turn:
    """Go on with a work until there is something to wait for, or nothing left to do."""
    turn = settle(turn)
    while (after := _next(turn)) is not None:
        turn = after
    return turn


def lags(registration: Registration | None, head: Rightsholder) -> bool:
    """Tell whether a registration that was put does not follow yet what was done for everything."""
    if registration is None:
        return False
    return registration.number <= head.settled or registration.terms_version < head.changed


def _next(turn: Turn) -> Turn | None:
    """Take one step of a work of which nothing is under way; None if there is none to take."""
    work = turn.work
    if not work.is_free:
        return None
    if work.doing is not None or work.sweep is not None:
        return _finish(turn)
    if lags(work.current, turn.head):
        return _catch_up(turn)
    return _caught_up(turn) if work.awaited else _next_action(turn)


def _next_action(turn: Turn) -> Turn | None:
    """Begin what waits: what a person has approved comes first, unless it is to be replaced anyway.

    It is new, though it was submitted before: of who is suspended by now it is not accepted.
    """
    pending, queue = turn.work.pending, turn.work.queue
    if pending is not None and any(action.registers for action in queue):
        return end_pending(turn, superseded(REPLACED))
    if pending is not None and pending.stage is Stage.APPROVED:
        return end_pending(turn, SUSPENDED) if turn.head.suspended else put_or_ask(turn)
    return _begin(turn) if queue else None


def _finish(turn: Turn) -> Turn:
    """Answer the action whose last answer has come, if it was one."""
    done = turn.work.doing
    turn = turn.with_work(doing=None, sweep=None)
    if done is None:
        return turn
    return turn.saying(receipt(turn.event, turn.work_id, done.submission_id, done.received_at, done.status))


def _catch_up(turn: Turn) -> Turn:
    """Follow what was done for everything."""
    current, head = turn.work.current, turn.head
    if current is not None and current.number <= head.settled:
        return end_current(turn, head.settled_for.value)
    return put_again(turn, head.number)


def _caught_up(turn: Turn) -> Turn:
    sweep = turn.head.sweep
    assert sweep is not None, "a sweep is over when no work is awaited"  # noqa: S101  # an invariant
    return turn.with_work(awaited=False).with_head(sweep=replace(sweep, unanswered=sweep.unanswered - 1))


def _begin(turn: Turn) -> Turn:
    action, *rest = turn.work.queue
    turn = turn.with_work(queue=tuple(rest))
    if action.registers:
        return _begin_registration(turn, action)
    return begin_change(turn, action) if action.reason is None else _begin_release(turn, action)


def _begin_registration(turn: Turn, action: Action) -> Turn:
    references = listed(action.references)
    pending = Registration(
        action.submission_id,
        action.number,
        action.received_at,
        references,
        terms=action.terms,
        submitted_at=action.submitted_at,
    )
    if all(one.digest for one in references):
        return put_or_ask(turn.with_work(pending=pending))
    asked, emit = ask_all(pending, turn.work_id, turn.event)
    return turn.with_work(pending=asked).saying(*emit)


def _begin_release(turn: Turn, action: Action) -> Turn:
    assert action.reason is not None, "asked by its caller"  # noqa: S101  # an invariant
    if turn.work.current is None:
        done = receipt(turn.event, turn.work_id, action.submission_id, action.received_at, Status.RELEASED)
        return turn.saying(done)
    return end_current(turn.with_work(doing=action), action.reason.value)


def reference_read(turn: Turn, found: ReferenceRead) -> Turn:
    """Take what reading a reference found; when all are read, put the listings."""
    before = turn.work.pending
    if before is None or before.stage is not Stage.READ or before.number != found.registration:
        return turn
    pending, emit, given_up = take(before, found, turn.event)
    if given_up is not None:
        return advance(end_pending(turn, given_up))
    turn = turn.with_work(pending=pending).saying(*emit).changing(keep(before, pending, found))
    return put_or_ask(turn) if all(one.digest for one in pending.references) else turn


def woken(turn: Turn) -> Turn:
    """Ask again for the references whose pause is over."""
    if turn.work.pending is None or turn.work.pending.stage is not Stage.READ:
        return turn
    pending, emit, given_up = ask_due(turn.work.pending, turn.work_id, turn.event)
    if given_up is not None:
        return advance(end_pending(turn, given_up))
    return turn.with_work(pending=pending).saying(*emit)
