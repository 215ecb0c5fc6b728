"""What a step of a case gives to be measured: verdicts, takedowns, and what waits. It decides nothing.

How long an upload waited for its first verdict counts from the time at which Kafka took its submission, which the case
keeps only until then. A verdict that voids what was said of other bytes is no answer to it.
"""

from msgspec.structs import replace

from services.contracts.decided import TakedownIssued, VerdictDecided
from services.contracts.measured import Measure, Measured, Tallied, Tally
from services.contracts.processor import Emit
from services.enforcer.case import Case, Found, Objections, Step, Stood

Entry = Case | Found | Stood | Objections
Verdict = VerdictDecided.Verdict
Standing = tuple[Tally, int]
"""What a case is counted under as long as it is so, and since when."""


def measured(before: Case, step: Step) -> tuple[Case, tuple[Measured | Tallied, ...]]:
    """Return the case without the time of a submission that has been answered, and what there is to count."""
    case = step.case
    was, now = _standing(before), _standing(case)
    found: list[Measured | Tallied] = [] if was == now else _changed(was, now)
    if step.emit:
        found += _said(step.emit)
    if case.submitted_at and (case.answered or case.deadline is None):
        found.append(Measured(Measure.ANSWERED, since=case.submitted_at))
        case = replace(case, submitted_at=0)
    return case, tuple(found)


def tallies(entry: Entry) -> tuple[Tallied, ...]:
    """Return what an entry is counted under as long as it is so."""
    standing = _standing(entry) if isinstance(entry, Case) else None
    return () if standing is None else (Tallied(standing[0], 1, standing[1]),)


def _standing(case: Case) -> Standing | None:
    if case.verdict is Verdict.HELD:
        return Tally.HELD, 0
    if not case.unscanned_since:
        return None
    is_tried_again = case.retry_at is not None or case.deadline is not None
    return (Tally.UNSCANNED, case.unscanned_since) if is_tried_again else None


def _changed(was: Standing | None, now: Standing | None) -> list[Measured | Tallied]:
    found: list[Measured | Tallied] = []
    if was is not None:
        found.append(Tallied(was[0], -1, was[1]))
    if now is not None:
        found.append(Tallied(now[0], 1, now[1]))
    return found


def _said(emit: tuple[Emit, ...]) -> list[Measured | Tallied]:
    """Count verdicts and takedowns, and once for each upload that is blocked before it has been shown."""
    found: list[Measured | Tallied] = []
    is_blocked = is_on_arrival = False
    for each in emit:
        said = each.fact
        if isinstance(said, VerdictDecided):
            is_blocked = said.verdict is Verdict.BLOCKED
            found.append(Measured(Measure.DECIDED, said.verdict))
        elif isinstance(said, TakedownIssued) and said.status is TakedownIssued.Status.ISSUED:
            is_on_arrival = is_on_arrival or said.basis is TakedownIssued.Basis.STAYDOWN
            found.append(Measured(Measure.TAKEN_DOWN, said.basis))
        elif isinstance(said, TakedownIssued):
            found.append(Measured(Measure.REINSTATED))
    if is_blocked and is_on_arrival:
        found.append(Measured(Measure.REFUSED))
    return found
