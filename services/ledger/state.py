"""What the ledger keeps under an id, which may be an uploader's, a community's and a rightsholder's at once.

strike/UPLOADER/<takedown_id>   a takedown that counts, until when       strikes/UPLOADER   how many, and what was said
strike/COMMUNITY/<takedown_id>  the same of a community                  strikes/COMMUNITY
claims/                         a rightsholder's takedowns and lost claims, by day
"""

from msgspec import Struct

from services.contracts.standing import Standee, StrikesChanged

DAY_MS = 24 * 3600 * 1000
CLAIMS = "claims/"
"""The name of a rightsholder's entry."""

Kind = Standee.Kind
Standing = StrikesChanged.Standing


class Strike(Struct, frozen=True, omit_defaults=True):
    """A takedown that counts before `until`, in milliseconds since the epoch."""

    until: int


class Strikes(Struct, frozen=True, omit_defaults=True):
    """How many takedowns count, and the standing that was told last."""

    count: int = 0
    told: Standing = Standing.GOOD


class Day(Struct, frozen=True, array_like=True):
    """What happened on a day, by its number since the epoch, in UTC."""

    number: int
    takedowns: int = 0
    reversals: int = 0


class Claims(Struct, frozen=True, omit_defaults=True):
    """A rightsholder's takedowns and lost claims: of each day of the window on which there were any, oldest first.

    `takedowns` and `reversals`: their sums. `day`: up to which day the window was moved. `heard`: the offset of the
    last fact that was counted, since a fact leaves no other trace.
    """

    days: tuple[Day, ...] = ()
    takedowns: int = 0
    reversals: int = 0
    day: int = 0
    told: Standing = Standing.TRUSTED
    heard: int = -1


def next_wake(entry: Strike | Strikes | Claims) -> int | None:
    """Return when a strike counts no more, or when the window moves on by a day."""
    if isinstance(entry, Strike):
        return entry.until
    if isinstance(entry, Claims) and entry.days:
        return (entry.day + 1) * DAY_MS
    return None


def strike_name(kind: Kind, takedown_id: str) -> str:
    """Return the name of a strike's entry; without a takedown_id, what all of the kind begin with."""
    return f"strike/{kind}/{takedown_id}"


def strikes_name(kind: Kind) -> str:
    """Return the name of the entry that says how many there are."""
    return f"strikes/{kind}"
