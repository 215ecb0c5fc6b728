"""What a verdict says: one sentence for who reads it, with the works and the evidence beside it."""

from services.contracts.decided import Evidence, WorkRef
from services.contracts.inside import Match
from services.contracts.sample import Likeness
from services.enforcer.case import BLANK, Case, Standing
from services.enforcer.judging import NOTHING, Blocked, Judgement, reasons_of
from services.enforcer.verdicts import Reason, Saying, Scan, Verdict

NAMED_MAX = 3
"""Works named in an explanation; the verdict lists all of them beside it."""

PLACES_MAX = 8
"""Territories named in a sentence; the record lists all of them beside it."""

SHOWN_BECAUSE = {
    Reason.RELEASED: "the rightsholder has released the work that it was taken down for",
    Reason.SETTLED: "the rightsholder has settled, and their block of it has ended",
    Reason.NO_MATCH: "its file neither is nor resembles a registered reference of any work",
    Reason.LICENSED: "the rightsholder has licensed it",
    Reason.OWN_ACCOUNT: "it comes from an account of the rightsholder's own",
    Reason.OUTSIDE_TERRITORY: "it is to be seen only where the rightsholder blocks nothing",
    Reason.EXCERPT_ALLOWED: "the rightsholder allows so short an excerpt",
    Reason.DISPUTE_WON: "the claim on it was objected to and does not stand",
    Reason.PROTECTED_CONTENT: "a person has decided that nobody can claim its content",
}
HELD_BECAUSE = {
    Reason.REVIEW_POLICY: "the rightsholder asks that a person looks at it first",
    Reason.CONTRADICTION: "one rightsholder allows it and another does not",
}


def explain(case: Case, judgement: Judgement) -> Saying:
    """Return what the verdict on a case says."""
    return CLEAR if judgement is NOTHING else _explained(case, judgement)


def _explained(case: Case, judgement: Judgement) -> Saying:
    return Saying(
        judgement.verdict,
        judgement.reasons,
        _sentence(case, judgement),
        complete=True,
        scans=(Scan.BYTES,),
        works=tuple(one.work for one in judgement.named),
        evidence=evidence_of(judgement.named) if judgement.named else (),
        territories=judgement.territories,
    )


def places(territories: tuple[str, ...]) -> str:
    """Return how territories are told in a sentence: `in DE, FR and 3 more`, or nothing for everywhere."""
    if not territories:
        return ""
    more = f" and {len(territories) - PLACES_MAX} more" if len(territories) > PLACES_MAX else ""
    return f" in {', '.join(territories[:PLACES_MAX])}{more}"


def share_of(likeness: Likeness) -> str:
    """Return what a score says: a share of sampled chunks, and so an estimate of the share of the bytes."""
    return f"about {int(100 * likeness.score)} % of the shorter one's data"


def best(matches: tuple[Match, ...]) -> Likeness | None:
    """Return how the bytes resemble a work by its matches; None if they are its own, or if there are none."""
    alike = [match.likeness for match in matches if match.likeness is not None]
    return max(alike, key=_score) if alike and len(alike) == len(matches) else None


def names(works: tuple[WorkRef, ...]) -> str:
    """Return how works are named in a sentence."""
    more = f" and {len(works) - NAMED_MAX} more" if len(works) > NAMED_MAX else ""
    return ", ".join(f"“{work.work_id}” of {work.rightsholder_id}" for work in works[:NAMED_MAX]) + more


def evidence_of(named: tuple[Blocked, ...]) -> tuple[Evidence, ...]:
    """Return the evidence of every match that counts, in one order."""
    return tuple(_evidence(match) for match in sorted((match for one in named for match in one.matches), key=_order))


def _sentence(case: Case, judgement: Judgement) -> str:
    title = f"“{case.record.title}”" if case.record and case.record.title else "This upload"
    if judgement.verdict is Verdict.BLOCKED:
        return f"{title} is not shown{places(judgement.territories)}, because its file {_likeness(judgement.named)}."
    if judgement.held:
        why = " and ".join(HELD_BECAUSE[reason] for reason in judgement.reasons)
        return f"{title} waits for a person's decision, because its file {_likeness(judgement.named)}, and {why}."
    if judgement.verdict is Verdict.HELD:
        return f"{title} {_held_by_standing(case)}"
    reported = (f"its file {_likeness(judgement.named)}, which asks only to be told",) if judgement.named else ()
    others = judgement.reasons[len(reasons_of(judgement.named)) :] if judgement.named else judgement.reasons
    return f"This upload can be shown: {' and '.join((*reported, *(SHOWN_BECAUSE[one] for one in others)))}."


def _held_by_standing(case: Case) -> str:
    if case.standing is Standing.RESTRICTED:
        return "waits for a person's decision, because several uploads of its uploader were taken down lately."
    return "is not shown yet, because uploads from there were taken down lately, and it has not been compared in full."


def _likeness(named: tuple[Blocked, ...]) -> str:
    """Return the middle of a sentence: how a file matches, and which works."""
    alike = {one.work: likeness for one in named if (likeness := best(one.matches)) is not None}
    identical = tuple(one.work for one in named if one.work not in alike)
    why = [f"is identical to a registered reference of {names(identical)}"] if identical else []
    if alike:
        shared = max(alike.values(), key=_score)
        why.append(f"shares {share_of(shared)} with a registered reference of {names(tuple(alike))}")
    return " and ".join(why)


def _score(likeness: Likeness) -> float:
    return likeness.score


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
        upload_start_ms=likeness.upload_start_ms,
        upload_end_ms=likeness.upload_end_ms,
        reference_start_ms=likeness.reference_start_ms,
        reference_end_ms=likeness.reference_end_ms,
        upload_start_bytes=likeness.upload_start_bytes,
        upload_end_bytes=likeness.upload_end_bytes,
        reference_start_bytes=likeness.reference_start_bytes,
        reference_end_bytes=likeness.reference_end_bytes,
    )


CLEAR = _explained(BLANK, NOTHING)
"""What nearly every verdict says."""
