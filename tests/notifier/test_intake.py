from dataclasses import dataclass

from services.contracts.canary import CANARY
from services.contracts.codec import encode
from services.contracts.topics import NOTICES_ISSUED
from services.notifier.intake import fact_of
from tests.notifier.facts import notice


@dataclass
class Record:
    """A record as the consumer gives it."""

    key: bytes
    value: bytes
    topic: str = NOTICES_ISSUED.name
    partition: int = 0
    offset: int = 0


def test_what_the_canary_is_told_is_delivered_to_nobody() -> None:
    """A receiver of everything would be called every few seconds about uploads that it does not know."""
    for who, told in (("somebody", True), (CANARY, False)):
        said = notice(who=who)
        assert (fact_of(Record(who.encode(), encode(said))) == said) is told
