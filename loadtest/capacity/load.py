"""What comes in, at the peak or on a day. Pure."""

from dataclasses import dataclass, fields

from loadtest.capacity.question import Question
from services.contracts.sample import KEPT_MAX, KEPT_MIN, ONE_IN
from services.runtime.scanning import UNSAMPLED_BYTES_MAX

DAYS_PER_YEAR = 365
CHUNK_BYTES = 5 * 1024 * 1024 // 200
"""Of a chunk, on average; FastCDC cuts 5 MiB into some 200 by the services' settings."""
UNITS = (
    "uploads",
    "compared",
    "chunks",
    "further parts",
    "chunks elsewhere",
    "registrations",
    "takedowns",
    "reinstatements",
)
"""What the events of a load, and of what was measured, are called, in their order."""


@dataclass(frozen=True, slots=True)
class Load:
    """So many of each; a gigabyte is 10^9 bytes.

    `compared`: uploads of more than 128 KiB. `chunks`: what their samples keep. `parts`: for each of them, the parts
    of the index that other units have. `moved`: the chunks that lie in those.
    """

    uploads: float
    compared: float
    chunks: float
    parts: float
    moved: float
    registrations: float
    takedowns: float
    reinstatements: float
    gigabytes: float

    @property
    def events(self) -> tuple[float, ...]:
        """Everything that happens, in the order of `Coefficients.events`."""
        return tuple(getattr(self, each.name) for each in fields(self))[: len(UNITS)]

    def __mul__(self, factor: float) -> "Load":
        """Return so many times all of it."""
        return Load(*(getattr(self, each.name) * factor for each in fields(self)))


def of_a_day(question: Question) -> Load:
    """Return what comes in on a day, if each upload is of another content: then all of them are compared."""
    is_compared = question.megabytes * 1e6 > UNSAMPLED_BYTES_MAX
    compared = question.uploads_per_day if is_compared else 0.0
    chunks = compared * kept_chunks(question.megabytes * 1e6)
    parts = max(1.0, question.index_parts)
    return Load(
        uploads=question.uploads_per_day,
        compared=compared,
        chunks=chunks,
        parts=compared * (parts - 1),
        moved=chunks * (1 - 1 / parts),
        registrations=question.registrations_per_day,
        takedowns=question.takedowns_per_day,
        reinstatements=question.reinstatements_per_day,
        gigabytes=question.uploads_per_day * question.megabytes / 1000,
    )


def kept_chunks(size_bytes: float) -> float:
    """Return how many chunks the sample of so large a content keeps, on average (`contracts/sample.py`)."""
    chunks = size_bytes / CHUNK_BYTES
    return min(max(chunks / ONE_IN, min(chunks, KEPT_MIN)), KEPT_MAX)
