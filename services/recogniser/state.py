"""What the recogniser keeps: samples under the digest of each content, and under the name of each reference.

Of an index in several parts the unit has the chunks of its own part alone: of every reference, and of the contents of
all units that have a whole index together. What the parts have found of a content its own unit adds up in a tally.
"""

from collections.abc import Iterator
from operator import invert

from msgspec import Struct

from services.contracts.inside import Met, ReferenceFingerprinted
from services.contracts.parts import Counts
from services.contracts.sample import Sample, digests_of

WALK = "walk/"
"""The name of the entry, under a reference, that says how far it has been compared."""

TALLY = "tally/"
"""The name of the entry, under a content, that adds up what the parts of the index have found."""


EARLIER = -1
"""Instead of a part: those of which the index consisted before it was divided further."""


class Sampled(Struct, frozen=True, omit_defaults=True):
    """The head: the sample of a content, by its admission, or of a reference, with all that is known of it.

    Where the index is divided, a sample is what this part has of it: `home` is then the unit that has the content, and
    `counts` says what the whole reference has.
    """

    admission: int = -1
    content: Sample | None = None
    reference: ReferenceFingerprinted | None = None
    home: int = -1
    counts: Counts | None = None


class Walk(Struct, frozen=True):
    """How far a reference that has come has been compared with the contents that were there: up to `after`."""

    after: str = ""


class Tally(Struct, frozen=True):
    """What the parts have found of a content, each part's latest last.

    `asked`: the parts that have some of its chunks, besides that of its own unit; `waiting`: those of them that have
    not answered. `heard`: references of which some part has told since all was said; it is said at `due`.
    """

    admission: int
    counts: Counts
    asked: tuple[int, ...]
    waiting: tuple[int, ...]
    met: tuple[tuple[int, Met], ...]
    heard: tuple[str, ...] = ()
    due: int | None = None


Entry = Sampled | Walk | Tally


def next_wake(entry: Entry) -> int | None:
    """Ask for the next step of a walk as soon as others had their turn, and for a tally when it is due."""
    if isinstance(entry, Tally):
        return entry.due
    return 0 if isinstance(entry, Walk) else None


def everywhere(entry: Entry) -> bool:
    """Tell whether it is about a reference, which every unit has, and not about a content."""
    return isinstance(entry, Walk) or (isinstance(entry, Sampled) and entry.reference is not None)


def terms(head: Sampled) -> Iterator[int]:
    """Return what a head is found by: each kept chunk, contents and references apart."""
    if head.content is not None:
        yield from map(of_content, digests_of(head.content))
    if head.reference is not None:
        yield from digests_of(head.reference.sample)


of_content = invert
"""What the contents with a chunk are found by; the references are found by the chunk itself."""
