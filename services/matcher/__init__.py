"""Matcher: joins copies with listings on the digest of their bytes, for ever and from either side.

Reads listings.changed and copies.changed (digest). Writes matches.found, matches.revised (upload_id), listings.applied
(rightsholder_id). Keeps per digest the listings and a version, and under it each copy with the version it was told.
Promises: a copy is told of every listing in force when it comes; every copy that was there is told of every change
after it; APPLIED is answered only when no copy that comes later can miss the listing.
"""

from services.contracts import topics
from services.contracts.processor import Engine, Processor
from services.matcher.decide import decide
from services.matcher.state import Copy, Digest, next_wake

PROCESSOR = Processor(
    name="matcher",
    engine=Engine.EXACTLY_ONCE,
    reads=(topics.LISTINGS_CHANGED, topics.COPIES_CHANGED),
    writes=(topics.MATCHES_FOUND, topics.MATCHES_REVISED, topics.LISTINGS_APPLIED),
    entries={"": Digest, "copy": Copy},
    next_wake=next_wake,
    decide=decide,
    keeps="per digest: listings (at most 64) and a version; under it each copy",
)
