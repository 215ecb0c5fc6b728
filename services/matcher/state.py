"""What the matcher keeps under a digest."""

from dataclasses import dataclass

from services.contracts.inside import Ended

LISTINGS_MAX = 64
"""Listings per digest. A song with more claimants than that needs lawyers, not a filter."""

ENDED_MAX = 16
"""Ended works remembered per digest, to say why an upload came back."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A reference of a work that is in force on these bytes. `copies`: how many there were when it was applied."""

    rightsholder_id: str
    work_id: str
    reference_id: str
    version: int
    partition: int
    copies: int
    enforced: bool = False

    @property
    def work(self) -> tuple[str, str]:
        """The work, as a pair that can be compared."""
        return self.rightsholder_id, self.work_id


@dataclass(frozen=True, slots=True)
class Round:
    """Where the passing on of a change stands: one cursor per digest, however many changes there were.

    `cursor`: the last upload told. `stop`: where the cursor stood at the last change, and so where the round ends
    once it has wrapped. A change moves `stop`, never the cursor: restarting it would starve the uploads at the end.
    """

    cursor: str = ""
    stop: str = ""
    wrapped: bool = False


@dataclass(frozen=True, slots=True)
class Digest:
    """The head: what is listed. `version` grows with every change and is never reset."""

    version: int = 0
    copies: int = 0
    listings: tuple[Listing, ...] = ()
    ended: tuple[Ended, ...] = ()
    round: Round | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """An upload's submission with these bytes, and the version of the digest that it was told."""

    submission: int
    partition: int
    told: int


def next_wake(entry: Digest | Copy) -> int | None:
    """Ask for the next step of a round as soon as others had their turn."""
    return 0 if isinstance(entry, Digest) and entry.round is not None else None
