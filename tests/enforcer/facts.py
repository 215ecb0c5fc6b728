"""What the enforcer's tests say: submissions of one upload, reads of it, and matches."""

from typing import Any

from services.contracts.decided import TakedownIssued, VerdictDecided, WorkRef
from services.contracts.inside import Ended, Match, MatchFound, UploadRead
from services.contracts.objections import DisputeSubmitted, ReviewSubmitted
from services.contracts.processor import Emit
from services.contracts.reading import Failure
from services.contracts.submitted import UploadDeleted, UploadSubmitted
from services.contracts.topics import COPIES_CHANGED, READS_REQUESTED, TAKEDOWNS_ISSUED, VERDICTS_DECIDED
from services.enforcer import PROCESSOR
from services.enforcer.case import Case
from tests.deciding import Deciding, Said, content, digest

UPLOAD = "u"
HIT = "label/hit"
Verdict = VerdictDecided.Verdict
Reason = VerdictDecided.Reason
Status = TakedownIssued.Status
FROM_OUTSIDE = (UploadSubmitted, UploadDeleted, DisputeSubmitted, ReviewSubmitted)


def submission(uri: str = "file:/song", **more: Any) -> UploadSubmitted:
    """Return: the upload is submitted, into a community."""
    return UploadSubmitted(UPLOAD, "uploader", uri, **({"community_id": "fans", "title": "Song"} | more))


def read(found: str | Failure, submission: int = 1, attempt: int = 0) -> UploadRead:
    """Return: reading a submission found some bytes, or failed."""
    if isinstance(found, Failure):
        return UploadRead(UPLOAD, submission, attempt, failure=found)
    return UploadRead(UPLOAD, submission, attempt, content=content(found))


def match(
    *works: str, version: int = 1, submission: int = 1, label: str = "song", ended: tuple[tuple[str, str], ...] = ()
) -> MatchFound:
    """Return the works that list the bytes, each named `rightsholder/work`, and (work, reason) of those ended."""
    listed = [work.split("/") for work in works]
    matches = tuple(Match(rightsholder_id, work_id, "master") for rightsholder_id, work_id in listed)
    gone = tuple(Ended(WorkRef(*work.split("/")), reason) for work, reason in ended)
    return MatchFound(UPLOAD, submission, digest(label), version, matches, gone)


def on(deciding: Deciding, *facts: object) -> Said:
    """Decide facts about the upload, one after another; what comes from outside gets the next offsets, from 1."""
    said: list[Emit] = []
    for fact in facts:
        said += deciding.on(UPLOAD, fact, offset=None if isinstance(fact, FROM_OUTSIDE) else 0)
    return Said(said)


def enforcer() -> Deciding:
    """Return an enforcer that knows nothing."""
    return Deciding(PROCESSOR, offset=1)


def submitted(**more: Any) -> Deciding:
    """Return an enforcer with the upload submitted at offset 1."""
    deciding = enforcer()
    on(deciding, submission(**more))
    return deciding


def clear() -> Deciding:
    """Return an enforcer that has found the upload to be CLEAR."""
    deciding = submitted()
    on(deciding, read("song"), match(version=0))
    return deciding


def blocked(*works: str) -> Deciding:
    """Return an enforcer that has refused the upload for these works, or for one."""
    deciding = submitted()
    on(deciding, read("song"), match(*(works or (HIT,))))
    return deciding


def case(deciding: Deciding) -> Case:
    """Return the case of the upload."""
    kept: Case = deciding.entry(UPLOAD)
    return kept


def verdicts(said: Said) -> list[tuple[Verdict, Reason] | None]:
    """Return (verdict, first reason) of each verdict; None stands for the null after a deletion."""
    return [one and (one.verdict, one.reasons[0]) for one in said.of(VERDICTS_DECIDED)]


def takedowns(said: Said) -> list[tuple[str, Status]]:
    """Return (work, status) of each takedown."""
    return [(f"{one.rightsholder_id}/{one.work_id}", one.status) for one in said.of(TAKEDOWNS_ISSUED)]


def copies(said: Said) -> list[tuple[str, str, int]]:
    """Return ("+" or "-", digest, submission) of each copy that comes or goes."""
    return [("+" if one.present else "-", one.digest, one.submission) for one in said.of(COPIES_CHANGED)]


def asked(said: Said) -> list[tuple[int, int, bool]]:
    """Return (submission, attempt, on the slow lane) of each read that is asked for."""
    return [(one.submission, one.attempt, one.slow) for one in said.of(READS_REQUESTED)]
