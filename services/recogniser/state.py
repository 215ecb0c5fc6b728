"""What the recogniser keeps: a sample under the digest of each content, and under the name of each reference."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.contracts.inside import ReferenceFingerprinted
from services.contracts.sample import Sample, chunks_of

WALK = "walk/"
"""The name of the entry, under a reference, that says how far it has been compared."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """The head: the sample of a content, by its admission, or of a reference, with all that is known of it."""

    admission: int = -1
    content: Sample | None = None
    reference: ReferenceFingerprinted | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a reference that has come has been compared with the contents that were there: up to `after`."""

    after: str = ""


def next_wake(entry: Sampled | Walk) -> int | None:
    """Ask for the next step of a walk as soon as others had their turn."""
    return 0 if isinstance(entry, Walk) else None


def terms(head: Sampled) -> Iterator[bytes]:
    """Return what a head is found by: each kept chunk, contents and references apart."""
    if head.content is not None:
        yield from map(of_content, chunks_of(head.content).places)
    if head.reference is not None:
        yield from map(of_reference, chunks_of(head.reference.sample).places)


def of_content(chunk: int) -> bytes:
    """Return what the contents with a chunk are found by."""
    return b"c" + chunk.to_bytes(8)


def of_reference(chunk: int) -> bytes:
    """Return what the references with a chunk are found by."""
    return b"r" + chunk.to_bytes(8)
