"""What the counters count: a measure each, by the values that tell its facts apart."""

from enum import StrEnum
from itertools import count, takewhile

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


class Measure(StrEnum):
    """A measure, and by what its facts are told apart."""

    SUBMITTED = "submitted"  # uploads: submission or deletion
    DECIDED = "decided"  # verdicts
    REASON = "reason"  # the reasons of verdicts
    ISSUED = "issued"  # takedowns by basis
    ISSUED_BY = "issued_by"  # the same by who decided: MACHINE or PERSON
    REINSTATED = "reinstated"  # takedowns that ended, by basis
    REQUESTED = "requested"  # submissions of rightsholders, by action
    ANSWERED = "answered"  # receipts by status
    REFUSED = "refused"  # rejected submissions by reason
    ANSWER_TIME = "answer_time"  # from a request to its first final answer, by the upper bound in milliseconds
    DISPUTED = "disputed"  # steps of disputes
    GROUND = "ground"  # disputes by ground
    REVIEWED = "reviewed"  # reviews by decision
    NOTIFIED = "notified"  # notices by kind of recipient
    PRESENT = "present"  # uploads by their verdict now; no time, and it is taken from as well


class Span(StrEnum):
    """Over what a counter counts."""

    HOUR = "hour"
    DAY = "day"
    EVER = "ever"


def begins(at_ms: int) -> tuple[tuple[Span, int], ...]:
    """Return the spans that a time is in, each by its begin."""
    return (Span.HOUR, at_ms - at_ms % HOUR_MS), (Span.DAY, at_ms - at_ms % DAY_MS), (Span.EVER, 0)


_YEARS_MS = 100 * 366 * DAY_MS
# A median is known to within 5 %; there are some 550 bounds.
BOUNDS_MS = tuple(dict.fromkeys(takewhile(lambda ms: ms < _YEARS_MS, (round(1.05**power) for power in count()))))


def bound_of(duration_ms: int) -> int:
    """Return the least bound that a duration is within."""
    return next((bound for bound in BOUNDS_MS if duration_ms <= bound), _YEARS_MS)
