"""What the recogniser's tests say: contents and references, each by the numbers of its chunks."""

from collections.abc import Iterable

from services.contracts.inside import ContentAdmitted, ContentCompared, ReferenceFingerprinted
from services.contracts.sample import Place, Sample, sample_of
from services.contracts.topics import CONTENTS_COMPARED
from services.recogniser import PROCESSOR
from tests.deciding import Deciding, Said, digest

CHUNK_BYTES = 100_000
REGISTRY_PARTITION = 1


def recogniser() -> Deciding:
    """Return a recogniser that knows nothing."""
    return Deciding(PROCESSOR)


def sample(chunks: Iterable[int]) -> Sample:
    """Return the sample of a content of these chunks, one after another in this order."""
    return sample_of({chunk: Place(CHUNK_BYTES * at, CHUNK_BYTES) for at, chunk in enumerate(chunks)})


def admit(deciding: Deciding, label: str, chunks: Iterable[int], admission: int = 1) -> Said:
    """Let a content come."""
    return deciding.on(digest(label), admitted(digest(label), sample(chunks), admission))


def dismiss(deciding: Deciding, label: str, admission: int = 1) -> Said:
    """Let a content go."""
    return deciding.on(digest(label), dismissed(digest(label), admission))


def admitted(of: str, sampled: Sample, admission: int = 1) -> ContentAdmitted:
    """Return that a content has come."""
    return ContentAdmitted(of, admission, present=True, sample=sampled)


def dismissed(of: str, admission: int = 1) -> ContentAdmitted:
    """Return that a content has gone."""
    return ContentAdmitted(of, admission, present=False)


def reference(name: str, chunks: Iterable[int], label: str = "", registration: int = 1) -> ReferenceFingerprinted:
    """Return a reference of the label's work, whose bytes are named like it unless named."""
    return ReferenceFingerprinted(
        fingerprint_id=f"id of {name}",
        rightsholder_id="label",
        work_id="hit",
        reference_id=name,
        registration=registration,
        digest=digest(label or name),
        sample=sample(chunks),
        rightsholder_partition=REGISTRY_PARTITION,
    )


def fingerprint(deciding: Deciding, fact: ReferenceFingerprinted) -> Said:
    """Let a reference come, and compare it with all that is there."""
    deciding.on(fact.fingerprint_id, fact)
    return deciding.pass_time(0)


def found(said: Said) -> list[tuple[str, int, list[tuple[str, float]]]]:
    """Return (digest, admission, [(reference, score)]) of each comparison."""
    compared: list[ContentCompared] = said.of(CONTENTS_COMPARED)
    return [
        (one.digest, one.admission, [(other.reference_id, other.likeness.score) for other in one.found])
        for one in compared
    ]
