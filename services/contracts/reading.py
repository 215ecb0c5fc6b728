"""The work that comes before the hasher's decision: reading a file, and what that can find."""

from dataclasses import dataclass
from enum import StrEnum

from services.contracts.sample import Sample
from services.contracts.types import Content


@dataclass(frozen=True, slots=True)
class Read:
    """A file to be read and hashed. `claimed` is what its sender says it holds; `slow` allows more time and bytes.

    `media_type` and `size_bytes` are what it was declared to be, if it was; what comes from elsewhere is held to them.
    """

    uri: str
    claimed: Content | None = None
    slow: bool = False
    media_type: str = ""
    size_bytes: int = 0


class Failure(StrEnum):
    """Why there is no content. SLOW is inside only: over the budget, to be asked again on the slow lane."""

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


@dataclass(frozen=True, slots=True)
class Found:
    """The identity of what was read, and a sample of its chunks; none if its sender's word was taken for it."""

    content: Content
    sample: Sample | None = None


Outcome = Found | Failure
"""What reading found."""
