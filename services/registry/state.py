"""What the registry keeps under a rightsholder."""

from msgspec import Struct

from services.contracts.decided import WorkReceipt
from services.contracts.measured import Tallied, Tally
from services.contracts.rights import Licence
from services.contracts.sample import Likeness, Sample
from services.contracts.standing import StrikesChanged
from services.contracts.submitted import Enroll, Release
from services.registry.registrations import Action, Cut, Leaving, Registration, Stage

DAY_MS = 24 * 3600 * 1000
REMEMBERED_MS = 90 * DAY_MS
"""How long a submission_id is remembered (CONTRACT: works.submitted)."""

REFERENCES_BYTES_MAX = 256 * 1024
"""The references of one registration, as JSON. A work holds them twice, in force and on their way, and besides what
waits (below): all of it must fit into one record of 1 MiB."""

QUEUE_MAX = 64
"""Actions waiting on one work; more are refused with TOO_MANY_PENDING."""

QUEUE_BYTES_MAX = 288 * 1024
"""What waits on one work, as JSON: room for at least one registration of the largest size."""

WORK_RIGHTS_BYTES_MAX = 2 * 1024
"""A work's own licences and exclusions, as JSON."""

CATALOGUE_RIGHTS_BYTES_MAX = 2 * 1024
"""The licences for everything that a rightsholder holds, as JSON. With a work's own, with the accounts that an
enrolment may name and with a policy for every country they stay within TERMS_BYTES_MAX."""

CATALOGUE_QUEUE_MAX = 32
"""Actions on everything that wait for their receipts; more are refused with TOO_MANY_PENDING."""

HELD_MAX = 1_000
"""Registrations of one rightsholder that wait for a person; what would be one more is refused."""


class Sweep(Struct, frozen=True, omit_defaults=True):
    """Going through all that resembles a work, or through all works.

    `cursor`: the last name met; `unanswered`: what was met and is not done yet. `terms_version`: what bears older
    terms is put again with these. `reason`: why what is removed is removed.
    """

    cursor: str = ""
    is_through: bool = False
    unanswered: int = 0
    terms_version: int = 0
    reason: str = "REPLACED"


class Whole(Struct, frozen=True, omit_defaults=True):
    """An action on everything, in force already: answered by `status`, if anybody asked, when all works follow."""

    number: int
    received_at: int
    submission_id: str = ""
    status: WorkReceipt.Status = WorkReceipt.Status.LICENSED


class Rightsholder(Struct, frozen=True, omit_defaults=True):
    """The head: who they are, and what holds for all of their works.

    `number`: that of their last action. `held`: how many registrations wait for a person. `licences`: for everything;
    `changed`: the number of the last action that changed the terms of everything. `settled`: the number of the last
    settlement, which registrations up to it do not survive. `wholes`: actions on everything that not all works follow
    yet, of which `sweep` is about the first.
    """

    enrolled: Enroll | None = None
    suspended: bool = False
    number: int = 0
    held: int = 0
    licences: tuple[Licence, ...] = ()
    changed: int = 0
    settled: int = 0
    settled_for: Release.Reason = Release.Reason.SETTLED
    wholes: tuple[Whole, ...] = ()
    sweep: Sweep | None = None


class Judged(Struct, frozen=True, omit_defaults=True):
    """How a rightsholder stands by their takedowns, if it is not the ordinary standing."""

    standing: StrikesChanged.Standing


class Submission(Struct, frozen=True, omit_defaults=True):
    """What came under one submission_id, by hash of its content, and until when that is remembered.

    `contents`: one; several in an entry that was written before others had one of their own.
    """

    contents: tuple[str, ...]
    until: int


UNKNOWN = Likeness(0.0, 0, 0, 0, 0)
"""A likeness of which nothing is known but that there is one."""


class Resembling(Struct, frozen=True, omit_defaults=True):
    """Bytes that were listed, by registration `version`, for their likeness to a reference with bytes of its own.

    `terms_version`: as of which action they were put last; `awaited`: by a sweep that waits for the answer.
    """

    reference_id: str
    digest: str
    reference_digest: str
    version: int = -1
    likeness: Likeness = UNKNOWN
    terms_version: int = 0
    awaited: bool = False


class Work(Struct, frozen=True, omit_defaults=True):
    """A work: what is in force, what is on its way, what leaves, and what waits.

    `doing`: the action under way, if it is no registration. `likenesses`: how much is like it. `licences`,
    `excluded`: its own rights, beside those for everything. `awaited`: a sweep of all works waits for it.
    """

    current: Registration | None = None
    pending: Registration | None = None
    leaving: tuple[Leaving, ...] = ()
    doing: Action | None = None
    queue: tuple[Action, ...] = ()
    likenesses: int = 0
    sweep: Sweep | None = None
    licences: tuple[Licence, ...] = ()
    excluded: tuple[Cut, ...] = ()
    awaited: bool = False

    @property
    def is_swept(self) -> bool:
        """Whether a sweep goes on."""
        return self.sweep is not None and not self.sweep.is_through

    @property
    def is_answered(self) -> bool:
        """Whether every removal and every listing put again is applied."""
        swept = self.sweep is None or (self.sweep.is_through and not self.sweep.unanswered)
        again = self.current is not None and any(one.awaited for one in self.current.references)
        return swept and not self.leaving and not again

    @property
    def is_free(self) -> bool:
        """Whether nothing of it is under way, so that what waits may begin."""
        return (self.pending is None or self.pending.waits) and self.is_answered


Entry = Rightsholder | Submission | Work | Resembling | Sample | Judged


def next_wake(entry: Entry) -> int | None:
    """Return when a submission is forgotten, a sweep goes on or the next reference is to be asked for again."""
    if isinstance(entry, Submission):
        return entry.until
    if isinstance(entry, Rightsholder):
        return 0 if entry.sweep is not None and not entry.sweep.is_through else None
    if not isinstance(entry, Work):
        return None
    if entry.is_swept:
        return 0
    if entry.pending is None or entry.pending.stage is not Stage.READ:
        return None
    times = [listed.retry_at for listed in entry.pending.references if listed.retry_at is not None]
    return min(times, default=None)


def everywhere(entry: Entry) -> bool:
    """Tell whether an entry is how a rightsholder stands, which every unit hears."""
    return isinstance(entry, Judged)


def tallies(entry: Entry) -> tuple[Tallied, ...]:
    """Return how many registrations of a rightsholder wait for a person."""
    return (Tallied(Tally.HELD, entry.held),) if isinstance(entry, Rightsholder) and entry.held else ()
