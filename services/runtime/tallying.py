"""How many there are of what is watched as long as it lasts, and since when the oldest: kept in the unit's own record.

So they are right after every restart, without going through the state. Times are kept by the minute, in a bounded
number of spans. Pure.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping

from services.contracts.measured import Tallied, Tally

MINUTE_MS = 60_000
SPANS_MAX = 60
"""Beyond these the two oldest become one: what is tried again is given up after some 17 minutes."""

Tallies = Mapping[str, Mapping[int, int]]
"""By what is watched, how many there are in each span, by the minute in which it begins."""


def tallied(before: Tallies | None, changes: Iterable[Tallied]) -> Tallies | None:
    """Return the tallies after these changes. What began before there were any is missing, and never taken off."""
    after = {name: dict(spans) for name, spans in (before or {}).items()}
    for each in changes:
        spans = after.setdefault(each.tally.value, {})
        minute = each.since // MINUTE_MS
        if each.change < 0:
            _take_off(spans, minute, -each.change)
        else:
            spans[minute] = spans.get(minute, 0) + each.change
            _bound(spans)
    return {name: dict(sorted(spans.items())) for name, spans in after.items() if spans} or None


def count(tallies: Tallies | None, tally: Tally) -> int:
    """Return how many there are."""
    return sum((tallies or {}).get(tally.value, {}).values())


def oldest_ms(tallies: Tallies | None, tally: Tally) -> int | None:
    """Return since when the oldest is so, to the minute; None if there is none."""
    minute = min((tallies or {}).get(tally.value, {}), default=None)
    return None if minute is None else minute * MINUTE_MS


def _take_off(spans: dict[int, int], minute: int, change: int) -> None:
    """Take off in the span that a minute is in."""
    begins = sorted(spans)
    at = bisect_right(begins, minute) - 1
    if at < 0:
        return
    spans[begins[at]] -= change
    if spans[begins[at]] <= 0:
        del spans[begins[at]]


def _bound(spans: dict[int, int]) -> None:
    """Let the oldest span take in the next."""
    if len(spans) > SPANS_MAX:
        oldest, next_oldest = sorted(spans)[:2]
        spans[oldest] += spans.pop(next_oldest)
