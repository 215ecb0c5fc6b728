"""What the ledger's tests say: takedowns that stand, and stand no longer, as they concern one id."""

from collections.abc import Iterable

from msgspec.structs import replace

from services.contracts.decided import NoticeIssued
from services.contracts.processor import Event
from services.contracts.rules import RULES, Rules
from services.contracts.standing import Standee, StrikeIncurred, StrikesChanged
from services.contracts.topics import NOTICES_ISSUED, STRIKES_CHANGED
from services.ledger import PROCESSOR
from tests.deciding import NOW, Deciding, Said

WHO = "somebody"
DAY_MS = 24 * 3600 * 1000
STRIKE_MS = RULES.strike_days * DAY_MS
Kind = Standee.Kind
Standing = StrikesChanged.Standing
UPLOADER, COMMUNITY, RIGHTSHOLDER = Kind.UPLOADER, Kind.COMMUNITY, Kind.RIGHTSHOLDER
GOOD, WATCHED, RESTRICTED = Standing.GOOD, Standing.WATCHED, Standing.RESTRICTED
PROBATION, TRUSTED = Standing.PROBATION, Standing.TRUSTED


def ledger() -> Deciding:
    """Return a ledger that knows nothing."""
    return Deciding(PROCESSOR)


def issued(takedown_id: str, kind: Kind = UPLOADER) -> StrikeIncurred:
    """Return: a takedown stands."""
    return StrikeIncurred(Standee(kind, WHO), takedown_id, stands=True)


def reinstated(takedown_id: str, kind: Kind = UPLOADER) -> StrikeIncurred:
    """Return: it stands no longer, for whatever reason but a lost claim."""
    return StrikeIncurred(Standee(kind, WHO), takedown_id, stands=False)


def reversed_(takedown_id: str, kind: Kind = RIGHTSHOLDER) -> StrikeIncurred:
    """Return: it stands no longer, since the claim was lost."""
    return StrikeIncurred(Standee(kind, WHO), takedown_id, stands=False, reversed=True)


def on(deciding: Deciding, *facts: StrikeIncurred, rules: Rules = RULES) -> Said:
    """Decide facts about one id, one after another, under these rules."""
    events = (replace(deciding.event(WHO, fact), rules=rules) for fact in facts)
    return Said(emit for event in events for emit in deciding.decide(event))


def strike_out(deciding: Deciding, count: int, kind: Kind = UPLOADER) -> Said:
    """Have as many takedowns issued, named by their numbers from 0 on."""
    return on(deciding, *(issued(str(number), kind) for number in range(count)))


def told(said: Iterable[object]) -> list[tuple[Standing, int]]:
    """Return (standing, strikes) of each change that was told."""
    return [(one.standing, one.strikes) for one in Said(said).of(STRIKES_CHANGED)]  # type: ignore[arg-type]  # emits


def notices(said: Said) -> list[NoticeIssued]:
    """Return the notices."""
    return said.of(NOTICES_ISSUED)


def days(count: float) -> int:
    """Return so many days in milliseconds."""
    return round(count * DAY_MS)


def next_midnight(now: int = NOW) -> int:
    """Return how long it is from `now` to the beginning of the next day, UTC."""
    return DAY_MS - now % DAY_MS


def event_of(deciding: Deciding, fact: StrikeIncurred) -> Event:
    """Return the event of a fact about the id."""
    return deciding.event(WHO, fact)
