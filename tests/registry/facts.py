"""What the registry's tests say: enrolments, works, and the answers of hasher and matcher."""

from typing import Any

from services.contracts.decided import WorkReceipt
from services.contracts.inside import ListingApplied, ListingChanged, ReferenceRead
from services.contracts.objections import ReviewSubmitted, WorkReviewed
from services.contracts.reading import Failure
from services.contracts.submitted import (
    Attestation,
    Document,
    Enroll,
    Exclude,
    License,
    Licensee,
    Reference,
    Register,
    Release,
    Revoke,
    RightsholderSubmitted,
    Settle,
    WorkSubmitted,
)
from services.contracts.topics import LISTINGS_CHANGED, REFERENCES_REQUESTED, WORKS_RECEIPTS
from services.registry import PROCESSOR
from services.registry.state import Rightsholder, Work
from tests.deciding import Deciding, Said, content, digest

Answer = ListingApplied.Answer
Change = ListingChanged.Change
Status = WorkReceipt.Status
Reason = WorkReceipt.Reason
LABEL = "label"


def registry(*rightsholders: str) -> Deciding:
    """Return a registry that has enrolled these rightsholders, and "label" if none is named."""
    deciding = Deciding(PROCESSOR)
    for rightsholder_id in rightsholders or (LABEL,):
        deciding.on(rightsholder_id, enrolment(rightsholder_id))
    return deciding


def enrolment(rightsholder_id: str = LABEL, submission_id: str = "e1", **more: Any) -> RightsholderSubmitted:
    """Return: a rightsholder is let in, and trusted unless it is said otherwise."""
    said: dict[str, Any] = {"standing": Enroll.Standing.TRUSTED}
    return RightsholderSubmitted(rightsholder_id, submission_id, enroll=Enroll(rightsholder_id, **(said | more)))


def by_digest(label: str, reference_id: str = "") -> Reference:
    """Return a reference by the identity of its bytes, named like them unless named."""
    return Reference(reference_id or label, content=content(label))


def by_file(label: str) -> Reference:
    """Return a reference by a place to read it from."""
    return Reference(label, uri=f"file:/{label}")


def register(*references: Reference, **more: Any) -> Register:
    """Return a registration with nothing wrong but what is said."""
    said: dict[str, Any] = {
        "references": references,
        "documents": (Document("contract"),),
        "attestation": Attestation(True, True, True, "N. N."),
    }
    return Register("a song", **(said | more))


def registers(submission_id: str, *references: Reference, work_id: str = "hit", **more: Any) -> WorkSubmitted:
    """Return: the label registers a work."""
    return WorkSubmitted(LABEL, submission_id, work_id, register=register(*references, **more))


def releases(submission_id: str, reason: Release.Reason = Release.Reason.WITHDRAWN) -> WorkSubmitted:
    """Return: the label releases its work."""
    return WorkSubmitted(LABEL, submission_id, "hit", release=Release(reason))


def licence(license_id: str = "l1", uploader_id: str = "fan", **more: Any) -> License:
    """Return a licence for an uploader, unless it is said otherwise."""
    return License(license_id, **({"licensee": Licensee(uploader_id)} | more))


def licenses(submission_id: str, license_id: str = "l1", work_id: str = "hit", **more: Any) -> WorkSubmitted:
    """Return: the label licenses its work."""
    return WorkSubmitted(LABEL, submission_id, work_id, license=licence(license_id, **more))


def revokes(submission_id: str, license_id: str = "l1", work_id: str = "hit") -> WorkSubmitted:
    """Return: the label takes a licence back; without a work, one for everything."""
    return WorkSubmitted(LABEL, submission_id, work_id, revoke=Revoke(license_id))


def excludes(submission_id: str, reference_id: str = "a", start_ms: int = 0, end_ms: int = 9_000) -> WorkSubmitted:
    """Return: a part of a reference of the label's work is not theirs."""
    return WorkSubmitted(LABEL, submission_id, "hit", exclude=Exclude(reference_id, start_ms, end_ms))


def licenses_all(submission_id: str, license_id: str = "all", **more: Any) -> WorkSubmitted:
    """Return: the label licenses everything."""
    return WorkSubmitted(LABEL, submission_id, license_catalogue=licence(license_id, **more))


def settles(submission_id: str) -> WorkSubmitted:
    """Return: the label ends every block of theirs."""
    return WorkSubmitted(LABEL, submission_id, settle=Settle(Release.Reason.SETTLED))


