"""What the recogniser keeps: a sample under the digest of each content, and under the name of each reference."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import invert

from services.contracts.inside import ReferenceFingerprinted
from services.contracts.partitions import PartitionOf
from services.contracts.partitions import moved as moved_fact
from services.contracts.sample import Sample, digests_of

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


def everywhere(entry: Sampled | Walk) -> bool:
    """Tell whether it is about a reference, which every unit has, and not about a content of this one's."""
    return isinstance(entry, Walk) or entry.reference is not None


def moved(_name: str, entry: Sampled | Walk, partition_of: PartitionOf) -> Sampled | Walk:
    """Return an entry with the partition that a reference's owner has."""
    return entry if isinstance(entry, Walk) else replace(entry, reference=moved_fact(entry.reference, partition_of))


def terms(head: Sampled) -> Iterator[int]:
    """Return what a head is found by: each kept chunk, contents and references apart."""
    if head.content is not None:
        yield from map(of_content, digests_of(head.content))
    if head.reference is not None:
        yield from digests_of(head.reference.sample)


of_content = invert
"""What the contents with a chunk are found by; the references are found by the chunk itself."""
