"""What the enforcer keeps about an upload, and its limits in time.

Structs, since replacing two of twenty fields takes a dataclass 5 µs and a struct 0.2, several times an event.
"""

from msgspec import Struct

from services.contracts.decided import TakedownIssued, VerdictDecided, WorkRef
from services.contracts.inside import UploadRead
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
    verdict's meaning.
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


def next_wake(case: Case) -> int | None:
    """Return the earliest of the case's deadlines."""
    times = (case.early_until, case.retry_at, case.deadline, case.forget_at)
    return min((time for time in times if time is not None), default=None)
