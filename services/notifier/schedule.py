"""When a delivery is tried, and again, and no more. Pure.

The times between tries are those that the Standard Webhooks specification suggests ("Retry schedule"), some three days
in all. Promises: a receiver's own Retry-After is waited for, up to a day; a try never comes before its time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from services.notifier.receivers import Every

SECOND_MS = 1_000
HOUR_MS = 3_600 * SECOND_MS
DAY_MS = 24 * HOUR_MS
PAUSES_MS = (
    5 * SECOND_MS,
    5 * 60 * SECOND_MS,
    30 * 60 * SECOND_MS,
    2 * HOUR_MS,
    5 * HOUR_MS,
    10 * HOUR_MS,
    14 * HOUR_MS,
    20 * HOUR_MS,
    24 * HOUR_MS,
)
TRIED_MS = sum(PAUSES_MS)
"""For so long something is tried, at least."""
# So that what failed together does not come back together.
JITTER = 0.2
RETRY_AFTER_MS_MAX = DAY_MS


class State(StrEnum):
    """How a delivery stands."""

    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    GIVEN_UP = "GIVEN_UP"


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has it."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The receiver has it not. `for_good`: and will not take it; `is_gone`: nor anything else, ever."""

    detail: str
    retry_after_ms: int = 0
    for_good: bool = False
    is_gone: bool = False


Outcome = Delivered | Failed


@dataclass(frozen=True, slots=True)
class Standing:
    """How a delivery stands after a try. `next_ms`: when it is tried again, in ms since the epoch; None: never."""

    state: State
    next_ms: int | None


def standing_after(
    outcome: Outcome, attempts: int, now: int, dice: float, pauses_ms: Sequence[int] = PAUSES_MS
) -> Standing:
    """Return how a delivery stands after its try number `attempts`. `dice`: 0 to 1; `now`: ms since the epoch."""
    if isinstance(outcome, Delivered):
        return Standing(State.DELIVERED, None)
    if outcome.for_good or outcome.is_gone or attempts > len(pauses_ms):
        return Standing(State.GIVEN_UP, None)
    pause = round(pauses_ms[attempts - 1] * (1 + JITTER * dice))
    return Standing(State.WAITING, now + max(pause, min(outcome.retry_after_ms, RETRY_AFTER_MS_MAX)))


def first_try(every: Every | None, now: int) -> int:
    """Return when something new is told: now, or at the end of the hour or the day (UTC) that gathers it."""
    match every:
        case None:
            return now
        case Every.HOUR:
            return _end_of(HOUR_MS, now)
        case Every.DAY:
            return _end_of(DAY_MS, now)


def retry_after_ms(text: str, now: int) -> int:
    """Return how long a Retry-After asks to wait (RFC 9110, 10.2.3): seconds or a date; 0 if it says neither."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:10]) * SECOND_MS, RETRY_AFTER_MS_MAX)
    try:
        at = parsedate_to_datetime(text)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        wait = at - datetime.fromtimestamp(now / SECOND_MS, UTC)
    except (ValueError, OverflowError):
        return 0
    return min(max(0, round(wait.total_seconds() * SECOND_MS)), RETRY_AFTER_MS_MAX)


def _end_of(length: int, now: int) -> int:
    return (now // length + 1) * length
