"""What comes in, at the peak or on a day. Pure."""

from dataclasses import dataclass, fields

from loadtest.capacity.question import Question

DAYS_PER_YEAR = 365


@dataclass(frozen=True, slots=True)
class Load:
    """So many of each; a gigabyte is 10^9 bytes."""

    uploads: float
    gigabytes: float
    registrations: float
    takedowns: float
    reinstatements: float

    def __mul__(self, factor: float) -> "Load":
        """Return so many times all of it."""
        return Load(*(getattr(self, each.name) * factor for each in fields(self)))


def of_a_day(question: Question) -> Load:
    """Return what comes in on a day."""
    return Load(
        uploads=question.uploads_per_day,
        gigabytes=question.uploads_per_day * question.megabytes / 1000,
        registrations=question.registrations_per_day,
        takedowns=question.takedowns_per_day,
        reinstatements=question.reinstatements_per_day,
    )
