"""What happens to a case when one of its deadlines has come."""

from msgspec.structs import replace

from services.contracts.processor import Event, View
from services.enforcer.case import RETRIES_MAX, UNANSWERED_MS, UNCHANGED, Case, Step
from services.enforcer.matches import found_of, judged
from services.enforcer.reads import ask
from services.enforcer.verdicts import Reason, publish, unscanned


def woken(state: View, case: Case, event: Event) -> Step:
    """Do what is due; each deadline is met once and then gone."""
    is_over = _is_due(case.forget_at, event)
    if is_over:
        case = Case(early=case.early, early_until=case.early_until)
    step = _on_time(state, case, event)
    return Step(step.case, step.emit, step.found, None if is_over else UNCHANGED)


def _on_time(state: View, case: Case, event: Event) -> Step:
    step = Step(case)
    if _is_due(case.early_until, event):
        step = Step(replace(case, early=(), early_until=None))
    if _is_due(case.flip_at, event):
        step = judged(step.case, found_of(state, case), event)
    if _is_due(case.deadline, event):
        step = _overdue(step, event)
    if _is_due(case.retry_at, event):
        again = _ask_or_give_up(step.case, event)
        step = Step(again.case, (*step.emit, *again.emit))
    return step


def _overdue(step: Step, event: Event) -> Step:
    """Fail closed: who has no verdict by now gets UNSCANNED."""
    case = replace(step.case, deadline=None)
    if case.answered:
        return Step(case, step.emit)
    if case.content is None and case.retry_at is None:  # the hasher reads a submission unasked; from now on it is asked
        case = replace(case, retry_at=event.now + UNANSWERED_MS)
    late = publish(case, unscanned(case, Reason.TIMED_OUT, complete=False), event)
    return Step(late.case, (*step.emit, *late.emit))


def _ask_or_give_up(case: Case, event: Event) -> Step:
    if case.tries <= RETRIES_MAX:
        return ask(case, event)
    return publish(replace(case, retry_at=None), unscanned(case, Reason.TIMED_OUT, complete=True), event)


def _is_due(time: int | None, event: Event) -> bool:
    return time is not None and time <= event.now
