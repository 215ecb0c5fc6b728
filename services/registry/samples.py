"""The samples of a work's references: kept from their read until the work is in force, and then told to everybody.

A reference given by its digests has none: it is matched by identity alone.
"""

import xxhash

from services.contracts.codec import encode
from services.contracts.inside import ReferenceFingerprinted, ReferenceRead
from services.contracts.processor import Emit, Event
from services.contracts.sample import Sample
from services.contracts.topics import REFERENCES_FINGERPRINTED
from services.registry.registrations import Listed, Registration
from services.registry.turn import Turn

Changes = dict[str, object | None]


def keep(before: Registration, after: Registration, found: ReferenceRead) -> Changes:
    """Return the entry of what was read, if it is what made a reference of the registration known."""
    references = zip(before.references, after.references, strict=True)
    return {_name(after, new): found.sample for old, new in references if new.sampled and not old.sampled}


def forget(registration: Registration) -> Changes:
    """Return the end of every entry that a registration has."""
    return {_name(registration, one): None for one in registration.references if one.sampled}


def announce(turn: Turn, accepted: Registration) -> tuple[Emit, ...]:
    """Return what is to be known of what is in force instead of the current one: what is new, what is over.

    What a newcomer registered is told again although it is known: their limit may have left out what resembles it.
    """
    state, event, work_id, before = turn.state, turn.event, turn.work_id, turn.work.current
    compared = before if before is not None and not before.limited else None
    known = {(one.reference_id, one.digest) for one in _sampled(compared)}
    now = [one for one in _sampled(accepted) if (one.reference_id, one.digest) not in known]
    named = {one.reference_id for one in _sampled(accepted)}
    over = [one for one in _sampled(before) if one.reference_id not in named]
    told = (_fingerprint(state.get(_name(accepted, one)), accepted, one, work_id, event) for one in now)
    return (*told, *(_forgotten(one, work_id, event) for one in over))


def withdraw(registration: Registration, work_id: str, event: Event) -> tuple[Emit, ...]:
    """Return that the references of a registration are in force no longer."""
    return tuple(_forgotten(one, work_id, event) for one in _sampled(registration))


def _sampled(registration: Registration | None) -> list[Listed]:
    return [one for one in registration.references if one.sampled] if registration else []


def _fingerprint(sample: Sample, accepted: Registration, one: Listed, work_id: str, event: Event) -> Emit:
    fact = ReferenceFingerprinted(
        fingerprint_id=_identify(event.key, work_id, one.reference_id),
        rightsholder_id=event.key,
        work_id=work_id,
        reference_id=one.reference_id,
        registration=accepted.number,
        digest=one.digest,
        sample=sample,
        rightsholder_partition=event.partition,
    )
    return Emit(REFERENCES_FINGERPRINTED, fact.fingerprint_id, fact, event.partition)


def _forgotten(one: Listed, work_id: str, event: Event) -> Emit:
    return Emit(REFERENCES_FINGERPRINTED, _identify(event.key, work_id, one.reference_id), None, event.partition)


def _identify(*ids: str) -> str:
    """Return the name of a reference among those of all rightsholders."""
    return xxhash.xxh3_128_hexdigest(encode(ids))


def _name(registration: Registration, one: Listed) -> str:
    return f"sample/{registration.number}/{one.index}"
