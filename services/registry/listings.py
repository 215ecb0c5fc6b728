"""What the registry says to the matcher about the listings of a registration."""

from msgspec.structs import replace

from services.contracts.inside import ListingChanged
from services.contracts.processor import Emit
from services.contracts.topics import LISTINGS_CHANGED
from services.registry.registrations import Leaving, Registration
from services.registry.rights import terms_of
from services.registry.samples import withdraw
from services.registry.state import Sweep
from services.registry.turn import Turn

Change = ListingChanged.Change


def listings_of(registration: Registration) -> tuple[Leaving, ...]:
    """Return the listings of a registration whose references are read."""
    return tuple(Leaving(one.reference_id, one.digest) for one in registration.references)


def put(turn: Turn, registration: Registration) -> tuple[Emit, ...]:
    """Return the records that put the listings of a registration, with its terms; not those that nobody may list."""
    listed = replace(
        _change(turn, registration, Change.LISTED),
        terms=terms_of(turn.head, turn.work, registration),
        terms_version=registration.terms_version,
    )
    return tuple(_about(one.reference_id, one.digest, listed) for one in registration.references if not one.protected)


def say_once_each(turn: Turn, registration: Registration, change: Change) -> tuple[Emit, ...]:
    """Return a record about each content of a registration."""
    said = _change(turn, registration, change)
    contents: dict[str, str] = {}
    for one in registration.references:
        contents.setdefault(one.digest, one.reference_id)
    return tuple(_about(reference_id, digest, said) for digest, reference_id in contents.items())


def remove(turn: Turn, registration: Registration, gone: tuple[Leaving, ...], reason: str) -> tuple[Emit, ...]:
    """Return the records that remove listings of a registration."""
    ended = replace(_change(turn, registration, Change.ENDED), reason=reason)
    return tuple(_about(one.reference_id, one.digest, ended) for one in gone)


def put_again(turn: Turn, terms_version: int) -> Turn:
    """Put what is in force again with its present terms, and what resembles it in the sweep that follows."""
    current = turn.work.current
    if current is None:
        return turn
    awaited = tuple(replace(one, awaited=True) for one in current.references)
    again = replace(current, references=awaited, terms_version=terms_version)
    sweep = Sweep(terms_version=terms_version) if turn.work.likenesses else None
    return turn.with_work(current=again, sweep=sweep).saying(*put(turn, again))


def end_current(turn: Turn, reason: str) -> Turn:
    """Remove what is in force and all that resembles it; its licences and exclusions go with it."""
    current = turn.work.current
    assert current is not None, "asked by its callers"  # noqa: S101  # an invariant
    gone = listings_of(current)
    said = (*remove(turn, current, gone, reason), *withdraw(current, turn.work_id, turn.event))
    sweep = Sweep(reason=reason) if turn.work.likenesses else None
    return turn.with_work(current=None, leaving=gone, sweep=sweep, licences=(), excluded=()).saying(*said)


def _change(turn: Turn, registration: Registration, change: Change) -> ListingChanged:
    """Return a change of a listing, of no reference yet."""
    return ListingChanged(
        digest="",
        rightsholder_id=turn.event.key,
        work_id=turn.work_id,
        reference_id="",
        version=registration.number,
        submission_id=registration.submission_id,
        change=change,
        reason="",
        rightsholder_partition=turn.event.partition,
    )


def _about(reference_id: str, digest: str, change: ListingChanged) -> Emit:
    return Emit(LISTINGS_CHANGED, digest, replace(change, reference_id=reference_id, digest=digest))
