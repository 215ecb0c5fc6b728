"""What the enforcer keeps about an upload, and its limits in time.

Structs, since replacing two of twenty fields takes a dataclass 5 µs and a struct 0.2, several times an event.
"""

from enum import StrEnum

from msgspec import Struct

from services.contracts.decided import TakedownIssued, VerdictDecided, WorkRef
from services.contracts.inside import Ended, Match, UploadRead
from services.contracts.processor import Emit
from services.contracts.standing import StrikesChanged
from services.contracts.submitted import UploadSubmitted
from services.contracts.types import Content

SECOND_MS = 1000
VERDICT_WITHIN_MS = 30 * SECOND_MS
"""After this an upload without a verdict is UNSCANNED [TIMED_OUT] (CONTRACT: verdicts.decided)."""

RETRIES_MAX = 10
"""Reads after the first that failed: with doubling pauses from 1 s, some 17 minutes in all."""

EARLY_MAX = 4
"""Reads kept that arrived before the submission they are about."""

EARLY_MS = 10 * 60 * SECOND_MS
"""How long they are kept: far longer than one input of a partition runs ahead of another."""

FORGOTTEN_AFTER_MS = 24 * 3600 * SECOND_MS
"""How long a deleted upload's case is kept, so that a late hash changes nothing."""

UNANSWERED_MS = 3600 * SECOND_MS
"""When to ask again for a read that nobody has answered, doubled with each try. The hasher answers every question
once it has caught up, so this is for what was lost by waiting longer than `EARLY_MS`; sooner, it would double
the load of a hasher that lags."""

TAKEN_MAX = 128
"""Takedowns remembered per submission: twice the listings that a digest can have at once."""

CLAIMS_MAX = 64
"""Approvals, lost and upheld claims remembered per upload, the oldest go: as many as a digest can have listings."""

PROTECTED_MAX = 4
"""Contents of an upload that a person has put beyond any listing; the matcher knows it for ever, this for a moment."""

TOLD_MAX = 128
"""Notices to rightsholders that are not said again: at the most one for each listing, and one for each of them."""

DISPUTES_MAX = 8
"""Disputes kept per submission; closed ones go first, and beyond that many open ones no other is taken."""

Standing = StrikesChanged.Standing


class Taken(Struct, frozen=True, omit_defaults=True):
    """A takedown of the present submission. It alternates: an odd `turn` is down, an even one is back."""

    work: WorkRef
    basis: TakedownIssued.Basis
    turn: int
    reason: VerdictDecided.Reason | None = None

    @property
    def is_down(self) -> bool:
        """Whether the upload is down for this work."""
        return self.turn % 2 == 1


class Case(Struct, frozen=True, omit_defaults=True):
    """The case file of one upload.

    `seen`: the highest offset of uploads.submitted met; `submission`: the offset of the submission that is alive,
    meaningful while there is a `record`. Offsets between the two are identical repeats of it. A read is stale if its
    offset is at most `stale_offset` and its attempt below `stale_attempt`. `attempt`: the read whose failure counts,
    asked for already or at `retry_at`, which is also when it is asked for once more if nobody answers; `tries`: how
    often reads were asked for, those that were answered BUSY and the first one, which the hasher does unasked, left
    out; -1: that one was BUSY and is to be asked for. `busy`: how often in a row they were, up to a bound. `answered`:
    a verdict about the present submission has come from its bytes or from a failure. `said`: a hash of the last
    verdict's meaning. `listing` or `ended`: what the matcher said last, if that is one plain listing, or the end of one
    work, and nothing else; what is more is an entry of its own (`matched`). For measures alone: `submitted_at`, when
    the submission came, until it has a verdict of its own; `unscanned_since`, since when the verdict is UNSCANNED.
    """

    seen: int = -1
    submission: int = -1
    record: UploadSubmitted | None = None
    early: tuple[UploadRead, ...] = ()
    early_until: int | None = None
    content: Content | None = None
    attempt: int = 0
    stale_offset: int = -1
    stale_attempt: int = 0
    tries: int = 0
    busy: int = 0
    slow: bool = False
    retry_at: int | None = None
    deadline: int | None = None
    match_version: int = -1
    answered: bool = False
    verdict: VerdictDecided.Verdict | None = None
    said: str = ""
    revision: int = 0
    taken: tuple[Taken, ...] = ()
    forget_at: int | None = None
    listing: Match | None = None
    ended: Ended | None = None
    matched: bool = False
    flip_at: int | None = None
    standing: Standing | None = None
    held: tuple[str, ...] = ()
    held_from_start: bool = False
    approved: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    submitted_at: int = 0
    unscanned_since: int = 0


BLANK = Case()
"""The case of an upload of which nothing is known."""


class Found(Struct, frozen=True, omit_defaults=True):
    """What the matcher said last of the bytes, if that is anything: the listings in force, and works that ended."""

    matches: tuple[Match, ...] = ()
    ended: tuple[Ended, ...] = ()


class Stood(Struct, frozen=True, omit_defaults=True):
    """How an uploader or a community stands, under their id, if it is not the ordinary way."""

    standing: Standing


class Stage(StrEnum):
    """How far a dispute about one takedown has come.

    OPEN: the claimant is to answer. UPHELD: they stand by it. COUNTERED: they are to go to court. COURT: they have.
    """

    OPEN = "OPEN"
    UPHELD = "UPHELD"
    COUNTERED = "COUNTERED"
    COURT = "COURT"


class Contested(Struct, frozen=True, omit_defaults=True):
    """A takedown in dispute. `until`: the time from which silence counts, in OPEN and COUNTERED."""

    takedown_id: str
    stage: Stage
    until: int = 0


class Dispute(Struct, frozen=True, omit_defaults=True):
    """A dispute about some takedowns, each decided by itself; with none left it is closed. `opened`: by that record."""

    dispute_id: str
    opened: int
    contested: tuple[Contested, ...] = ()


class Objections(Struct, frozen=True, omit_defaults=True):
    """The entry `objections`: disputes about a submission of some bytes, and the last records of them and reviews met.

    `upheld`: the claims by which their claimants stood, on whichever bytes: these are disputed no more. Of what is no
    upload, or no longer, all of it is kept for a day (`forget_at`).
    """

    submission: int = -1
    digest: str = ""
    disputed: int = -1
    reviewed: int = -1
    disputes: tuple[Dispute, ...] = ()
    upheld: tuple[str, ...] = ()
    forget_at: int | None = None


MATCH = "match"
OBJECTIONS = "objections"
STANDING = "standing"
UNCHANGED = Objections(-2)
"""What stands for entries that a step leaves as they are."""


class Step(Struct, frozen=True):
    """A case after one step, what the step says, and what it makes of the other entries, if anything."""

    case: Case
    emit: tuple[Emit, ...] = ()
    found: Found | None = None
    objections: Objections | None = UNCHANGED


def next_wake(entry: Case | Found | Stood | Objections) -> int | None:
    """Return the earliest of an entry's deadlines."""
    if isinstance(entry, Case):
        earliest = None
        for time in (entry.early_until, entry.retry_at, entry.deadline, entry.forget_at, entry.flip_at):
            if time is not None and (earliest is None or time < earliest):  # a generator takes four times as long
                earliest = time
        return earliest
    if isinstance(entry, Objections):
        ends = [one.until for dispute in entry.disputes for one in dispute.contested if one.until]
        return min((*ends, *(() if entry.forget_at is None else (entry.forget_at,))), default=None)
    return None
