"""Matcher: joins copies with listings on the digest of their bytes, for ever and from either side.

Reads listings.changed, contents.compared, contents.ruled and copies.changed (digest). Writes matches.found,
matches.revised (upload_id), listings.applied, resemblances.found (rightsholder_id), contents.admitted (digest). Keeps
per digest the listings with their terms, what was ruled on it, a version and how far its bytes are compared, and under
it each copy with the version it was told.
Promises: a copy is told of every listing in force, once its bytes are compared with every reference; every copy that
was there is told of every change after it; APPLIED is answered only when no copy that comes later can miss the
listing; each change of a listing is answered once.
"""

from services.contracts import topics
from services.contracts.processor import Engine, Processor
from services.matcher.decide import decide
from services.matcher.round import weight
from services.matcher.state import Copy, Digest, moved, next_wake

PROCESSOR = Processor(
    name="matcher",
    engine=Engine.EXACTLY_ONCE,
    reads=(topics.LISTINGS_CHANGED, topics.CONTENTS_COMPARED, topics.CONTENTS_RULED, topics.COPIES_CHANGED),
    writes=(
        topics.MATCHES_FOUND,
        topics.MATCHES_REVISED,
        topics.LISTINGS_APPLIED,
        topics.CONTENTS_ADMITTED,
        topics.RESEMBLANCES_FOUND,
    ),
    entries={"": Digest, "copy": Copy},
    next_wake=next_wake,
    weight=weight,
    decide=decide,
    moved=moved,
    keeps="per digest: listings (at most 64), rulings, a version, the comparison; under it each copy",
)
