"""Strikes of uploaders and communities: one for each takedown that stands, for so many days.

A takedown has an entry of its own, so that telling of it twice counts once; it ends by its timer, or when the takedown
does. How many there are is counted beside them. They are looked at one by one only when their number passes a
threshold: so many there are then, whatever the history.
"""

from msgspec.structs import replace

from services.contracts.processor import Decision, Event, View
from services.contracts.rules import Rules
from services.contracts.standing import Standee, StrikeIncurred
from services.ledger.state import DAY_MS, Kind, Standing, Strike, Strikes, strike_name, strikes_name
from services.ledger.telling import Told, tell


def standing_of(kind: Kind, strikes: int, rules: Rules) -> Standing:
    """Return what so many strikes come to. A community is never restricted: nothing is done to it as a whole."""
    if kind is Kind.COMMUNITY:
        return Standing.WATCHED if strikes >= rules.community_watched_strikes else Standing.GOOD
    if strikes >= rules.restricted_strikes:
        return Standing.RESTRICTED
    return Standing.WATCHED if strikes >= rules.watched_strikes else Standing.GOOD


def incurred(state: View, fact: StrikeIncurred, event: Event) -> Decision:
    """Count a takedown that stands, and no longer one that has ended; what is known already changes nothing."""
    name = strike_name(fact.subject.kind, fact.takedown_id)
    if fact.stands == (state.get(name) is not None):
        return Decision()
    strike = Strike(event.now + event.rules.strike_days * DAY_MS) if fact.stands else None
    return _counted(state, fact.subject, name, strike, event)


def expired(state: View, name: str, event: Event) -> Decision:
    """Count a takedown no longer whose time is over."""
    _, kind, _ = name.split("/", 2)
    return _counted(state, Standee(Kind(kind), event.key), name, None, event)


def _counted(state: View, subject: Standee, name: str, strike: Strike | None, event: Event) -> Decision:
    """Return the decision that puts a strike, or forgets it, and tells what that changes."""
    kind, rules, counter = subject.kind, event.rules, strikes_name(subject.kind)
    before: Strikes = state.get(counter) or Strikes()
    after = replace(before, count=before.count + (1 if strike else -1))
    told: Told | None = None
    if standing_of(kind, after.count, rules) is not before.told:
        met = {**_all_of(state, kind, before.count), name: strike}
        untils = [one.until for one in met.values() if one is not None and one.until > event.now]
        after = replace(after, told=standing_of(kind, len(untils), rules))
        told = Told(subject, after.told, len(untils), expires_at=min(untils, default=None))
    changes = {name: strike, counter: after if after != Strikes() else None}
    return Decision(changes, tell(told, name, event) if told and after.told is not before.told else ())


def _all_of(state: View, kind: Kind, count: int) -> dict[str, Strike | None]:
    """Return all strikes that are kept, `count` of them: those that are due, and not woken yet, too."""
    under = strike_name(kind, "")
    return {name: strike for name, strike in state.after(under, count) if name.startswith(under)}
