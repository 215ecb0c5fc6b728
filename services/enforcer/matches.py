"""What follows from the listings in force on an upload's bytes: the verdict, and what comes down or comes back."""

from msgspec.structs import replace

from services.contracts.decided import Evidence, TakedownIssued, WorkRef
from services.contracts.inside import MatchFound
from services.contracts.processor import Emit, Event
from services.enforcer.case import TAKEN_MAX, Case, Taken
from services.enforcer.takedowns import tell
from services.enforcer.verdicts import Reason, Saying, Scan, Step, Verdict, publish

Basis = TakedownIssued.Basis

ENDED_BECAUSE = {"SETTLED": Reason.SETTLED, "REPLACED": Reason.NO_MATCH}
"""Why a work lists these bytes no more, if it has not been released: a replacement only names others."""

NAMED_MAX = 3
"""Works named in an explanation; the verdict lists all of them beside it."""


def matched(case: Case, found: MatchFound, event: Event) -> Step:
    """Take the full state of the matches of this submission and these bytes."""
    current = case.record is not None and case.content is not None and found.submission == case.submission
    if not current or case.content is None or found.digest != case.content.blake3:
        return Step(case)
    if found.version <= case.match_version:
        return Step(case)
    works = _works(found)
    turned = _turn(case, works, found)
    known = replace(case, match_version=found.version, answered=True, deadline=None, taken=_bounded(case, turned))
    said = publish(known, _blocked(known, works, found) if works else _clear(known), event)
    emit: tuple[Emit, ...] = said.emit
    for taken in turned:
        emit += tell(said.case, taken, event)
    return Step(said.case, emit)


def _works(found: MatchFound) -> tuple[WorkRef, ...]:
    works = {(match.rightsholder_id, match.work_id) for match in found.matches}
    return tuple(WorkRef(*work) for work in sorted(works))


def _turn(case: Case, works: tuple[WorkRef, ...], found: MatchFound) -> tuple[Taken, ...]:
    """Return the takedowns that change: works that are newly matched go down, works that are not come back."""
    known = {taken.work: taken for taken in case.taken}
    basis = Basis.STAYDOWN if case.match_version < 0 else Basis.NOTICE
    down = tuple(
        Taken(work, basis, known[work].turn + 1 if work in known else 1)
        for work in works
        if work not in known or not known[work].is_down
    )
    ended = {gone.work: ENDED_BECAUSE.get(gone.reason, Reason.RELEASED) for gone in found.ended}
    back = tuple(
        replace(taken, turn=taken.turn + 1, reason=ended.get(taken.work, Reason.NO_MATCH))
        for taken in case.taken
        if taken.is_down and taken.work not in works
    )
    return (*down, *back)


def _bounded(case: Case, turned: tuple[Taken, ...]) -> tuple[Taken, ...]:
    """Return what was taken after these turns; beyond the bound the oldest that are back are forgotten."""
    changed = {taken.work for taken in turned}
    taken = (*(one for one in case.taken if one.work not in changed), *turned)
    excess = len(taken) - TAKEN_MAX
    back = [one.work for one in taken if not one.is_down][: max(excess, 0)]
    return tuple(one for one in taken if one.work not in back)


def _blocked(case: Case, works: tuple[WorkRef, ...], found: MatchFound) -> Saying:
    evidence = sorted((match.rightsholder_id, match.work_id, match.reference_id) for match in found.matches)
    names = ", ".join(f"“{work.work_id}” of {work.rightsholder_id}" for work in works[:NAMED_MAX])
    more = f" and {len(works) - NAMED_MAX} more" if len(works) > NAMED_MAX else ""
    assert case.record is not None  # noqa: S101  # `matched` has checked it
    title = f"“{case.record.title}”" if case.record.title else "This upload"
    return Saying(
        Verdict.BLOCKED,
        (Reason.IDENTICAL,),
        f"{title} is not shown, because its file is identical to a registered reference of {names}{more}.",
        complete=True,
        scans=(Scan.BYTES,),
        works=works,
        evidence=tuple(Evidence(*ids, scan=Scan.BYTES, score=1.0) for ids in evidence),
    )


def _clear(case: Case) -> Saying:
    reasons = tuple(sorted({taken.reason for taken in case.taken if taken.reason is not None})) or (Reason.NO_MATCH,)
    why = {
        Reason.RELEASED: "the rightsholder has released the work that it was taken down for",
        Reason.SETTLED: "the rightsholder has settled, and their block of it has ended",
        Reason.NO_MATCH: "its file is not a registered reference of any work",
    }
    said = " and ".join(why[reason] for reason in reasons)
    return Saying(Verdict.CLEAR, reasons, f"This upload can be shown: {said}.", complete=True, scans=(Scan.BYTES,))
