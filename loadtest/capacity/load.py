"""What comes in, at the peak. Pure."""

from dataclasses import dataclass

DAYS_PER_YEAR = 365


@dataclass(frozen=True, slots=True)
class Load:
    """A second of the peak; a gigabyte is 10^9 bytes."""

    uploads: float
    gigabytes: float
    registrations: float
    takedowns: float