def reviews(decision: str, submission_id: str = "s1", review_id: str = "r1", work_id: str = "hit") -> ReviewSubmitted:
    """Return: a person answers what is held."""
    seen = WorkReviewed(LABEL, work_id, submission_id)
    return ReviewSubmitted(review_id, "ann", ReviewSubmitted.Answer(decision), work=seen)


def read(label: str, found: str | Failure, number: int = 1, attempt: int = 0) -> ReferenceRead:
    """Return: reading a reference of a registration found some bytes, or failed."""
    if isinstance(found, Failure):
        return ReferenceRead(LABEL, "hit", label, number, attempt, failure=found)
    return ReferenceRead(LABEL, "hit", label, number, attempt, content=content(found))


def answer(
    which: Answer, label: str, number: int = 1, copies: int = 0, reference_id: str = "", *, terms_version: int = 0
) -> ListingApplied:
    """Return the matcher's answer about a reference that is named like its bytes unless named."""
    ids = (LABEL, "hit", reference_id or label)
    return ListingApplied(*ids, digest(label), number, which, copies, terms_version=terms_version)


def on(deciding: Deciding, *facts: object) -> Said:
    """Decide facts about the label, one after another."""
    return Said(emit for fact in facts for emit in deciding.on(LABEL, fact))


def receipts(said: Said) -> list[tuple[str, Status]]:
    """Return (submission_id, status) of each receipt."""
    return [(one.submission_id, one.status) for one in said.of(WORKS_RECEIPTS)]


def refusals(said: Said) -> list[tuple[str, Reason, str]]:
    """Return (submission_id, reason, field) of each problem of each receipt."""
    return [
        (one.submission_id, problem.reason, problem.field)
        for one in said.of(WORKS_RECEIPTS)
        for problem in one.problems
    ]


def listings(said: Said) -> list[tuple[str, str, int]]:
    """Return ("+" or the reason of a removal, reference, version) of each listing that is put or removed."""
    changes: list[ListingChanged] = said.of(LISTINGS_CHANGED)
    return [("+" if one.listed else one.reason, one.reference_id, one.version) for one in changes]


def put(said: Said) -> list[ListingChanged]:
    """Return every listing that is put."""
    changes: list[ListingChanged] = said.of(LISTINGS_CHANGED)
    return [one for one in changes if one.listed]


def applied(said: Said) -> list[ListingApplied]:
    """Return the matcher's answers, if it does all that is asked: puts and removes."""
    answers = {Change.LISTED: Answer.APPLIED, Change.ENDED: Answer.REMOVED}
    changes: list[ListingChanged] = said.of(LISTINGS_CHANGED)
    return [reply(one, answers[one.change]) for one in changes if one.change in answers]


def obey(deciding: Deciding, *facts: object) -> Said:
    """Decide facts, each with all that follows from it while the matcher does what it is asked and turns are taken."""
    everything = Said()
    for fact in facts:
        said = Said((*on(deciding, fact), *deciding.pass_time(0)))
        while said:
            everything = Said((*everything, *said))
            said = Said((*on(deciding, *applied(said)), *deciding.pass_time(0)))
    return everything


def reply(change: ListingChanged, which: Answer, copies: int = 0) -> ListingApplied:
    """Return an answer to a change of a listing."""
    ids = (change.rightsholder_id, change.work_id, change.reference_id, change.digest, change.version)
    return ListingApplied(*ids, which, copies, similar=change.similar, terms_version=change.terms_version)


def asked(said: Said) -> list[tuple[str, int, bool]]:
    """Return (reference, attempt, on the slow lane) of each read that is asked for."""
    return [(one.reference_id, one.attempt, one.slow) for one in said.of(REFERENCES_REQUESTED)]


def in_force(*labels: str) -> Deciding:
    """Return a registry in which the label's work is in force, by registration 1, on these bytes."""
    deciding = registry()
    on(deciding, registers("s1", *map(by_digest, labels)))
    on(deciding, *(answer(Answer.APPLIED, label) for label in labels))
    on(deciding, *(answer(Answer.ENFORCED, label) for label in labels))
    return deciding


def work(deciding: Deciding, work_id: str = "hit") -> Work | None:
    """Return what is kept of the label's work."""
    kept: Work | None = deciding.entry(LABEL, f"work/{work_id}")
    return kept


def head(deciding: Deciding) -> Rightsholder:
    """Return what is kept of the label itself."""
    kept: Rightsholder = deciding.entry(LABEL)
    return kept
