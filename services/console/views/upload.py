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


@dataclass(frozen=True, slots=True)
class UploadView:
    """What the page shows; `disputable`: what is down and nobody disputes, `held_decision_id`: what one can decide."""

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
    objections: list[Objection]
    disputable: tuple[TakedownIssued, ...]
    held_decision_id: str


def upload_view(upload_id: str, recorded: Sequence[Recorded], viewer: Viewer) -> UploadView | None:
    """Return the page of an upload from all that was said about it, in order; None if it is not the viewer's to see."""
    verdict, deleted = _present(recorded)
    takedowns = [each for each in _of(recorded, TakedownIssued) if viewer.may_see(each.rightsholder_id)]
    if not recorded or not (viewer.may(May.SEE_ALL) or takedowns):
        return None
    submission = next(iter(reversed(_of(recorded, UploadSubmitted))), None)
    disputes = disputes_in(recorded, viewer.sees_only)
    return UploadView(
        upload_id,
        submission.title if submission else "",
        submission.artist if submission else "",
        _state(verdict, deleted=deleted),
        *_words(verdict, deleted=deleted),
        _explanation(verdict, viewer),
        tuple(work for work in verdict.works if viewer.may_see(work.rightsholder_id)) if verdict else (),
        _evidence(verdict, viewer),
        moments(recorded, viewer),
        disputes,
        _disputable(takedowns, disputes),
        verdict.decision_id if verdict and verdict.verdict is Verdict.HELD else "",
    )


def disputes_in(recorded: Sequence[Recorded], rightsholder_id: str | None) -> list[Objection]:
    """Return the disputes of an upload; of one rightsholder, their own claims in those that they are asked in."""
    found = objections(_steps(recorded), _of(recorded, NoticeIssued), _of(recorded, TakedownIssued))
    return [mine for each in found if (mine := each.of(rightsholder_id)).claims or rightsholder_id is None]


def _present(recorded: Sequence[Recorded]) -> tuple[VerdictDecided | None, bool]:
    """Return the verdict that holds, and whether its owner has deleted the upload."""
    submissions = _of(recorded, UploadSubmitted, UploadDeleted)
    deleted = bool(submissions) and isinstance(submissions[-1], UploadDeleted)
    verdicts = _of(recorded, VerdictDecided)
    return (verdicts[-1] if verdicts and not deleted else None), deleted


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
