"""What follows from the listings in force on an upload's bytes: the verdict, and what comes down or comes back."""

from msgspec.structs import replace

from services.contracts.decided import TakedownIssued, WorkRef
from services.contracts.inside import MatchFound
from services.contracts.processor import Emit, Event, View
from services.contracts.rights import PLAIN
from services.enforcer.case import MATCH, TAKEN_MAX, Case, Found, Step, Taken
from services.enforcer.explaining import explain
from services.enforcer.judging import Judgement, claim_id, judge, reasons_of, why_ended
from services.enforcer.standing import standing_of
from services.enforcer.takedowns import tell
from services.enforcer.telling import tell_rightsholders
from services.enforcer.verdicts import Reason, Verdict, publish
from services.enforcer.weighing import work_of

Basis = TakedownIssued.Basis


def matched(state: View, case: Case, fact: MatchFound, event: Event) -> Step:
    """Take the full state of the matches of this submission and these bytes."""
    record = case.record
    if record is None or case.content is None or fact.submission != case.submission:
        return Step(case)
    if fact.digest != case.content.blake3 or fact.version <= case.match_version:
        return Step(case)
    alone = len(fact.matches) == 1 and not fact.ended and fact.matches[0].terms == PLAIN
    gone = len(fact.ended) == 1 and not fact.matches
    found = Found(fact.matches, fact.ended)
    known = replace(
        case,
        match_version=fact.version,
        answered=True,
        deadline=None,
        listing=fact.matches[0] if alone else None,
        ended=fact.ended[0] if gone else None,
        matched=not alone and not gone and found != NOTHING_FOUND,
        standing=standing_of(state, record) if case.standing is None else case.standing,
    )
    step = judged(known, found, event, first=case.match_version < 0)
    return Step(step.case, step.emit, found if known.matched else None)


def found_of(state: View, case: Case) -> Found:
    """Return what the matcher said last."""
    if case.listing is not None:
        return Found((case.listing,))
    if case.ended is not None:
        return Found((), (case.ended,))
    return (state.get(MATCH) if case.matched else None) or NOTHING_FOUND


NOTHING_FOUND = Found()


def judged(case: Case, found: Found, event: Event, *, first: bool = False) -> Step:
    """Judge the case and say what is new. `first`: nothing was known before of what these bytes match."""
    judgement = judge(case, found, event.now)
    turned = _turn(case, judgement, found, first=first)
    is_held = judgement.verdict is Verdict.HELD
    known = replace(
        case,
        taken=_bounded(case, turned) if turned else case.taken,
        held=tuple(claim_id(case, work) for work in judgement.held),
        held_from_start=is_held and (first or case.held_from_start),
        flip_at=judgement.flips_at,
    )
    said = publish(known, explain(known, judgement), event)
    emit: tuple[Emit, ...] = said.emit
    blocked = {one.work: one for one in judgement.blocked}
    for taken in turned:
        emit += tell(said.case, taken, blocked.get(taken.work), event)
    if not judgement.tracked and not judgement.contradicted:
        return Step(said.case, emit)
    told, notices = tell_rightsholders(said.case, judgement, event)
    return Step(told, emit + notices)


def _turn(case: Case, judgement: Judgement, found: Found, *, first: bool) -> tuple[Taken, ...]:
    """Return the takedowns that change: works that newly block go down, works that do not any more come back."""
    if not case.taken and not judgement.blocked:
        return ()
    known = {taken.work: taken for taken in case.taken}
    blocked = [one.work for one in judgement.blocked]
    down = tuple(
        Taken(work, _basis(case, work, first=first), known[work].turn + 1 if work in known else 1)
        for work in blocked
        if work not in known or not known[work].is_down
    )
    gone = [taken for taken in case.taken if taken.is_down and taken.work not in blocked]
    if not gone:
        return down
    because = _why_back(judgement, found)
    back = (replace(one, turn=one.turn + 1, reason=because.get(one.work, Reason.NO_MATCH)) for one in gone)
    return (*down, *back)


def _basis(case: Case, work: WorkRef, *, first: bool) -> Basis:
    """Return who was there first; what was held for this claim from the first has never been shown."""
    stopped = case.held_from_start and claim_id(case, work) in case.held
    return Basis.STAYDOWN if first or stopped else Basis.NOTICE


def _why_back(judgement: Judgement, found: Found) -> dict[WorkRef, Reason]:
    """Return why works do not block: they ended, or match and wait for a person, or are only reported, or spared."""
    ended = why_ended(found)
    waiting = {work_of(match): Reason.PENDING_REVIEW for match in found.matches}
    reported = {one.work: reasons_of((one,))[0] for one in judgement.named if one.work in judgement.tracked}
    return {**ended, **waiting, **dict.fromkeys(judgement.tracked, Reason.IDENTICAL), **reported, **judgement.spared}


def _bounded(case: Case, turned: tuple[Taken, ...]) -> tuple[Taken, ...]:
    """Return what was taken after these turns; beyond the bound the oldest that are back are forgotten."""
    if not case.taken:
        return turned
    changed = {taken.work for taken in turned}
    taken = (*(one for one in case.taken if one.work not in changed), *turned)
    excess = len(taken) - TAKEN_MAX
    back = [one.work for one in taken if not one.is_down][: max(excess, 0)]
    return tuple(one for one in taken if one.work not in back)
