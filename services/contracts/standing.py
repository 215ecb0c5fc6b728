"""How uploaders, communities and rightsholders stand: what counts for it, and what it comes to."""

from enum import StrEnum

from msgspec import Struct

from services.contracts.types import Timestamp


class StrikesChanged(Struct, frozen=True, kw_only=True):
    """A standing that is not the ordinary one, or is the ordinary one again (strikes.changed, public)."""

    class Standing(StrEnum):
        """GOOD, WATCHED and RESTRICTED for uploaders and communities; PROBATION and TRUSTED for rightsholders."""

        GOOD = "GOOD"
        WATCHED = "WATCHED"
        RESTRICTED = "RESTRICTED"
        PROBATION = "PROBATION"
        TRUSTED = "TRUSTED"

    subject: "Standee"
    standing: Standing
    strikes: int
    expires_at: Timestamp | None = None
    changed_at: Timestamp


class Standee(Struct, frozen=True):
    """Whose standing it is."""

    class Kind(StrEnum):
        """What the id names."""

        UPLOADER = "UPLOADER"
        COMMUNITY = "COMMUNITY"
        RIGHTSHOLDER = "RIGHTSHOLDER"

    kind: Kind
    id: str


class StrikeIncurred(Struct, frozen=True):
    """A takedown stands, or stands no longer, as it concerns one subject (strikes.incurred, inside).

    `stands`: it does. `reversed`: it ended since the claim was lost, which counts against its rightsholder.
    """

    subject: Standee
    takedown_id: str
    stands: bool
    reversed: bool = False
