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
from services.contracts.inside import ListingChanged, ReferenceRead
from services.contracts.processor import Emit, Event
from services.contracts.submitted import WorkSubmitted
from services.contracts.topics import LISTINGS_CHANGED
from services.registry.gate import Reason, problem
from services.registry.receipts import Status, receipt, rejected
from services.registry.references import ask_all, ask_due, listed, take
from services.registry.samples import forget, keep, withdraw
from services.registry.state import (
    QUEUE_BYTES_MAX,
    QUEUE_MAX,
    Action,
    Leaving,
    Registration,
    Stage,
    Step,
    Sweep,
    Work,
)

Change = ListingChanged.Change


def submit(work: Work, fact: WorkSubmitted, number: int, event: Event) -> Step:
    """Take an action that has passed the gate."""
    if fact.release is not None:
        return _submit_release(work, fact, event)
    assert fact.register is not None, "the gate lets exactly one action through"  # noqa: S101  # an invariant
    queue = (*work.queue, Action(fact.submission_id, event.now, number, fact.register.references))
    if len(queue) > QUEUE_MAX or len(encode(queue)) > QUEUE_BYTES_MAX:
        full = problem(Reason.TOO_MANY_PENDING, "work_id", "Wait for the answers to what was submitted before.")
        return Step(work, (rejected(event, fact.work_id, fact.submission_id, event.now, full),))
    return advance(replace(work, queue=queue), fact.work_id, event)


def _submit_release(work: Work, fact: WorkSubmitted, event: Event) -> Step:
    if not _has_registration(work):
        unknown = problem(Reason.UNKNOWN_WORK, "work_id", "Name a work of yours that is registered.")
        return Step(work, (rejected(event, fact.work_id, fact.submission_id, event.now, unknown),))
    assert fact.release is not None, "asked by its caller"  # noqa: S101  # an invariant
    action = Action(fact.submission_id, event.now, reason=fact.release.reason)
    step = _supersede(work, fact.work_id, event)
    return step.then(advance(replace(step.work, queue=(*step.work.queue, action)), fact.work_id, event))


def _has_registration(work: Work) -> bool:
    """Tell whether the last action on the work so far was a registration."""
    if work.queue:
        return work.queue[-1].reason is None
    return work.releasing is None and (work.current is not None or work.pending is not None)


def _supersede(work: Work, work_id: str, event: Event) -> Step:
    """End every registration that is not decided yet."""
    ended: list[Action | Registration] = [action for action in work.queue if action.reason is None]
    forgotten: dict[str, object | None] = {}
    if work.pending is not None and work.pending.stage is Stage.READ:
        ended.insert(0, work.pending)
        forgotten = forget(work.pending)
        work = replace(work, pending=None)
    why = problem(Reason.SUPERSEDED, "work_id", "A release came before it was decided: register again if you must.")
    emit = tuple(rejected(event, work_id, one.submission_id, one.received_at, why) for one in ended)
    queue = tuple(action for action in work.queue if action.reason is not None)
    return Step(replace(work, queue=queue), emit, forgotten)


def advance(work: Work, work_id: str, event: Event) -> Step:
    """Begin what waits, one action at a time."""
    step = Step(work)
    while step.work.queue and step.work.pending is None and step.work.releasing is None and _is_left(step.work):
        action, *rest = step.work.queue
        begin = _begin_release if action.reason is not None else _begin_registration
        step = step.then(begin(replace(step.work, queue=tuple(rest)), action, work_id, event))
    return step


def _begin_registration(work: Work, action: Action, work_id: str, event: Event) -> Step:
    pending = Registration(action.submission_id, action.number, action.received_at, listed(action.references))
    if all(one.digest for one in pending.references):
        return _put(replace(work, pending=pending), work_id, event)
    asked, emit = ask_all(pending, work_id, event)
    return Step(replace(work, pending=asked), emit)


def _begin_release(work: Work, action: Action, work_id: str, event: Event) -> Step:
    assert action.reason is not None, "asked by its caller"  # noqa: S101  # an invariant
    if work.current is None:
        done = receipt(event, work_id, action.submission_id, action.received_at, Status.RELEASED)
        return Step(work, (done,))
    gone = listings_of(work.current)
    emit = tuple(change_listing(one, work.current, work_id, event, reason=action.reason.value) for one in gone)
    ended = replace(work, current=None, leaving=gone, releasing=action, sweep=sweep_of(work))
    return Step(ended, (*emit, *withdraw(work.current, work_id, event)))


def sweep_of(work: Work) -> Sweep | None:
    """Return the sweep that a work needs whose references are no longer what they were."""
    return Sweep() if work.likenesses else None


def go_on(work: Work, work_id: str, event: Event) -> Step:
    """Once everything that was to leave has left, say RELEASED if that was why, and begin what waits."""
    if not _is_left(work):
        return Step(work)
    done, step = work.releasing, Step(replace(work, releasing=None, sweep=None))
    if done is not None:
        said = receipt(event, work_id, done.submission_id, done.received_at, Status.RELEASED)
        step = Step(step.work, (said,))
    return step.then(advance(step.work, work_id, event))


def _is_left(work: Work) -> bool:
    """Tell whether every removal that was begun is applied."""
    swept = work.sweep is None or (work.sweep.is_through and not work.sweep.unanswered)
    return swept and not work.leaving


def reference_read(work: Work, found: ReferenceRead, event: Event) -> Step:
    """Take what reading a reference found; when all are read, put the listings."""
    if work.pending is None or work.pending.stage is not Stage.READ or work.pending.number != found.registration:
        return Step(work)
    pending, emit, given_up = take(work.pending, found, event)
    if given_up is not None:
        return _give_up(work, pending, given_up, found.work_id, event)
    step = Step(replace(work, pending=pending), emit, keep(work.pending, pending, found))
    return step.then(_put(step.work, found.work_id, event)) if all(one.digest for one in pending.references) else step


def woken(work: Work, work_id: str, event: Event) -> Step:
    """Ask again for the references whose pause is over."""
    if work.pending is None:
        return Step(work)
    pending, emit, given_up = ask_due(work.pending, work_id, event)
    if given_up is not None:
        return _give_up(work, pending, given_up, work_id, event)
    return Step(replace(work, pending=pending), emit)


def _give_up(work: Work, pending: Registration, why: Problem, work_id: str, event: Event) -> Step:
    refused = rejected(event, work_id, pending.submission_id, pending.received_at, why)
    return Step(work, (refused,), forget(pending)).then(advance(replace(work, pending=None), work_id, event))


def _put(work: Work, work_id: str, event: Event) -> Step:
    assert work.pending is not None, "asked by its callers"  # noqa: S101  # an invariant
    put = replace(work.pending, stage=Stage.PUT)
    emit = tuple(change_listing(one, put, work_id, event) for one in listings_of(put))
    return Step(replace(work, pending=put), emit)


def listings_of(registration: Registration) -> tuple[Leaving, ...]:
    """Return the listings of a registration whose references are read."""
    return tuple(Leaving(one.reference_id, one.digest) for one in registration.references)


def change_listing(one: Leaving, registration: Registration, work_id: str, event: Event, reason: str = "") -> Emit:
    """Return the record that puts a listing, or with a reason removes it."""
    change = ListingChanged(
        digest=one.digest,
        rightsholder_id=event.key,
        work_id=work_id,
        reference_id=one.reference_id,
        version=registration.number,
        submission_id=registration.submission_id,
        change=Change.ENDED if reason else Change.LISTED,
        reason=reason,
        rightsholder_partition=event.partition,
    )
    return Emit(LISTINGS_CHANGED, one.digest, change)
