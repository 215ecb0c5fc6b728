"""What the registry decides about one rightsholder.

- A submission_id with the same content is answered once; with another content it is REJECTED besides.
- A submission is judged by the enrolments that were there when it was read: the engine reads those first.
- A work's actions are taken one after another, in their order (`works.py`).
"""

from collections.abc import Callable
from typing import assert_never

import xxhash
from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.decided import Problem
from services.contracts.inside import ListingApplied, ReferenceRead, ResemblanceFound
from services.contracts.processor import HEAD, Decision, Emit, Event, View, Woken
from services.contracts.submitted import RightsholderSubmitted, WorkSubmitted, WorkUnreadable
from services.registry.answers import answered
from services.registry.gate import Reason, check
from services.registry.likenesses import resembles, sweep
from services.registry.receipts import rejected
from services.registry.state import CONTENTS_MAX, REMEMBERED_MS, Rightsholder, Submission
from services.registry.turn import Turn, begin, end
from services.registry.works import reference_read, submit_register, submit_release, woken

Fact = (
    RightsholderSubmitted | WorkSubmitted | WorkUnreadable | ReferenceRead | ListingApplied | ResemblanceFound | Woken
)


def decide(state: View, event: Event) -> Decision:
    """Decide one event of a rightsholder."""
    fact: Fact = event.fact
    match fact:
        case RightsholderSubmitted():
            return _enrolment(state, fact, event)
        case WorkSubmitted() | WorkUnreadable():
            return _submission(state, fact, event)
        case ReferenceRead():
            return _on_work(state, event, fact.work_id, lambda turn: reference_read(turn, fact))
        case ListingApplied():
            return _on_work(state, event, fact.work_id, lambda turn: answered(turn, fact))
        case ResemblanceFound():
            return _take(state, event, fact.work_id, lambda turn: resembles(turn, fact))
        case Woken():
            return _woken(state, fact.name, event)
        case _:
            assert_never(fact)


def _enrolment(state: View, fact: RightsholderSubmitted, event: Event) -> Decision:
    head: Rightsholder = state.get() or Rightsholder()
    name, submission = _remember(state, f"step/{fact.submission_id}", _content(fact), event)
    if submission is None:
        return Decision()
    if fact.enroll is not None:
        head = replace(head, enrolled=fact.enroll)
    else:
        head = replace(head, suspended=fact.suspend is not None)
    return Decision({HEAD: head, name: submission})


def _submission(state: View, fact: WorkSubmitted | WorkUnreadable, event: Event) -> Decision:
    head: Rightsholder = state.get() or Rightsholder()
    name, submission = _remember(state, f"submission/{fact.submission_id}", _content(fact), event)
    if submission is None:
        return Decision()
    if len(submission.contents) > 1:
        problem = Problem(
            Reason.DUPLICATE_SUBMISSION, "submission_id", "Give a new submission a submission_id of its own."
        )
        return Decision({name: submission}, (_refused(event, fact, problem),))
    problems = check(head, fact, event.now)
    if problems or isinstance(fact, WorkUnreadable):
        return Decision({name: submission}, (_refused(event, fact, *problems),))
    turn = begin(state, event, fact.work_id)
    return end(turn, _submit(turn.changing({name: submission}), fact))


def _submit(turn: Turn, fact: WorkSubmitted) -> Turn:
    """Take an action that has passed the gate."""
    if fact.release is not None:
        return submit_release(turn, fact.submission_id, fact.release)
    assert fact.register is not None, "the gate lets exactly one action through"  # noqa: S101  # an invariant
    return submit_register(turn, fact.submission_id, fact.register)


def _refused(event: Event, fact: WorkSubmitted | WorkUnreadable, *problems: Problem) -> Emit:
    return rejected(event, fact.work_id, fact.submission_id, event.now, *problems)


def _remember(state: View, name: str, content: str, event: Event) -> tuple[str, Submission | None]:
    """Return the entry with this content added, or None if it has been answered before."""
    known: Submission | None = state.get(name)
    if known is None:
        return name, Submission((content,), event.now + REMEMBERED_MS)
    if content in known.contents or len(known.contents) == CONTENTS_MAX:
        return name, None
    return name, replace(known, contents=(*known.contents, content))


def _content(fact: RightsholderSubmitted | WorkSubmitted | WorkUnreadable) -> str:
    """Return a hash of what is said, without the time that is there for display."""
    if isinstance(fact, WorkUnreadable):
        return fact.digest
    return xxhash.xxh3_128_hexdigest(encode(replace(fact, submitted_at=None)))


def _on_work(state: View, event: Event, work_id: str, rule: Callable[[Turn], Turn]) -> Decision:
    """Decide about a work that is there; what answers to one that is gone is dropped."""
    return Decision() if state.get(f"work/{work_id}") is None else _take(state, event, work_id, rule)


def _take(state: View, event: Event, work_id: str, rule: Callable[[Turn], Turn]) -> Decision:
    """Decide about a work, whether it is there or not."""
    turn = begin(state, event, work_id)
    return end(turn, rule(turn))


def _woken(state: View, name: str, event: Event) -> Decision:
    """Go on with a sweep, ask for references again, or forget a submission whose time is over."""
    kind, _, work_id = name.partition("/")
    if kind != "work":
        return Decision({name: None})
    return _on_work(state, event, work_id, lambda turn: sweep(turn) if turn.work.is_swept else woken(turn))
