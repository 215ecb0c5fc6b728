"""What was ruled on bytes: that nobody may list them, or that a work's claim on them is lost.

Listings stay as they are, and so do the answers about them; but copies are told of no listing that a ruling has put
out of force, and of its work as one that has ended. So a ruling spares every copy of the bytes, those that come later
too, and a work that is registered again gains nothing by it.
"""

from collections.abc import Iterator

import xxhash
from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.decided import WorkRef
from services.contracts.inside import ContentRuled, Ended, Match
from services.matcher.state import LOST_MAX, Digest, Listing

PROTECTED_CONTENT = "PROTECTED_CONTENT"
DISPUTE_WON = "DISPUTE_WON"


def ruled(digest: Digest, fact: ContentRuled) -> Digest:
    """Return the head after a ruling. When there are too many lost claims, the oldest of a work not listed now goes.

    There is one, as there are no more listings than that: what is listed stays out of force.
    """
    if fact.protected:
        return replace(digest, protected=True)
    lost = fingerprint(fact.rightsholder_id, fact.work_id)
    if lost in digest.lost:
        return digest
    known = (*digest.lost, lost)
    if len(known) <= LOST_MAX:
        return replace(digest, lost=known)
    listed = {fingerprint(*one.work) for one in digest.listings}
    oldest = next(one for one in known if one not in listed)
    return replace(digest, lost=tuple(one for one in known if one != oldest))


def fingerprint(rightsholder_id: str, work_id: str) -> str:
    """Return what a lost claim is remembered by: 64 pairs of ids are up to 192 KiB, and the head has no room for it."""
    return xxhash.xxh3_128_hexdigest(encode(WorkRef(rightsholder_id, work_id)))


def in_force(digest: Digest) -> tuple[tuple[Match, ...], tuple[Ended, ...]]:
    """Return what copies are told: the listings in force, and the works that have ended, by a ruling too."""
    if not (digest.protected or digest.lost):
        return tuple(map(_match, digest.listings)), digest.ended
    overruled = {one.work: reason for one in digest.listings if (reason := overruling(digest, one))}
    matches = tuple(_match(one) for one in digest.listings if one.work not in overruled)
    return matches, (*digest.ended, *_ended(overruled))


def overruling(digest: Digest, listing: Listing) -> str:
    """Return the reason why a listing is out of force by a ruling; empty: it is not."""
    if digest.protected:
        return PROTECTED_CONTENT
    return DISPUTE_WON if digest.lost and fingerprint(*listing.work) in digest.lost else ""


def _match(one: Listing) -> Match:
    return Match(one.rightsholder_id, one.work_id, one.reference_id, one.likeness, one.terms)


def _ended(overruled: dict[tuple[str, str], str]) -> Iterator[Ended]:
    return (Ended(WorkRef(*work), reason) for work, reason in overruled.items())
