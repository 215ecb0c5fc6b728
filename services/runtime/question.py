"""What is asked of those who read, and how they answer."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from services.contracts.reading import Outcome, Read


class Asked(Protocol):
    """A read that somebody asked for; whatever else it carries comes back with the answer."""

    @property
    def job(self) -> Read:
        """What to read."""


Question = TypeVar("Question", bound=Asked)
Answers = Sequence[tuple[Question, Outcome]]
