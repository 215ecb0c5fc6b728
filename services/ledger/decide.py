"""What the ledger decides about one id.

- A takedown that stands is a strike against its uploader and its community, for so many days; one that has ended, for
  whatever reason, is none (see `strikes.py`).
- Against its rightsholder nothing counts but a claim that was lost, as a share of their takedowns (see `claims.py`).
- What is due by a jump of time is due at once: a standing that would have changed twice meanwhile is told once.
"""

from typing import assert_never

from services.contracts.processor import Decision, Event, View, Woken
from services.contracts.standing import StrikeIncurred
from services.ledger.claims import claimed, day_began
from services.ledger.state import CLAIMS, Kind
from services.ledger.strikes import expired, incurred


def decide(state: View, event: Event) -> Decision:
    """Decide one event of an id."""
    fact: StrikeIncurred | Woken = event.fact
    match fact:
        case StrikeIncurred():
            is_claim = fact.subject.kind is Kind.RIGHTSHOLDER
            return claimed(state, fact, event) if is_claim else incurred(state, fact, event)
        case Woken():
            return day_began(state, event) if fact.name == CLAIMS else expired(state, fact.name, event)
        case _:
            assert_never(fact)
