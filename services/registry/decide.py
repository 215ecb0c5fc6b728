"""What the registry decides about one rightsholder.

- A submission_id with the same content is answered once; with another content it is REJECTED besides. What is not
  signed as it should be is nobody's submission: it is answered, and uses up no submission_id.
- A submission is judged by the enrolments that were there when it was read: the engine reads those first.
- A work's actions are taken one after another, in their order (`works.py`); those on everything too (`catalogue.py`).
"""

from collections.abc import Callable
from typing import assert_never

from msgspec.structs import replace

from services.contracts.decided import Problem
from services.contracts.inside import ListingApplied, ReferenceRead, ResemblanceFound
from services.contracts.objections import ReviewSubmitted
from services.contracts.processor import HEAD, Decision, Emit, Event, View, Woken
from services.contracts.standing import Standee, StrikesChanged
from services.contracts.submitted import RightsholderSubmitted, WorkSubmitted, WorkUnreadable
from services.registry import catalogue, likenesses
from services.registry.answers import answered
from services.registry.gate import check, check_signer
from services.registry.problems import Reason, problem
from services.registry.receipts import rejected
from services.registry.registrations import Action, Cut
from services.registry.remembering import content_of, identify, remember
from services.registry.reviews import review
from services.registry.rights import licence_of, policy_terms
from services.registry.state import Judged, Rightsholder
from services.registry.turn import Turn, begin, end
from services.registry.works import ready, reference_read, submit, woken

Fact = (
    RightsholderSubmitted
    | WorkSubmitted
    | WorkUnreadable
    | ReviewSubmitted
    | ReferenceRead
    | ListingApplied
    | ResemblanceFound
    | StrikesChanged
    | Woken
)
DUPLICATE = problem(Reason.DUPLICATE_SUBMISSION, "submission_id", "Give a new submission a submission_id of its own.")


def decide(state: View, event: Event) -> Decision:  # noqa: PLR0911  # one for each kind of fact
    """Decide one event of a rightsholder."""
    fact: Fact = event.fact
    match fact:
        case RightsholderSubmitted():
            return _enrolment(state, fact, event)
        case WorkSubmitted() | WorkUnreadable():
            return _submission(state, fact, event)
        case ReviewSubmitted():
            return review(state, fact, event)
        case ReferenceRead():
            return _on_work(state, event, fact.work_id, lambda turn: reference_read(turn, fact))
        case ListingApplied():
            return _on_work(state, event, fact.work_id, lambda turn: answered(turn, fact))
        case ResemblanceFound():
            return _take(state, event, fact.work_id, lambda turn: likenesses.resembles(turn, fact))
        case StrikesChanged():
            return _judged(state, fact)
        case Woken():
            return _woken(state, fact.name, event)
        case _:
            assert_never(fact)


def _enrolment(state: View, fact: RightsholderSubmitted, event: Event) -> Decision:
    head: Rightsholder = state.get() or Rightsholder()
    name = f"step/{fact.submission_id}"
    met = remember(state, name, content_of(fact), event)
    if met is None:
        return Decision()
    if fact.enroll is None:
        return Decision({HEAD: replace(head, suspended=fact.suspend is not None), **met.changes})
    before = head.enrolled.accounts if head.enrolled else ()
    head = replace(head, enrolled=fact.enroll)
    if set(fact.enroll.accounts) != set(before):
        head = catalogue.follow(head, event.now)
    return Decision({HEAD: head, **met.changes})


def _judged(state: View, fact: StrikesChanged) -> Decision:
    """Keep how a rightsholder stands by their takedowns, while that limits them."""
    known: Judged | None = state.get("standing")
    limits = fact.standing is StrikesChanged.Standing.PROBATION
    if fact.subject.kind is not Standee.Kind.RIGHTSHOLDER or limits is (known is not None):
        return Decision()
    return Decision({"standing": Judged(fact.standing) if limits else None})


def _submission(state: View, fact: WorkSubmitted | WorkUnreadable, event: Event) -> Decision:
    head: Rightsholder = state.get() or Rightsholder()
    forged = check_signer(head, event)
    if forged is not None:
        return _forged(state, fact, forged, event)
    name = f"submission/{fact.submission_id}"
    met = remember(state, name, content_of(fact), event)
    if met is None:
        return Decision()
    changes = met.changes
    if met.is_another:
        return Decision(changes, (_refused(event, fact, DUPLICATE),))
    problems = check(head, fact, event.now)
    if problems or isinstance(fact, WorkUnreadable):
        return Decision(changes, (_refused(event, fact, *problems),))
    decision = _accepted(state, head, fact, event)
    return Decision({**changes, **decision.changes}, decision.emit, decision.measured)


def _accepted(state: View, head: Rightsholder, fact: WorkSubmitted, event: Event) -> Decision:
    """Take an action that has passed the gate."""
    if not catalogue.is_about_everything(fact):
        return _take(state, event, fact.work_id, lambda turn: submit(turn, _action(fact, event)))
    after = catalogue.submit(head, fact, event.now)
    return Decision(emit=(_refused(event, fact, after),)) if isinstance(after, Problem) else Decision({HEAD: after})


def _forged(state: View, fact: WorkSubmitted | WorkUnreadable, why: Problem, event: Event) -> Decision:
    """Answer what is not signed as it should be, once, apart from what its rightsholder may submit under that id."""
    signed = event.signed
    content = identify(content_of(fact), signed.signature if signed else "", signed.signed_at if signed else "")
    name = f"forged/{fact.submission_id}"
    met = remember(state, name, content, event)
    return Decision() if met is None else Decision(met.changes, (_refused(event, fact, why),))


def _action(fact: WorkSubmitted, event: Event) -> Action:
    """Return what is to be done to a work; the gate has let exactly one action through."""
    action = Action(fact.submission_id, event.now, submitted_at=event.written_at)
    if fact.register is not None:
        return replace(action, references=fact.register.references, terms=policy_terms(fact.register))
    if fact.license is not None:
        return replace(action, licence=licence_of(fact.license))
    if fact.revoke is not None:
        return replace(action, revoked=fact.revoke.license_id)
    if fact.exclude is not None:
        cut = Cut(fact.exclude.reference_id, "", fact.exclude.start_ms, fact.exclude.end_ms)
        return replace(action, excluded=cut)
    assert fact.release is not None, "the gate lets exactly one action through"  # noqa: S101  # an invariant
    return replace(action, reason=fact.release.reason)


def _refused(event: Event, fact: WorkSubmitted | WorkUnreadable, *problems: Problem) -> Emit:
    return rejected(event, fact.work_id, fact.submission_id, event.now, *problems)


def _on_work(state: View, event: Event, work_id: str, rule: Callable[[Turn], Turn]) -> Decision:
    """Decide about a work that is there; what answers to one that is gone is dropped."""
    return Decision() if state.get(f"work/{work_id}") is None else _take(state, event, work_id, rule)


def _take(state: View, event: Event, work_id: str, rule: Callable[[Turn], Turn]) -> Decision:
    """Decide about a work, whether it is there or not."""
    turn = begin(state, event, work_id)
    return end(turn, catalogue.answered(rule(ready(turn))))


def _woken(state: View, name: str, event: Event) -> Decision:
    """Go on with a sweep, ask for references again, or forget a submission whose time is over."""
    kind, _, work_id = name.partition("/")
    if name == HEAD:
        return catalogue.sweep(state, event)
    if kind != "work":
        return Decision({name: None})
    return _on_work(state, event, work_id, lambda turn: likenesses.sweep(turn) if turn.work.is_swept else woken(turn))
