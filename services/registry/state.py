"""What the registry keeps under a rightsholder."""

from enum import StrEnum

from msgspec import Struct

from services.contracts.decided import WorkReceipt
from services.contracts.sample import Sample
from services.contracts.submitted import Enroll, Reference, Release

DAY_MS = 24 * 3600 * 1000
REMEMBERED_MS = 90 * DAY_MS
"""How long a submission_id is remembered (CONTRACT: works.submitted)."""

CONTENTS_MAX = 8
"""Different contents remembered under one submission_id; what comes after them is not answered any more."""

REFERENCES_BYTES_MAX = 256 * 1024
"""The references of one registration, as JSON. A work holds them twice, in force and on their way, and besides what
waits (below): all of it must fit into one record of 1 MiB."""

QUEUE_MAX = 64
"""Actions waiting on one work; more are refused with TOO_MANY_PENDING."""

QUEUE_BYTES_MAX = 320 * 1024
"""What waits on one work, as JSON: room for at least one registration of the largest size."""


class Rightsholder(Struct, frozen=True, omit_defaults=True):
    """The head: who they are, and the number that their last registration got."""

    enrolled: Enroll | None = None
    suspended: bool = False
    number: int = 0


class Submission(Struct, frozen=True, omit_defaults=True):
    """What came under one submission_id, by hash of its content, and until when that is remembered."""

    contents: tuple[str, ...]
    until: int


class Listed(Struct, frozen=True, omit_defaults=True):
    """A reference on its way to being in force.

    `index`: its place in the submission; `attempt`: the read that counts, asked for already or at `retry_at`, which
    is also when it is asked for once more if nobody answers; `tries`: how often it was asked for, without the answer
    BUSY; `busy`: how often in a row that was the answer, up to a bound. `sampled`: it was read, and has chunks to be
    found by.
    """

    reference_id: str
    index: int
    uri: str
    digest: str = ""
    attempt: int = 0
    tries: int = 0
    slow: bool = False
    retry_at: int | None = None
    applied: bool = False
    refused: bool = False
    enforced: bool = False
    copies: int = 0
    media_type: str = ""
    sampled: bool = False
    busy: int = 0


class Stage(StrEnum):
    """How far a registration is. Once its listings are sent (PUT) it is decided and later actions wait."""

    READ = "READ"
    PUT = "PUT"
    IN_FORCE = "IN_FORCE"


class Registration(Struct, frozen=True, omit_defaults=True):
    """One register action. `number` orders it among all of its rightsholder's and is its listings' version."""

    submission_id: str
    number: int
    received_at: int
    references: tuple[Listed, ...]
    stage: Stage = Stage.READ
    conflicted: bool = False
    told: tuple[WorkReceipt.Status, ...] = ()


class Action(Struct, frozen=True, omit_defaults=True):
    """An action that waits for its turn: `references` of a registration, or the `reason` of a release."""

    submission_id: str
    received_at: int
    number: int = 0
    references: tuple[Reference, ...] = ()
    reason: Release.Reason | None = None


class Leaving(Struct, frozen=True, omit_defaults=True):
    """A listing whose removal has been sent and not yet been answered."""

    reference_id: str
    digest: str


class Resembling(Struct, frozen=True, omit_defaults=True):
    """Bytes that were listed, by registration `version`, for their likeness to a reference with bytes of its own."""

    reference_id: str
    digest: str
    reference_digest: str
    version: int = -1


class Sweep(Struct, frozen=True, omit_defaults=True):
    """Going through all that resembles a work. `cursor`: the last name met; `unanswered`: removals on their way."""

    cursor: str = ""
    is_through: bool = False
    unanswered: int = 0


class Work(Struct, frozen=True, omit_defaults=True):
    """A work: what is in force, what is on its way, what leaves, and what waits. `likenesses`: how much is like it."""

    current: Registration | None = None
    pending: Registration | None = None
    leaving: tuple[Leaving, ...] = ()
    releasing: Action | None = None
    queue: tuple[Action, ...] = ()
    likenesses: int = 0
    sweep: Sweep | None = None

    @property
    def is_swept(self) -> bool:
        """Whether a sweep goes on."""
        return self.sweep is not None and not self.sweep.is_through

    @property
    def is_left(self) -> bool:
        """Whether every removal that was begun is applied."""
        swept = self.sweep is None or (self.sweep.is_through and not self.sweep.unanswered)
        return swept and not self.leaving


def next_wake(entry: Rightsholder | Submission | Work | Resembling | Sample) -> int | None:
    """Return when a submission is forgotten, a sweep goes on or the next reference is to be asked for again."""
    if isinstance(entry, Submission):
        return entry.until
    if isinstance(entry, Work) and entry.is_swept:
        return 0
    if isinstance(entry, Work) and entry.pending is not None:
        times = [listed.retry_at for listed in entry.pending.references if listed.retry_at is not None]
        return min(times, default=None)
    return None
