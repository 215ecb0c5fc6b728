"""Disputes that are over without a step in them: what they are about is down no longer, or is not there any more.

Promises: the uploader and the claimant are told, once, that it is over and why.
"""

from msgspec.structs import replace

from services.contracts.decided import WorkRef
from services.contracts.processor import Emit, Event
from services.enforcer.case import Case, Objections
from services.enforcer.correspondence import tell_over
from services.enforcer.takedowns import CAME_BACK_BECAUSE, takedown_id
from services.enforcer.verdicts import Reason


def down(case: Case, key: str) -> dict[str, WorkRef]:
    """Return what is down for bytes that are known, by takedown; while a file is read again, nobody knows for what."""
    if case.content is None:
        return {}
    return {takedown_id(case, key, taken.work): taken.work for taken in case.taken if taken.is_down}


def without_ended(objections: Objections, case: Case, key: str) -> Objections:
    """Return the disputes that are about the present bytes, without what is down no longer."""
    digest = case.content.blake3 if case.content else ""
    if (objections.submission, objections.digest) != (case.submission, digest):
        return replace(objections, submission=case.submission, digest=digest, disputes=())
    works = down(case, key)
    left = tuple(
        replace(dispute, contested=tuple(one for one in dispute.contested if one.takedown_id in works))
        for dispute in objections.disputes
    )
    return replace(objections, disputes=left)


def end_disputes(objections: Objections, case: Case, later: Case, event: Event) -> tuple[Objections, tuple[Emit, ...]]:
    """Return the disputes that are left when a case has become `later`, and the letters about what is not."""
    after = without_ended(objections, later, event.key)
    left = {one.takedown_id for dispute in after.disputes for one in dispute.contested}
    works = down(case, event.key)
    emit: tuple[Emit, ...] = ()
    for dispute in objections.disputes:
        over: dict[str, list[str]] = {}
        for one in dispute.contested:
            if one.takedown_id not in left:
                over.setdefault(_why(case, later, works[one.takedown_id]), []).append(one.takedown_id)
        for why, gone in over.items():
            emit += tell_over(case, dispute, {one: works[one] for one in gone}, why, event)
    return after, emit


def _why(case: Case, later: Case, work: WorkRef) -> str:
    """Return why a takedown of a case is one no longer, as the end of a sentence."""
    if later.record is None:
        return "its owner has deleted it"
    if later.submission != case.submission:
        return "it was submitted anew"
    if later.content != case.content:
        return "its file has changed"
    because = {taken.work: taken.reason for taken in later.taken}
    return CAME_BACK_BECAUSE[because.get(work) or Reason.NO_MATCH]
