"""What the exit code of a load test follows from, whatever else its report says."""

from typing import Protocol

from loadtest.truth import Tally


class Outcome(Protocol):
    """A report."""

    @property
    def void(self) -> tuple[str, ...]:
        """Why its figures mean nothing; empty if they do."""

    @property
    def truth(self) -> Tally:
        """What was missed, wrong, or said twice."""
