"""Claims of rightsholders: how many of their takedowns of a window of days were reversed since the claim was lost.

What a day brought is one bucket, so a catalogue with a million takedowns is kept in as much as one with ten; there are
at most `reversal_days` and one more. The window moves on at 00:00 UTC.
"""

from msgspec.structs import replace

from services.contracts.processor import Decision, Event, View
from services.contracts.rules import Rules
from services.contracts.standing import Standee, StrikeIncurred
from services.ledger.state import CLAIMS, DAY_MS, Claims, Day, Kind, Standing
from services.ledger.telling import Told, tell


def standing_of(claims: Claims, rules: Rules) -> Standing:
    """Return what so many lost claims, of so many takedowns, come to."""
    enough = claims.reversals >= rules.reversals_min
    is_much = claims.reversals * 100 >= rules.reversal_percent * claims.takedowns
    return Standing.PROBATION if enough and is_much else Standing.TRUSTED


def claimed(state: View, fact: StrikeIncurred, event: Event) -> Decision:
    """Count a takedown, or a claim that was lost; a takedown that ended otherwise changes nothing."""
    before: Claims = state.get(CLAIMS) or Claims()
    if event.offset <= before.heard or not (fact.stands or fact.reversed):
        return Decision()
    moved = replace(_moved(before, event), heard=event.offset)
    counted = _with(moved, takedowns=int(fact.stands), reversals=int(not fact.stands))
    return _told(before, counted, event)


def day_began(state: View, event: Event) -> Decision:
    """Move the window on."""
    before: Claims = state.get(CLAIMS) or Claims()
    return _told(before, _moved(before, event), event)


def _moved(claims: Claims, event: Event) -> Claims:
    """Return the claims without the days that the window has left, with today as its last one."""
    today = event.now // DAY_MS
    first = today - event.rules.reversal_days
    if not claims.days or claims.days[0].number >= first:
        return replace(claims, day=today)
    left = [day for day in claims.days if day.number < first]
    return replace(
        claims,
        days=claims.days[len(left) :],
        takedowns=claims.takedowns - sum(day.takedowns for day in left),
        reversals=claims.reversals - sum(day.reversals for day in left),
        day=today,
    )


def _with(claims: Claims, takedowns: int, reversals: int) -> Claims:
    """Return the claims with so many more on their last day."""
    days = claims.days if claims.days and claims.days[-1].number == claims.day else (*claims.days, Day(claims.day))
    last = days[-1]
    return replace(
        claims,
        days=(*days[:-1], Day(last.number, last.takedowns + takedowns, last.reversals + reversals)),
        takedowns=claims.takedowns + takedowns,
        reversals=claims.reversals + reversals,
    )


def _told(before: Claims, claims: Claims, event: Event) -> Decision:
    """Return the decision that keeps the claims, and tells the standing if it is another."""
    after = replace(claims, told=standing_of(claims, event.rules))
    changes = {CLAIMS: after if after.days else None}
    if after.told is before.told:
        return Decision(changes)
    told = Told(
        Standee(Kind.RIGHTSHOLDER, event.key),
        after.told,
        after.reversals,
        expires_at=_oldest_ends(after, event.rules),
        takedowns=after.takedowns,
    )
    return Decision(changes, tell(told, CLAIMS, event))


def _oldest_ends(claims: Claims, rules: Rules) -> int | None:
    """Return when the oldest lost claim leaves the window, or None if there is none."""
    oldest = next((day.number for day in claims.days if day.reversals), None)
    return None if oldest is None else (oldest + rules.reversal_days + 1) * DAY_MS
