"""What the matcher keeps under a digest."""

from msgspec import Struct
from msgspec.structs import replace

from services.contracts.inside import Ended
from services.contracts.partitions import PartitionOf
from services.contracts.rights import PLAIN, Terms
from services.contracts.sample import Likeness

LISTINGS_MAX = 64
"""Listings per digest. A song with more claimants than that needs lawyers, not a filter."""

ENDED_MAX = 16
"""Ended works remembered per digest, to say why an upload came back."""

LOST_MAX = 64
"""Lost claims remembered per digest: as many as there can be listings."""


class Listing(Struct, frozen=True, omit_defaults=True):
    """A reference of a work that is in force on these bytes, which are its own or, with a likeness, resemble them.

    `copies`: how many there were when it was applied. `terms`: what it is worth, as of the rightsholder's action
    `terms_version`.
    """

    rightsholder_id: str
    work_id: str
    reference_id: str
    version: int
    partition: int
    copies: int
    enforced: bool = False
    likeness: Likeness | None = None
    terms: Terms = PLAIN
    terms_version: int = 0

    @property
    def work(self) -> tuple[str, str]:
        """The work, as a pair that can be compared."""
        return self.rightsholder_id, self.work_id


class Round(Struct, frozen=True, omit_defaults=True):
    """Where the passing on of a change stands: one cursor per digest, however many changes there were.

    `cursor`: the last upload told. `stop`: where the cursor stood at the last change, and so where the round ends
    once it has wrapped. A change moves `stop`, never the cursor: restarting it would starve the uploads at the end.
    """

    cursor: str = ""
    stop: str = ""
    wrapped: bool = False


class Asked(Struct, frozen=True, omit_defaults=True):
    """A reference that these bytes resemble, and whose registry has not yet said whether it is in force."""

    rightsholder_id: str
    work_id: str
    reference_id: str


class Comparison(Struct, frozen=True, omit_defaults=True):
    """How far these bytes have been compared with all references, since the copy that brought a sample of them.

    `admission`: the offset of that copy's record. `heard`: that of the recogniser's last answer. `done`: what was there
    then is compared; `asked`: what of it may be in force no longer, until the registry has said so.
    """

    admission: int
    heard: int = -1
    done: bool = False
    asked: tuple[Asked, ...] = ()


class Digest(Struct, frozen=True, omit_defaults=True):
    """The head: what is listed. `version` grows with every change and is never reset.

    `comparison`: none for bytes that are not there, and for those too few to be compared but by their digest.
    `protected`: nobody may list them. `lost`: the works whose claim on them was lost, by fingerprint (`rulings.py`).
    """

    version: int = 0
    copies: int = 0
    listings: tuple[Listing, ...] = ()
    ended: tuple[Ended, ...] = ()
    round: Round | None = None
    comparison: Comparison | None = None
    protected: bool = False
    lost: tuple[str, ...] = ()

    @property
    def is_compared(self) -> bool:
        """Whether a copy can be told: everything that its bytes are or resemble is known."""
        return self.comparison is None or (self.comparison.done and not self.comparison.asked)


class Copy(Struct, frozen=True, omit_defaults=True):
    """An upload's submission with these bytes, and the version of the digest that it was told, or -1 if none yet."""

    submission: int
    partition: int
    told: int


def next_wake(entry: Digest | Copy) -> int | None:
    """Ask for the next step of a round as soon as others had their turn, and the bytes are compared."""
    return 0 if isinstance(entry, Digest) and entry.round is not None and entry.is_compared else None


def moved(name: str, entry: Digest | Copy, partition_of: PartitionOf) -> Digest | Copy:
    """Return an entry with the partitions that these ids have: of a copy its upload's, of listings their owner's."""
    if isinstance(entry, Copy):
        return replace(entry, partition=partition_of(name.removeprefix("copy/")))
    listings = (replace(one, partition=partition_of(one.rightsholder_id)) for one in entry.listings)
    return replace(entry, listings=tuple(listings))
