"""What a listing is worth: the policy of a work and who may show it, as the registry tells it to whoever decides.

Times are milliseconds since the epoch, and 0 where there is no bound. Nearly all of it is usually left at its default,
which costs nothing on the wire.
"""

from msgspec import Struct

from services.contracts.submitted import Policy

TERMS_BYTES_MAX = 8 * 1024
"""The terms of one work, as JSON. A digest has 64 listings at the most, each with its terms and with ids of up to
6 KiB, and all of it must fit into one record of 1 MiB."""


class Licence(Struct, frozen=True, omit_defaults=True):
    """A licence in force: for an uploader, for a community, or, naming neither, for the whole platform.

    `territories`: where (empty: everywhere). `excerpt_ms_max`: for an excerpt of so many milliseconds; 0: in full.
    It holds from `valid_from` on, and before `valid_until`.
    """

    license_id: str
    uploader_id: str = ""
    community_id: str = ""
    territories: tuple[str, ...] = ()
    excerpt_ms_max: int = 0
    valid_from: int = 0
    valid_until: int = 0


class Segment(Struct, frozen=True):
    """A part of a reference that is not its rightsholder's: a sample, a loop, an advert."""

    reference_id: str
    start_ms: int
    end_ms: int


class Terms(Struct, frozen=True, omit_defaults=True):
    """What a work's listings are worth, the same for all of them.

    `territories`: where the policy holds (empty: everywhere). `licences`: the work's own, and its rightsholder's for
    everything. `accounts`: the uploaders who are the rightsholder's own.
    """

    action: Policy.Action = Policy.Action.BLOCK
    territories: tuple[str, ...] = ()
    excerpt_ms_max: int = 0
    valid_from: int = 0
    valid_until: int = 0
    licences: tuple[Licence, ...] = ()
    accounts: tuple[str, ...] = ()
    excluded: tuple[Segment, ...] = ()


PLAIN = Terms()
"""Block, everywhere and always."""
