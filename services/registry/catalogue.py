"""What is done for everything that a rightsholder holds: licences, settlements, and accounts of their own.

- It is in force at once: whatever is put from then on has the new terms, and no registration up to a settlement is
  taken any further. What stands is met in bounded steps, and follows by the rules of single works (`works.py`); a work
  that is busy follows when it is free, before its next action begins.
- One after another they are answered, when every work follows and has all its answers.
"""

from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.decided import Problem
from services.contracts.measured import Measured, Tallied
from services.contracts.processor import HEAD, Decision, Emit, Event, View
from services.contracts.submitted import WorkSubmitted
from services.registry.changing import UNKNOWN_LICENSE
from services.registry.problems import Reason, invalid, problem
from services.registry.receipts import Status, receipt
from services.registry.registrations import Stage
from services.registry.rights import in_time, licence_of, with_licence, without_licence
from services.registry.state import CATALOGUE_QUEUE_MAX, CATALOGUE_RIGHTS_BYTES_MAX, Rightsholder, Sweep, Whole, Work
from services.registry.turn import Turn, end
from services.registry.works import advance, lags

WORKS_PER_STEP = 50
"""Works met in one step: a few milliseconds, and four hundred works in a transaction."""

RECORDS_PER_STEP = 500
"""What one step says, or little more: a work may have 64 listings."""

FULL = problem(Reason.TOO_MANY_PENDING, "rightsholder_id", "Wait for the answers to what was submitted before.")
TOO_LONG = invalid("license_catalogue", "Revoke licences for everything, or name fewer places.")


def is_about_everything(fact: WorkSubmitted) -> bool:
    """Tell whether an action is about every work."""
    of_everything = fact.license_catalogue is not None or fact.settle is not None
    return of_everything or (fact.revoke is not None and not fact.work_id)


def submit(head: Rightsholder, fact: WorkSubmitted, now: int) -> Rightsholder | Problem:
    """Take an action on everything that has passed the gate."""
    if len(head.wholes) >= CATALOGUE_QUEUE_MAX:
        return FULL
    number = head.number + 1
    if fact.settle is not None:
        settled = replace(head, settled=number, settled_for=fact.settle.reason)
        return _begin(settled, Whole(number, now, fact.submission_id, Status.RELEASED))
    licences, status = in_time(head.licences, now), Status.LICENSED
    if fact.license_catalogue is not None:
        licences = with_licence(licences, licence_of(fact.license_catalogue))
    elif fact.revoke is not None:
        licences, status = without_licence(licences, fact.revoke.license_id), Status.REVOKED
        if all(one.license_id != fact.revoke.license_id for one in head.licences):
            return UNKNOWN_LICENSE
    if len(encode(licences)) > CATALOGUE_RIGHTS_BYTES_MAX:
        return TOO_LONG
    licensed = replace(head, licences=licences, changed=number)
    return _begin(licensed, Whole(number, now, fact.submission_id, status))


def follow(head: Rightsholder, now: int) -> Rightsholder:
    """Let every work follow a change that nobody is answered about: other accounts of their own."""
    number = head.number + 1
    head = replace(head, number=number, changed=number)
    if len(head.wholes) > 1 and not head.wholes[-1].submission_id:
        return head  # one that has not begun serves for both
    return _begin(head, Whole(number, now))


def _begin(head: Rightsholder, whole: Whole) -> Rightsholder:
    return replace(head, number=whole.number, wholes=(*head.wholes, whole), sweep=head.sweep or Sweep())


def sweep(state: View, event: Event) -> Decision:
    """Let the next works follow."""
    head: Rightsholder = state.get() or Rightsholder()
    if head.sweep is None or head.sweep.is_through:
        return Decision()
    met: list[tuple[str, Work]] = list(state.after(head.sweep.cursor or "work/", WORKS_PER_STEP))
    changes: dict[str, object | None] = {}
    emit: list[Emit] = []
    measured: list[Measured | Tallied] = []
    cursor = head.sweep.cursor
    for name, work in met:
        turn = Turn(state, event, head, name.removeprefix("work/"), work)
        after = _meet(turn)
        decision = end(turn, after)
        changes |= decision.changes
        emit += decision.emit
        measured += decision.measured
        head, cursor = after.head, name
        if len(emit) >= RECORDS_PER_STEP:
            break
    is_through = len(met) < WORKS_PER_STEP and (not met or cursor == met[-1][0])
    assert head.sweep is not None, "it ends below"  # noqa: S101  # an invariant
    head = replace(head, sweep=replace(head.sweep, cursor=cursor, is_through=is_through))
    head, said = _answered(head, event)
    return Decision({**changes, HEAD: head}, (*emit, *said), tuple(measured))


def _meet(turn: Turn) -> Turn:
    """Let a work follow as far as it can now, and wait for it if that is not far enough."""
    turn = advance(turn)
    work, sweep_of_all = turn.work, turn.head.sweep
    sent = work.pending if work.pending is not None and work.pending.stage is Stage.PUT else None
    follows = work.is_answered and not lags(work.current, turn.head) and not lags(sent, turn.head)
    if follows or work.awaited or sweep_of_all is None:
        return turn
    more = replace(sweep_of_all, unanswered=sweep_of_all.unanswered + 1)
    return turn.with_work(awaited=True).with_head(sweep=more)


def answered(turn: Turn) -> Turn:
    """Answer the actions on everything that every work follows after this turn."""
    head, said = _answered(turn.head, turn.event)
    return replace(turn, head=head).saying(*said) if head is not turn.head else turn


def _answered(head: Rightsholder, event: Event) -> tuple[Rightsholder, tuple[Emit, ...]]:
    said = []
    while head.sweep is not None and head.sweep.is_through and not head.sweep.unanswered:
        done, *rest = head.wholes
        if done.submission_id:
            said.append(receipt(event, "", done.submission_id, done.received_at, done.status))
        head = replace(head, wholes=tuple(rest), sweep=Sweep() if rest else None)
    return head, tuple(said)
