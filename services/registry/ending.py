"""How what is not decided yet ends: refused, or superseded by what came later."""

from services.contracts.decided import Problem
from services.registry.problems import Reason, problem
from services.registry.receipts import rejected
from services.registry.registrations import Stage
from services.registry.samples import forget
from services.registry.turn import Turn

RELEASED = "A release came before it was decided: submit it again if you must."
SETTLED = "A settlement came before it was decided: submit it again if you must."
REPLACED = "A later registration of the work came before a person had decided about it."


def end_pending(turn: Turn, *why: Problem) -> Turn:
    """Refuse the registration that is on its way, and forget it."""
    pending = turn.work.pending
    assert pending is not None, "asked by its callers"  # noqa: S101  # an invariant
    if pending.stage is Stage.HELD:
        turn = turn.with_head(held=turn.head.held - 1)
    refused = rejected(turn.event, turn.work_id, pending.submission_id, pending.received_at, *why)
    return turn.with_work(pending=None).saying(refused).changing(forget(pending))


def superseded(cure: str) -> Problem:
    """Return that something later came first."""
    return problem(Reason.SUPERSEDED, "work_id", cure)


def supersede(turn: Turn, number: int, cure: str) -> Turn:
    """End everything up to a number that is not decided yet, but for releases; the same turn if there is nothing."""
    why = superseded(cure)
    pending = turn.work.pending
    if pending is not None and pending.is_open and pending.number <= number:
        turn = end_pending(turn, why)
    ended = [action for action in turn.work.queue if action.reason is None and action.number <= number]
    if not ended:
        return turn
    said = (rejected(turn.event, turn.work_id, one.submission_id, one.received_at, why) for one in ended)
    left = tuple(one for one in turn.work.queue if one.reason is not None or one.number > number)
    return turn.with_work(queue=left).saying(*said)


def settle(turn: Turn) -> Turn:
    """End what the last settlement ends of what is not decided yet; the same turn if there is nothing."""
    return supersede(turn, turn.head.settled, SETTLED) if turn.head.settled else turn
