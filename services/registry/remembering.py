"""What was submitted under an id: remembered for a time, so that each content is answered once.

The first has the id's own entry, and every other one an entry that is forgotten with it: none is too many.
"""

from typing import NamedTuple

import xxhash
from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.objections import ReviewSubmitted
from services.contracts.processor import Event, View
from services.contracts.submitted import RightsholderSubmitted, WorkSubmitted, WorkUnreadable
from services.registry.state import REMEMBERED_MS, Submission

Submitted = RightsholderSubmitted | WorkSubmitted | WorkUnreadable | ReviewSubmitted


class Met(NamedTuple):
    """A content that was not met before under its id: what to remember of it, and whether another one was."""

    changes: dict[str, object | None]
    is_another: bool = False


def remember(state: View, name: str, content: str, event: Event) -> Met | None:
    """Return what to remember of a content under the id whose entry is `name`, or None if it was met before."""
    known: Submission | None = state.get(name)
    if known is None:
        return Met({name: Submission((content,), event.now + REMEMBERED_MS)})
    other = f"other/{identify(name, content)}"
    if content in known.contents or state.get(other) is not None:
        return None
    return Met({other: Submission((content,), known.until)}, is_another=True)


def content_of(fact: Submitted) -> str:
    """Return a hash of what is said, without the time that is there for display."""
    if isinstance(fact, WorkUnreadable):
        return fact.digest
    return identify(replace(fact, submitted_at=None))


def identify(*parts: object) -> str:
    """Return the id of something: xxh3_128 of what it stands for, so that it is the same however often it is made."""
    return xxhash.xxh3_128_hexdigest(b"\n".join(map(encode, parts)))
