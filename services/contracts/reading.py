"""The work that comes before the hasher's decision: reading a file, and what that can find."""

from enum import StrEnum

import xxhash
from msgspec import Struct

from services.contracts.sample import Sample
from services.contracts.types import Content

BUSY_PAUSE_MS_MIN = 1_000
BUSY_PAUSE_MS_MAX = 60_000
BUSY_MAX = 5
"""How often pauses double: from at most 2 s, so that they reach a minute."""


class Read(Struct, frozen=True):
    """A file to be read and hashed. `claimed` is what its sender says it holds; `slow` allows more time and bytes.

    `media_type` and `size_bytes` are what it was declared to be, if it was; what comes from elsewhere is held to them.
    """

    uri: str
    claimed: Content | None = None
    slow: bool = False
    media_type: str = ""
    size_bytes: int = 0


class Failure(StrEnum):
    """Why there is no content. Two are inside only and no reason of a verdict.

    SLOW: over the budget, to be asked again on the slow lane. BUSY: nobody looked at the file, because too many
    questions wait; to be asked again after `busy_pause_ms`, as if it had not been asked.
    """

    NOT_ALLOWED = "NOT_ALLOWED"
    UNSUPPORTED_SCHEME = "UNSUPPORTED_SCHEME"
    NOT_FOUND = "NOT_FOUND"
    NOT_A_FILE = "NOT_A_FILE"
    EMPTY = "EMPTY"
    CHANGED = "CHANGED"
    TOO_LARGE = "TOO_LARGE"
    TIMED_OUT = "TIMED_OUT"
    UNREACHABLE = "UNREACHABLE"
    SLOW = "SLOW"
    BUSY = "BUSY"


class Found(Struct, frozen=True):
    """The identity of what was read, and a sample of its chunks; none if its sender's word was taken for it."""

    content: Content
    sample: Sample | None = None


Outcome = Found | Failure
"""What reading found."""


def busy_pause_ms(busy: int, name: str) -> int:
    """Return how long to wait with a question that was answered BUSY, and so `busy` times before.

    At most 2 s, then twice as long each time up to a minute. From half of that to all of it, by a hash of `name`: what
    was refused at one time comes back by and by.
    """
    most = min(2 * BUSY_PAUSE_MS_MIN << busy, BUSY_PAUSE_MS_MAX)
    spread = xxhash.xxh3_64_intdigest(name.encode()) % (most // 2 + 1)
    return most // 2 + spread
