"""What listings are worth: the terms that the matcher keeps are those of the actions that were carried out."""

from datetime import datetime

from services.contracts.rights import Licence, Terms
from services.contracts.submitted import License, Policy
from services.contracts.types import milliseconds
from services.matcher.state import Digest
from tests.simulator.rights import InForce
from tests.simulator.verdicts import Facts


def check_terms(known: Facts) -> None:
    """Check the terms of every listing, of a work's own bytes and of what resembles them.

    Those of what nobody may list are as they were when that was said, and count for nothing.
    """
    for digest, _, entry in known.log.entries():
        for listing in entry.listings if isinstance(entry, Digest) and not entry.protected else ():
            one = known.in_force.get(listing.work)
            if one is not None:
                expected = _terms(one)
                mine = listing.reference_id
                now = known.log.now
                assert _plain(listing.terms, mine, now) == _plain(expected, mine, now), (
                    f"{digest}: {listing} should have {expected}"
                )


def _plain(terms: Terms, mine: str, now: int) -> tuple[object, ...]:
    """Return what terms mean for a reference, as a value in which nothing depends on an order.

    A licence that has ended may be there or not: it does nothing, and is left out when rights are changed.
    """
    licences = (one for one in terms.licences if not one.valid_until or now < one.valid_until)
    return (
        terms.action,
        frozenset(terms.territories),
        terms.excerpt_ms_max,
        terms.valid_from,
        terms.valid_until,
        frozenset(_plain_licence(one) for one in licences),
        frozenset(terms.accounts),
        frozenset((one.start_ms, one.end_ms) for one in terms.excluded if one.reference_id == mine),
    )


def _plain_licence(one: Licence) -> tuple[object, ...]:
    whom = (one.license_id, one.uploader_id, one.community_id)
    return (*whom, frozenset(one.territories), one.excerpt_ms_max, one.valid_from, one.valid_until)


def _terms(one: InForce) -> Terms:
    """Return the terms that follow from what a rightsholder said."""
    policy = one.register.policy or Policy()
    return Terms(
        action=policy.action,
        territories=policy.territories,
        excerpt_ms_max=policy.excerpt_ms_max,
        valid_from=_at(one.register.valid_from),
        valid_until=_at(one.register.valid_until),
        licences=tuple(_licence(licence) for licence in one.all_licences),
        accounts=tuple(sorted(one.accounts)),
        excluded=one.excluded,  # type: ignore[arg-type]  # the same three fields
    )


def _licence(one: License) -> Licence:
    return Licence(
        license_id=one.license_id,
        uploader_id=one.licensee.uploader_id,
        community_id=one.licensee.community_id,
        territories=one.territories,
        excerpt_ms_max=one.excerpt_ms_max if one.use is License.Use.EXCERPT else 0,
        valid_from=_at(one.valid_from),
        valid_until=_at(one.valid_until),
    )


def _at(time: datetime | None) -> int:
    return 0 if time is None else milliseconds(time)
