"""The law of the case: what the listings on an upload's bytes come to, at a time.

1. What a person has protected is touched by nothing.
2. A listing does not apply while its window is not open, to parts that are not its rightsholder's, or once its claim on
   these bytes is lost.
3. It counts where its policy and the upload meet, less where its rightsholder allows the upload: by a licence, or since
   it is their own account's; and not at all if the policy allows so short an excerpt.
4. TRACK reports. REVIEW holds for a person. BLOCK blocks. If one rightsholder allows what another would block or hold
   in the same place, the other's claim is held for a person. What a person has approved blocks.
5. Blocked wherever it is to be seen: BLOCKED. Else, if a claim is held: HELD, and nothing is down. Else, blocked
   somewhere: BLOCKED there. Else held by how its uploader or community stands. Else CLEAR, and why.

Nearly all uploads match nothing, or works that block everywhere: for these there is a short way to the same end.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from services.contracts.decided import WorkRef
from services.contracts.inside import Match
from services.contracts.rights import PLAIN
from services.contracts.submitted import UploadSubmitted
from services.contracts.territories import Places
from services.enforcer.case import Case, Found, Standing
from services.enforcer.verdicts import Reason, Verdict, identify
from services.enforcer.weighing import Action, Area, Claim, Weighed, next_flip, weigh, work_of, world_of

ENDED_BECAUSE = {
    "SETTLED": Reason.SETTLED,
    "REPLACED": Reason.NO_MATCH,
    "DISPUTE_WON": Reason.DISPUTE_WON,
    "PROTECTED_CONTENT": Reason.PROTECTED_CONTENT,
}
"""Why a work lists these bytes no more, if it has not been released: a replacement only names others."""

RULED = frozenset({Reason.DISPUTE_WON, Reason.PROTECTED_CONTENT})
"""What is true of the bytes, and so told of uploads too that were never down."""

LASTING = frozenset({Reason.RELEASED, Reason.SETTLED, *RULED})
"""Why something came back, if that is still the reason when its work is matched no more."""


class Blocked(Struct, frozen=True):
    """A work that the upload is down for, where (empty: everywhere), and the matches that say so."""

    work: WorkRef
    territories: tuple[str, ...]
    matches: tuple[Match, ...]


class Judgement(Struct, frozen=True):
    """What an upload's case comes to.

    `blocked`: the works that it is down for. `named`: the claims that the verdict is about, blocked, held or reported.
    `tracked`: the works whose rightsholders are told. `contradicted`: each work that is held since others allow what it
    blocks, and they. `spared`: why works that match do not touch it. `flips_at`: when that may change by itself.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    blocked: tuple[Blocked, ...] = ()
    held: tuple[WorkRef, ...] = ()
    tracked: tuple[WorkRef, ...] = ()
    named: tuple[Blocked, ...] = ()
    contradicted: tuple[tuple[WorkRef, tuple[str, ...]], ...] = ()
    spared: Mapping[WorkRef, Reason] = {}
    territories: tuple[str, ...] = ()
    flips_at: int | None = None


def judge(case: Case, found: Found, now: int, *, complete: bool = True) -> Judgement:
    """Judge the case by what is in force. `complete`: every scan that its content calls for is in."""
    record, content = case.record, case.content
    assert record is not None, "only a submission that is alive is judged"  # noqa: S101  # an invariant
    assert content is not None, "only bytes that are known are judged"  # noqa: S101  # an invariant
    if content.blake3 in case.protected:
        works = {work_of(match): Reason.PROTECTED_CONTENT for match in found.matches}
        return Judgement(Verdict.CLEAR, (Reason.PROTECTED_CONTENT,), spared=works)
    if not found.matches:
        return _shown(case, found, {}, (), complete=complete)
    if not record.territories and not case.lost and all([match.terms == PLAIN for match in found.matches]):  # noqa: C419  # half the time
        return _plainly_blocked(found.matches)
    return judge_in_full(case, found, now, complete=complete)


def judge_in_full(case: Case, found: Found, now: int, *, complete: bool = True) -> Judgement:
    """Judge a case by all that may count; what nobody has protected, and what is matched or not."""
    record = case.record
    assert record is not None, "only a submission that is alive is judged"  # noqa: S101  # an invariant
    world = world_of(record, found.matches)
    lost = {work for work in map(work_of, found.matches) if claim_id(case, work) in case.lost} if case.lost else set()
    weighed = weigh(record, found.matches, lost, now, world)
    judged = _preferred(case, found, record, weighed, world, complete=complete)
    tracked = tuple(claim.work for claim in weighed.claims if claim.action is Action.TRACK)
    flips_at = next_flip(found.matches, now)
    return _with(judged, tracked, weighed, flips_at)


def claim_id(case: Case, work: WorkRef) -> str:
    """Return the id of a work's claim on the bytes of a case."""
    assert case.content is not None, "a claim is on bytes that are known"  # noqa: S101  # an invariant
    return identify("claim", case.content.blake3, work.rightsholder_id, work.work_id)


def reasons_of(named: Iterable[Blocked]) -> tuple[Reason, ...]:
    """Return how works match: a work that matches both ways is identical."""
    same = [any(match.likeness is None for match in one.matches) for one in named]
    return (*((Reason.IDENTICAL,) if any(same) else ()), *((Reason.SIMILAR,) if not all(same) else ()))


