"""What was submitted under an id: remembered for a time, so that each content is answered once."""

import xxhash
from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.objections import ReviewSubmitted
from services.contracts.processor import Event, View
from services.contracts.submitted import RightsholderSubmitted, WorkSubmitted, WorkUnreadable
from services.registry.state import CONTENTS_MAX, REMEMBERED_MS, Submission

Submitted = RightsholderSubmitted | WorkSubmitted | WorkUnreadable | ReviewSubmitted


def remember(state: View, name: str, content: str, event: Event) -> Submission | None:
    """Return the entry `name` with this content added, or None if it has been answered before."""
    known: Submission | None = state.get(name)
    if known is None:
        return Submission((content,), event.now + REMEMBERED_MS)
    if content in known.contents or len(known.contents) == CONTENTS_MAX:
        return None
    return replace(known, contents=(*known.contents, content))


def content_of(fact: Submitted) -> str:
    """Return a hash of what is said, without the time that is there for display."""
    if isinstance(fact, WorkUnreadable):
        return fact.digest
    return identify(replace(fact, submitted_at=None))


def identify(*parts: object) -> str:
    """Return the id of something: xxh3_128 of what it stands for, so that it is the same however often it is made."""
    return xxhash.xxh3_128_hexdigest(b"\n".join(map(encode, parts)))
