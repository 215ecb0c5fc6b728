"""An upload's page: what is so now and why, what one can do, its evidence, its life and its disputes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.console.people import May, Viewer
from services.console.views.evidence import Drawing, drawings
from services.console.views.objecting import Objection, objections
from services.console.views.timeline import Moment, Recorded, moments
from services.console.views.words import DELETED, REASONS, TODO, VERDICTS, WAITING
from services.contracts.decided import NoticeIssued, TakedownIssued, VerdictDecided, WorkRef
from services.contracts.objections import DisputeSubmitted
from services.contracts.submitted import UploadDeleted, UploadSubmitted

Verdict = VerdictDecided.Verdict
# An upload has ten; one that is submitted again every day makes no page that takes a second and a megabyte.
MOMENTS_MAX = 200


@dataclass(frozen=True, slots=True)
class UploadView:
    """What the page shows; `disputable`: what is down and nobody disputes, `held_decision_id`: what one can decide.

    `earlier`: so many moments before those that are shown.
    """

    upload_id: str
    title: str
    artist: str
    state: str
    means: str
    todo: str
    explanation: str
    works: tuple[WorkRef, ...]
    drawings: tuple[Drawing, ...]
    moments: list[Moment]
    earlier: int
    objections: list[Objection]
    disputable: tuple[TakedownIssued, ...]
    held_decision_id: str


def upload_view(
    upload_id: str, recorded: Sequence[Recorded], present: VerdictDecided | None, viewer: Viewer
) -> UploadView | None:
    """Return the page of an upload; None if it is not the viewer's to see.

    From all that was said about it, in order, and from the verdict that holds: what was decided before its owner
    deleted it and submitted it again says nothing about what is there now.
    """
    deleted = _is_deleted(recorded)
    verdict = None if deleted else present
    takedowns = [each for each in _of(recorded, TakedownIssued) if viewer.may_see(each.rightsholder_id)]
    if not recorded or not (viewer.may(May.SEE_ALL) or takedowns):
        return None
    submission = next(iter(reversed(_of(recorded, UploadSubmitted))), None)
    disputes, told = disputes_in(recorded, viewer.sees_only), moments(recorded, viewer)
    return UploadView(
        upload_id,
        submission.title if submission else "",
        submission.artist if submission else "",
        _state(verdict, deleted=deleted),
        *_words(verdict, deleted=deleted),
        _explanation(verdict, viewer),
        tuple(work for work in verdict.works if viewer.may_see(work.rightsholder_id)) if verdict else (),
        _evidence(verdict, viewer),
        told[:MOMENTS_MAX],
        max(0, len(told) - MOMENTS_MAX),
        disputes,
        _disputable(takedowns, disputes),
        verdict.decision_id if verdict and verdict.verdict is Verdict.HELD else "",
    )


def disputes_in(recorded: Sequence[Recorded], rightsholder_id: str | None) -> list[Objection]:
    """Return the disputes of an upload; of one rightsholder, their own claims in those that they are asked in."""
    found = objections(_steps(recorded), _of(recorded, NoticeIssued), _of(recorded, TakedownIssued))
    return [mine for each in found if (mine := each.of(rightsholder_id)).claims or rightsholder_id is None]


def _is_deleted(recorded: Sequence[Recorded]) -> bool:
    submissions = _of(recorded, UploadSubmitted, UploadDeleted)
    return bool(submissions) and isinstance(submissions[-1], UploadDeleted)


def _state(verdict: VerdictDecided | None, *, deleted: bool) -> str:
    return "DELETED" if deleted else str(verdict.verdict) if verdict else "SUBMITTED"


def _words(verdict: VerdictDecided | None, *, deleted: bool) -> tuple[str, str]:
    """Return what the state means, and what one can do."""
    if deleted:
        return DELETED
    if verdict is None:
        return WAITING
    where = f" in {', '.join(verdict.blocked_territories)}" if verdict.blocked_territories else ""
    return VERDICTS[verdict.verdict].replace("not shown.", f"not shown{where}."), TODO[verdict.verdict]


def _explanation(verdict: VerdictDecided | None, viewer: Viewer) -> str:
    if verdict is None:
        return ""
    return verdict.explanation if viewer.may(May.SEE_ALL) else " ".join(REASONS[each] for each in verdict.reasons)


def _evidence(verdict: VerdictDecided | None, viewer: Viewer) -> tuple[Drawing, ...]:
    if verdict is None:
        return ()
    return tuple(each for each in drawings(verdict) if viewer.may_see(each.evidence.rightsholder_id))


def _disputable(takedowns: Sequence[TakedownIssued], disputes: Sequence[Objection]) -> tuple[TakedownIssued, ...]:
    """Return what is down and in no open dispute, which would be refused."""
    disputed = {claim.rightsholder_id for each in disputes if each.is_open for claim in each.claims}
    latest = {each.takedown_id: each for each in takedowns}.values()
    down = (each for each in latest if each.status is TakedownIssued.Status.ISSUED)
    return tuple(each for each in down if each.rightsholder_id not in disputed)


def _steps(recorded: Sequence[Recorded]) -> list[Any]:
    return [(each.at, each.fact) for each in recorded if isinstance(each.fact, DisputeSubmitted)]


def _of(recorded: Sequence[Recorded], *kinds: type) -> list[Any]:
    return [each.fact for each in recorded if isinstance(each.fact, kinds)]
