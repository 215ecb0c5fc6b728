"""Rights: what can be wrong with policies, licences and exclusions by themselves, and what they come to as terms."""

from collections.abc import Iterator
from datetime import datetime

from services.contracts.decided import Problem
from services.contracts.rights import Licence, Segment, Terms
from services.contracts.submitted import Exclude, License, Licensee, Policy, Register, Territories
from services.contracts.territories import COUNTRIES
from services.contracts.types import milliseconds
from services.registry.problems import invalid
from services.registry.registrations import Registration
from services.registry.state import Rightsholder, Work

DAY_MS = 24 * 3600 * 1000
"""No work is longer, so no excerpt is."""


def policy_problems(policy: Policy | None) -> Iterator[Problem]:
    """Yield what is wrong with a policy."""
    if policy is None:
        return
    yield from _territory_problems("register.policy", policy.territories)
    if policy.excerpt_ms_max > DAY_MS:
        yield invalid("register.policy.excerpt_ms_max", "Allow excerpts of less than a day: no work is that long.")


def license_problems(at: str, license_: License) -> Iterator[Problem]:
    """Yield what is wrong with a licence at this path."""
    licensee = license_.licensee
    if sum(map(bool, (licensee.uploader_id, licensee.community_id, licensee.platform))) != 1:
        yield invalid(f"{at}.licensee", "Name exactly one of uploader_id, community_id and platform.")
    yield from _territory_problems(at, license_.territories)
    if license_.use is License.Use.EXCERPT and not 0 < license_.excerpt_ms_max <= DAY_MS:
        yield invalid(f"{at}.excerpt_ms_max", "Say how many milliseconds an excerpt may have: no more than a day's.")
    if license_.use is License.Use.FULL and license_.excerpt_ms_max:
        yield invalid(f"{at}.use", "Say EXCERPT, or leave excerpt_ms_max out: without it a licence is for all of it.")
    yield from window_problems(at, license_.valid_from, license_.valid_until)


def window_problems(at: str, start: datetime | None, end: datetime | None) -> Iterator[Problem]:
    """Yield what is wrong with the time in which something holds."""
    if start is not None and end is not None and end <= start:
        yield invalid(f"{at}.valid_until", "Let it end after it begins.")


def exclude_problems(exclude: Exclude) -> Iterator[Problem]:
    """Yield what is wrong with a part of a reference."""
    if exclude.end_ms <= exclude.start_ms:
        yield invalid("exclude.end_ms", "Let the part end after it begins.")


def _territory_problems(at: str, territories: Territories) -> Iterator[Problem]:
    """Yield the first that is unknown: one wrong list is one problem."""
    for index, territory in enumerate(territories):
        if territory not in COUNTRIES:
            yield invalid(f"{at}.territories[{index}]", f"There is no {territory} in ISO 3166-1: name countries by it.")
            return


def policy_terms(register: Register) -> Terms:
    """Return what a registration says by itself."""
    policy = register.policy or Policy()
    return Terms(
        action=policy.action,
        territories=_distinct(policy.territories),
        excerpt_ms_max=policy.excerpt_ms_max,
        valid_from=_bound(register.valid_from),
        valid_until=_bound(register.valid_until),
    )


def licence_of(license_: License) -> Licence:
    """Return a licence as listings carry it."""
    licensee: Licensee = license_.licensee
    return Licence(
        license_id=license_.license_id,
        uploader_id=licensee.uploader_id,
        community_id=licensee.community_id,
        territories=_distinct(license_.territories),
        excerpt_ms_max=license_.excerpt_ms_max,
        valid_from=_bound(license_.valid_from),
        valid_until=_bound(license_.valid_until),
    )


def in_time(licences: tuple[Licence, ...], now: int) -> tuple[Licence, ...]:
    """Return licences but for those that have ended, which do nothing any more and take room."""
    return tuple(one for one in licences if not one.valid_until or now < one.valid_until)


def with_licence(licences: tuple[Licence, ...], licence: Licence) -> tuple[Licence, ...]:
    """Return licences with one more, in place of that of its name."""
    return (*without_licence(licences, licence.license_id), licence)


def without_licence(licences: tuple[Licence, ...], license_id: str) -> tuple[Licence, ...]:
    """Return licences but for the one of that name."""
    return tuple(one for one in licences if one.license_id != license_id)


def terms_of(head: Rightsholder, work: Work, registration: Registration) -> Terms:
    """Return what the listings of a work's registration are worth: what is excluded of other bytes is left out."""
    named = {(one.reference_id, one.digest) for one in registration.references} if work.excluded else ()
    said = registration.terms
    return Terms(
        action=said.action,
        territories=said.territories,
        excerpt_ms_max=said.excerpt_ms_max,
        valid_from=said.valid_from,
        valid_until=said.valid_until,
        licences=(*work.licences, *head.licences),
        accounts=head.enrolled.accounts if head.enrolled else (),
        excluded=tuple(
            Segment(one.reference_id, one.start_ms, one.end_ms)
            for one in work.excluded
            if (one.reference_id, one.digest) in named
        ),
    )


def _distinct(territories: Territories) -> Territories:
    return tuple(sorted(set(territories)))


def _bound(time: datetime | None) -> int:
    """Return a time in milliseconds, where 0 is no bound at all: what was before the epoch was at its first."""
    return 0 if time is None else max(milliseconds(time), 1)
