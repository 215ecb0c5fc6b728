"""What the completeness gate must find in a works submission: a second, plain reading of the contract."""

from datetime import datetime

import pycountry

from services.contracts.decided import WorkReceipt
from services.contracts.submitted import Attestation, Exclude, License, Register, WorkSubmitted
from services.contracts.types import milliseconds

Reason = WorkReceipt.Reason
DAY_MS = 24 * 3600 * 1000
KNOWN = {country.alpha_2 for country in pycountry.countries}


def problems_of(fact: WorkSubmitted, now: int) -> set[Reason]:
    """Return why a submission that was read at `now` is refused for itself alone; nothing if it is complete."""
    actions = [
        fact.register,
        fact.release,
        fact.license,
        fact.revoke,
        fact.exclude,
        fact.license_catalogue,
        fact.settle,
    ]
    of_work = [fact.register, fact.release, fact.license, fact.exclude]
    found: set[Reason] = set()
    if sum(one is not None for one in actions) != 1:
        return {Reason.INVALID_FIELD}
    if any(one is not None for one in of_work) and not fact.work_id:
        found.add(Reason.INVALID_FIELD)
    if fact.register is not None:
        found |= _of_registration(fact.register, now)
    for licence in (fact.license, fact.license_catalogue):
        if licence is not None and not _is_licence(licence):
            found.add(Reason.INVALID_FIELD)
    if fact.exclude is not None and not _is_segment(fact.exclude):
        found.add(Reason.INVALID_FIELD)
    return found


def _of_registration(register: Register, now: int) -> set[Reason]:
    found: set[Reason] = set()
    if not register.documents:
        found.add(Reason.MISSING_DOCUMENT)
    signed = register.attestation or Attestation()
    if not (signed.accurate and signed.good_faith and signed.signed_by):
        found.add(Reason.MISSING_ATTESTATION)
    elif not signed.exclusive:
        found.add(Reason.NOT_EXCLUSIVE)
    if not register.references:
        found.add(Reason.NO_REFERENCE)
    names = [one.reference_id for one in register.references]
    places = [bool(one.uri) + (one.content is not None) for one in register.references]
    policy, until = register.policy, register.valid_until
    is_wrong = (
        len(set(names)) != len(names)
        or any(place != 1 for place in places)
        or (policy is not None and not KNOWN.issuperset(policy.territories))
        or (policy is not None and policy.excerpt_ms_max > DAY_MS)
        or not _is_window(register.valid_from, until)
        or (until is not None and milliseconds(until) <= now)
    )
    return found | ({Reason.INVALID_FIELD} if is_wrong else set())


def _is_licence(licence: License) -> bool:
    who = licence.licensee
    named = bool(who.uploader_id) + bool(who.community_id) + who.platform
    is_excerpt = licence.use is License.Use.EXCERPT
    return (
        named == 1
        and KNOWN.issuperset(licence.territories)
        and (0 < licence.excerpt_ms_max <= DAY_MS if is_excerpt else not licence.excerpt_ms_max)
        and _is_window(licence.valid_from, licence.valid_until)
    )


def _is_segment(segment: Exclude) -> bool:
    return segment.end_ms > segment.start_ms


def _is_window(start: datetime | None, end: datetime | None) -> bool:
    return start is None or end is None or start < end
