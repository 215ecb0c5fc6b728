"""Reading the references of a registration: asked for once, again after a pause, and then given up."""

from collections.abc import Sequence

from msgspec.structs import replace

from services.contracts.decided import Problem
from services.contracts.inside import ReferenceRead, ReferenceRequested
from services.contracts.processor import Emit, Event
from services.contracts.reading import BUSY_MAX, Failure, busy_pause_ms
from services.contracts.submitted import Reference
from services.contracts.topics import REFERENCES_REQUESTED
from services.registry.problems import Reason, problem
from services.registry.registrations import Listed, Registration

SECOND_MS = 1000
RETRIES_MAX = 5
"""Reads after the first that failed: with doubling pauses from 1 s half a minute in all; a person waits for it."""

UNANSWERED_MS = 3600 * SECOND_MS
"""When to ask again for a read that nobody has answered, doubled with each try. The hasher answers every question
once it has caught up, so this is for what was lost by retention before it was read; sooner, it would double
the load of a hasher that lags."""

FINAL = frozenset({Failure.NOT_ALLOWED, Failure.UNSUPPORTED_SCHEME})
"""Failures that the uri alone decides: reading again cannot help."""


def listed(references: tuple[Reference, ...]) -> tuple[Listed, ...]:
    """Return references on their way: those given by content have their digest already."""
    return tuple(
        Listed(one.reference_id, index, one.uri, one.content.blake3 if one.content else "", media_type=one.media_type)
        for index, one in enumerate(references)
    )


def ask_all(registration: Registration, work_id: str, event: Event) -> tuple[Registration, tuple[Emit, ...]]:
    """Ask for every reference whose bytes are not known."""
    return _ask_for([one for one in registration.references if not one.digest], registration, work_id, event)


def ask_due(
    registration: Registration, work_id: str, event: Event
) -> tuple[Registration, tuple[Emit, ...], Problem | None]:
    """Ask again for the references whose pause is over, or that nobody has answered for; give up as `take` does."""
    due = [one for one in registration.references if one.retry_at is not None and one.retry_at <= event.now]
    given_up = next((_unreadable(one, Failure.TIMED_OUT) for one in due if one.tries > RETRIES_MAX), None)
    return (registration, (), given_up) if given_up else (*_ask_for(due, registration, work_id, event), None)


def _ask_for(
    references: Sequence[Listed], registration: Registration, work_id: str, event: Event
) -> tuple[Registration, tuple[Emit, ...]]:
    for one in references:
        unanswered_at = event.now + UNANSWERED_MS * 2**one.tries  # tries are bounded
        registration = _with(registration, replace(one, tries=one.tries + 1, retry_at=unanswered_at))
    return registration, tuple(_ask(one, registration, work_id, event) for one in references)


def take(
    registration: Registration, found: ReferenceRead, event: Event
) -> tuple[Registration, tuple[Emit, ...], Problem | None]:
    """Take what a read found. A problem is returned when the reference is given up."""
    one = next((one for one in registration.references if one.reference_id == found.reference_id), None)
    if one is None or one.digest or found.attempt != one.attempt:
        return registration, (), None
    if found.content is not None:
        known = replace(one, digest=found.content.blake3, retry_at=None, sampled=found.sample is not None)
        return _with(registration, known), (), None
    if found.failure is Failure.BUSY:
        return _with(registration, _put_off(one, registration, event)), (), None
    if found.failure is Failure.SLOW and not one.slow:
        again = replace(one, attempt=one.attempt + 1, slow=True, busy=0)
        return *_ask_for([again], _with(registration, again), found.work_id, event), None
    if found.failure in FINAL or one.tries > RETRIES_MAX:
        return registration, (), _unreadable(one, found.failure)
    pause = SECOND_MS * 2 ** max(one.tries - 1, 0)
    later = replace(one, attempt=one.attempt + 1, busy=0, retry_at=event.now + pause)
    return _with(registration, later), (), None


def _put_off(one: Listed, registration: Registration, event: Event) -> Listed:
    """Ask again later what the hasher had no room for: no try, since nobody looked at the file."""
    pause_ms = busy_pause_ms(one.busy, f"{event.key} {registration.number} {one.reference_id} {one.attempt}")
    return replace(
        one,
        attempt=one.attempt + 1,
        tries=max(one.tries - 1, 0),
        busy=min(one.busy + 1, BUSY_MAX),
        retry_at=event.now + pause_ms,
    )


def _ask(one: Listed, registration: Registration, work_id: str, event: Event) -> Emit:
    asked = ReferenceRequested(
        rightsholder_id=event.key,
        work_id=work_id,
        reference_id=one.reference_id,
        registration=registration.number,
        attempt=one.attempt,
        uri=one.uri,
        slow=one.slow,
        media_type=one.media_type,
    )
    return Emit(REFERENCES_REQUESTED, event.key, asked, event.partition)


def _unreadable(one: Listed, failure: Failure | None) -> Problem:
    why = Failure.TIMED_OUT if failure in (None, Failure.SLOW) else failure
    cure = f"The file could not be read ({why}). Put it where it can be read, or give its content's digests."
    return problem(Reason.UNREADABLE_REFERENCE, f"register.references[{one.index}].uri", cure)


def _with(registration: Registration, changed: Listed) -> Registration:
    references = tuple(changed if one.reference_id == changed.reference_id else one for one in registration.references)
    return replace(registration, references=references)