def _plainly_blocked(matches: tuple[Match, ...]) -> Judgement:
    if len(matches) == 1:
        alone = (Blocked(work_of(matches[0]), (), matches),)
        reasons = (Reason.IDENTICAL,) if matches[0].likeness is None else (Reason.SIMILAR,)
        return Judgement(Verdict.BLOCKED, reasons, alone, named=alone)
    works: dict[tuple[str, str], tuple[Match, ...]] = {}
    for match in matches:
        work = (match.rightsholder_id, match.work_id)
        works[work] = (*works.get(work, ()), match)
    blocked = tuple(Blocked(WorkRef(*work), (), works[work]) for work in sorted(works))
    return Judgement(Verdict.BLOCKED, reasons_of(blocked), blocked, named=blocked)


def _preferred(
    case: Case, found: Found, record: UploadSubmitted, weighed: Weighed, world: Places, *, complete: bool
) -> Judgement:
    """Return the verdict that goes before all others that could be given."""
    contradicted = _contradicted(case, weighed)
    held = [claim for claim in weighed.claims if _is_held(case, claim) or claim.work in contradicted]
    blocking = [claim for claim in weighed.claims if claim.action is not Action.TRACK and claim not in held]
    everywhere = world.of(record.territories)
    area = frozenset().union(*(claim.where for claim in blocking))
    if blocking and (area == everywhere or not held):
        blocked = tuple(_named(claim, world) for claim in blocking)
        return Judgement(Verdict.BLOCKED, reasons_of(blocked), blocked, named=blocked, territories=world.told(area))
    if held:
        return _held(held, contradicted, world)
    named = tuple(_named(claim, world) for claim in weighed.claims)
    return _shown(case, found, weighed.spared, named, complete=complete)


def _held(held: list[Claim], contradicted: dict[WorkRef, tuple[str, ...]], world: Places) -> Judgement:
    reasons = {Reason.CONTRADICTION if claim.work in contradicted else Reason.REVIEW_POLICY for claim in held}
    return Judgement(
        Verdict.HELD,
        tuple(sorted(reasons)),
        held=tuple(claim.work for claim in held),
        named=tuple(_named(claim, world) for claim in held),
        contradicted=tuple(contradicted.items()),
    )


def _with(judged: Judgement, tracked: tuple[WorkRef, ...], weighed: Weighed, flips_at: int | None) -> Judgement:
    return Judgement(
        verdict=judged.verdict,
        reasons=judged.reasons,
        blocked=judged.blocked,
        held=judged.held,
        tracked=tracked,
        named=judged.named,
        contradicted=judged.contradicted,
        spared=weighed.spared,
        territories=judged.territories,
        flips_at=flips_at,
    )


def _named(claim: Claim, world: Places) -> Blocked:
    return Blocked(claim.work, world.told(claim.where), claim.matches)


def _is_held(case: Case, claim: Claim) -> bool:
    return claim.action is Action.REVIEW and not _is_approved(case, claim.work)


def _is_approved(case: Case, work: WorkRef) -> bool:
    return bool(case.approved) and claim_id(case, work) in case.approved


def _contradicted(case: Case, weighed: Weighed) -> dict[WorkRef, tuple[str, ...]]:
    """Return the works that would block or hold what somebody else allows in the same place, with those who do."""
    found: dict[WorkRef, tuple[str, ...]] = {}
    if not weighed.allowed:
        return found
    for claim in weighed.claims:
        allowing = tuple(sorted(theirs for theirs, area in weighed.allowed.items() if _contradict(theirs, area, claim)))
        if allowing and claim.action is not Action.TRACK and not _is_approved(case, claim.work):
            found[claim.work] = allowing
    return found


def _contradict(theirs: str, area: Area, claim: Claim) -> bool:
    return theirs != claim.work.rightsholder_id and not area.isdisjoint(claim.where)


def _shown(
    case: Case, found: Found, spared: Mapping[WorkRef, Reason], tracked: tuple[Blocked, ...], *, complete: bool
) -> Judgement:
    """Return that nothing keeps it from being shown, but perhaps how its uploader or community stands."""
    if case.standing is Standing.RESTRICTED:
        return Judgement(Verdict.HELD, (Reason.STANDING, Reason.PENDING_REVIEW))
    if case.standing is Standing.WATCHED and not complete:
        return Judgement(Verdict.HELD, (Reason.STANDING,))
    if not case.taken and not found.ended and not spared and not tracked:
        return NOTHING
    matched = {*spared, *(one.work for one in tracked)}
    reasons = {*spared.values(), *_why_gone(case, found, matched)} - {Reason.NO_MATCH}
    how = reasons_of(tracked) if tracked else ()
    return Judgement(Verdict.CLEAR, (*how, *sorted(reasons)) or (Reason.NO_MATCH,), named=tracked)


NOTHING = Judgement(Verdict.CLEAR, (Reason.NO_MATCH,))


def _why_gone(case: Case, found: Found, matched: set[WorkRef]) -> set[Reason]:
    """Return why works that are matched no more are so."""
    ended = why_ended(found)
    gone = {taken.work: taken.reason for taken in case.taken if taken.work not in matched and taken.reason in LASTING}
    reasons = {reason for reason in ended.values() if reason in RULED}
    reasons |= {ended[taken.work] for taken in case.taken if taken.work in ended}
    return reasons | {reason for work, reason in gone.items() if reason is not None and work not in ended}


def why_ended(found: Found) -> dict[WorkRef, Reason]:
    """Return the works that ended, each with its reason."""
    return {gone.work: ENDED_BECAUSE.get(gone.reason, Reason.RELEASED) for gone in found.ended}
