"""What follows from the listings in force on an upload's bytes: the verdict, and what comes down or comes back."""

from msgspec.structs import replace

from services.contracts.decided import Evidence, TakedownIssued, WorkRef
from services.contracts.inside import Match, MatchFound
from services.contracts.processor import Emit, Event
from services.contracts.sample import Likeness
from services.enforcer.case import TAKEN_MAX, Case, Taken
from services.enforcer.takedowns import share_of, tell
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
        emit += tell(said.case, taken, _best(found, taken.work), event)
    return Step(said.case, emit)


def _works(found: MatchFound) -> tuple[WorkRef, ...]:
    works = {(match.rightsholder_id, match.work_id) for match in found.matches}
    return tuple(WorkRef(*work) for work in sorted(works))


def _work(match: Match) -> WorkRef:
    return WorkRef(match.rightsholder_id, match.work_id)


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


def _best(found: MatchFound, work: WorkRef) -> Likeness | None:
    """Return how the bytes resemble a work; None if they are its own, or are it no more."""
    of_work = [match.likeness for match in found.matches if _work(match) == work]
    alike = [likeness for likeness in of_work if likeness is not None]
    return max(alike, key=lambda likeness: likeness.score) if of_work and len(alike) == len(of_work) else None


def _blocked(case: Case, works: tuple[WorkRef, ...], found: MatchFound) -> Saying:
    alike = {work: likeness for work in works if (likeness := _best(found, work)) is not None}
    identical = tuple(work for work in works if work not in alike)
    why = [f"is identical to a registered reference of {_names(identical)}"] if identical else []
    if alike:
        shared = max(alike.values(), key=lambda likeness: likeness.score)
        why.append(f"shares {share_of(shared)} with a registered reference of {_names(tuple(alike))}")
    reasons = (*((Reason.IDENTICAL,) if identical else ()), *((Reason.SIMILAR,) if alike else ()))
    assert case.record is not None  # noqa: S101  # `matched` has checked it
    title = f"“{case.record.title}”" if case.record.title else "This upload"
    return Saying(
        Verdict.BLOCKED,
        reasons,
        f"{title} is not shown, because its file {' and '.join(why)}.",
        complete=True,
        scans=(Scan.BYTES,),
        works=works,
        evidence=tuple(_evidence(match) for match in sorted(found.matches, key=_order)),
    )


def _names(works: tuple[WorkRef, ...]) -> str:
    more = f" and {len(works) - NAMED_MAX} more" if len(works) > NAMED_MAX else ""
    return ", ".join(f"“{work.work_id}” of {work.rightsholder_id}" for work in works[:NAMED_MAX]) + more


def _order(match: Match) -> tuple[str, str, str, bool]:
    return match.rightsholder_id, match.work_id, match.reference_id, match.likeness is not None


def _evidence(match: Match) -> Evidence:
    ids, likeness = (match.rightsholder_id, match.work_id, match.reference_id), match.likeness
    if likeness is None:
        return Evidence(*ids, scan=Scan.BYTES, score=1.0)
    return Evidence(
        *ids,
        scan=Scan.BYTES,
        score=likeness.score,
        upload_start_bytes=likeness.upload_start_bytes,
        upload_end_bytes=likeness.upload_end_bytes,
        reference_start_bytes=likeness.reference_start_bytes,
        reference_end_bytes=likeness.reference_end_bytes,
    )


def _clear(case: Case) -> Saying:
    reasons = tuple(sorted({taken.reason for taken in case.taken if taken.reason is not None})) or (Reason.NO_MATCH,)
    why = {
        Reason.RELEASED: "the rightsholder has released the work that it was taken down for",
        Reason.SETTLED: "the rightsholder has settled, and their block of it has ended",
        Reason.NO_MATCH: "its file neither is nor resembles a registered reference of any work",
    }
    said = " and ".join(why[reason] for reason in reasons)
    return Saying(Verdict.CLEAR, reasons, f"This upload can be shown: {said}.", complete=True, scans=(Scan.BYTES,))
