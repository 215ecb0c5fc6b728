"""What the registry says to the matcher about the listings of a registration."""

from services.contracts.inside import ListingChanged
from services.contracts.processor import Emit, Event
from services.contracts.topics import LISTINGS_CHANGED
from services.registry.state import Leaving, Registration
from services.registry.turn import Turn

Change = ListingChanged.Change


def listings_of(registration: Registration) -> tuple[Leaving, ...]:
    """Return the listings of a registration whose references are read."""
    return tuple(Leaving(one.reference_id, one.digest) for one in registration.references)


def put(turn: Turn, registration: Registration) -> tuple[Emit, ...]:
    """Return the records that put every listing of a registration."""
    return tuple(_change(one, registration, turn.work_id, turn.event) for one in listings_of(registration))


def remove(turn: Turn, registration: Registration, gone: tuple[Leaving, ...], reason: str) -> tuple[Emit, ...]:
    """Return the records that remove listings of a registration."""
    return tuple(_change(one, registration, turn.work_id, turn.event, reason) for one in gone)


def _change(one: Leaving, registration: Registration, work_id: str, event: Event, reason: str = "") -> Emit:
    change = ListingChanged(
        digest=one.digest,
        rightsholder_id=event.key,
        work_id=work_id,
        reference_id=one.reference_id,
        version=registration.number,
        submission_id=registration.submission_id,
        change=Change.ENDED if reason else Change.LISTED,
        reason=reason,
        rightsholder_partition=event.partition,
    )
    return Emit(LISTINGS_CHANGED, one.digest, change)
