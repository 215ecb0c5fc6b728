"""What a drained cluster, simulated or real, has written: what the checks look at."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from services.contracts.topics import Topic


class Written(NamedTuple):
    """A decoded record of a topic's log. `step`: when it was written or could be read, for causality."""

    key: str
    fact: object | None
    partition: int
    offset: int
    step: float


class Log(Protocol):
    """All records of all topics, and all entries of all states."""

    def written(self, topic: Topic) -> list[Written]:
        """Return the log of a topic, decoded; a malformed record is left out."""

    def entries(self) -> Iterator[tuple[str, str, object]]:
        """Return (key, name, entry) for every entry of every service's state."""
