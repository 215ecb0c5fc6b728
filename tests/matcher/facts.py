"""What the matcher's tests say: copies and listings of one digest."""

from typing import Any

from msgspec.structs import replace

from services.contracts.inside import (
    ContentCompared,
    ContentRuled,
    CopyChanged,
    ListingApplied,
    ListingChanged,
    MatchFound,
)
from services.contracts.rights import PLAIN, Terms
from services.contracts.submitted import Policy
from services.contracts.topics import LISTINGS_APPLIED, MATCHES_FOUND, MATCHES_REVISED
from services.matcher import PROCESSOR
from tests.deciding import Deciding, Said, digest

DIGEST = digest("song")
Answer = ListingApplied.Answer
Change = ListingChanged.Change
Fact = CopyChanged | ListingChanged | ContentCompared | ContentRuled
TRACK = Terms(action=Policy.Action.TRACK)


def matcher() -> Deciding:
    """Return a matcher that knows nothing."""
    return Deciding(PROCESSOR)


def came(upload_id: str, submission: int = 1, *, partition: int = 2) -> CopyChanged:
    """Return: an upload's submission has these bytes."""
    return CopyChanged(DIGEST, upload_id, submission, present=True, upload_partition=partition)


def went(upload_id: str, submission: int = 1) -> CopyChanged:
    """Return: an upload's submission has these bytes no longer."""
    return CopyChanged(DIGEST, upload_id, submission, present=False, upload_partition=2)


def put(work: str = "label/hit", version: int = 1, reference_id: str = "master") -> ListingChanged:
    """Return: a work, named `rightsholder/work`, lists these bytes."""
    rightsholder_id, work_id = work.split("/")
    return ListingChanged(
        DIGEST,
        rightsholder_id,
        work_id,
        reference_id,
        version,
        f"s{version}",
        Change.LISTED,
        "",
        rightsholder_partition=1,
    )


def gone(
    work: str = "label/hit", version: int = 1, reference_id: str = "master", reason: str = "WITHDRAWN"
) -> ListingChanged:
    """Return: a work, named `rightsholder/work`, lists these bytes no longer."""
    rightsholder_id, work_id = work.split("/")
    return ListingChanged(
        DIGEST,
        rightsholder_id,
        work_id,
        reference_id,
        version,
        f"s{version}",
        Change.ENDED,
        reason,
        rightsholder_partition=1,
    )


def worth(terms: Terms = PLAIN, terms_version: int = 0, work: str = "label/hit", version: int = 1) -> ListingChanged:
    """Return: a work lists these bytes under these terms."""
    return replace(put(work, version), terms=terms, terms_version=terms_version)


def counted(work: str = "label/hit", version: int = 1) -> ListingChanged:
    """Return: the registry asks how many copies there are."""
    return replace(put(work, version), change=Change.COUNTED)


def protect(work: str = "label/hit", version: int = 1) -> ListingChanged:
    """Return: a person has said, of what a work wanted to list, that nobody may ever list these bytes."""
    return replace(put(work, version), change=Change.PROTECTED)


def protected() -> ContentRuled:
    """Return: a person has said, of an upload, that nobody may ever list these bytes."""
    return ContentRuled(DIGEST, protected=True)


def lost(work: str = "label/hit") -> ContentRuled:
    """Return: a work's claim on these bytes is lost."""
    return ContentRuled(DIGEST, False, *work.split("/"))


def on(deciding: Deciding, *facts: Fact) -> Said:
    """Decide facts about the digest, one after another."""
    return Said(emit for fact in facts for emit in deciding.on(DIGEST, fact))


def answers(said: Said) -> list[tuple[str, int, Answer, int]]:
    """Return (work, version, answer, copies) of each answer about a listing."""
    return [
        (f"{one.rightsholder_id}/{one.work_id}", one.version, one.answer, one.copies)
        for one in said.of(LISTINGS_APPLIED)
    ]


def answered(said: Said, answer: Answer) -> list[tuple[str, int]]:
    """Return (work, version) of each answer of one kind."""
    return [(work, version) for work, version, which, _ in answers(said) if which is answer]


def told(said: Said) -> list[tuple[str, int, list[str]]]:
    """Return (upload, version, works) of each upload that was told of its matches."""
    return [(one.upload_id, one.version, works(one)) for one in _matches(said)]


def ended(said: Said) -> dict[str, str]:
    """Return the works that have ended, and why, as an upload was told last."""
    return {f"{one.work.rightsholder_id}/{one.work.work_id}": one.reason for one in _matches(said)[-1].ended}


def works(found: MatchFound) -> list[str]:
    """Return the works that match, each as often as it lists."""
    return [f"{match.rightsholder_id}/{match.work_id}" for match in found.matches]


def _matches(said: Said) -> list[Any]:
    return [emit.fact for emit in said if emit.topic in (MATCHES_FOUND, MATCHES_REVISED)]
