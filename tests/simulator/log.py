"""What a drained cluster, simulated or real, has written: what the checks look at."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol, TypeVar

from services.contracts.processor import Signed
from services.contracts.rules import Rules
from services.contracts.topics import Topic


class Written(NamedTuple):
    """A decoded record of a topic's log. `step`: when it was written or could be read, for causality.

    `time`: when it was written by the clock, in milliseconds since the epoch.
    """

    key: str
    fact: object | None
    partition: int
    offset: int
    step: float
    time: int
    signed: Signed | None = None


class Log(Protocol):
    """All records of all topics, and all entries of all states."""

    @property
    def now(self) -> int:
        """When all that was due had been done, in milliseconds since the epoch."""

    @property
    def rules(self) -> Rules:
        """The thresholds that held."""

    def written(self, topic: Topic) -> list[Written]:
        """Return the log of a topic, decoded; a malformed record is left out."""

    def entries(self) -> Iterator[tuple[str, str, object]]:
        """Return (key, name, entry) for every entry of every service's state."""


Fact = TypeVar("Fact")


class Remembered:
    """A log that decodes nothing twice."""

    def __init__(self, log: Log) -> None:
        self.now, self.rules = log.now, log.rules
        self._log = log
        self._written: dict[str, list[Written]] = {}
        self._entries: list[tuple[str, str, object]] | None = None

    def written(self, topic: Topic) -> list[Written]:
        """Return the log of a topic, decoded; a malformed record is left out."""
        if topic.name not in self._written:
            self._written[topic.name] = self._log.written(topic)
        return self._written[topic.name]

    def entries(self) -> Iterator[tuple[str, str, object]]:
        """Return (key, name, entry) for every entry of every service's state."""
        if self._entries is None:
            self._entries = list(self._log.entries())
        return iter(self._entries)


def facts(log: Log, topic: Topic, kind: type[Fact]) -> list[tuple[Written, Fact]]:
    """Return the records of a topic that hold a fact of that type, beside that fact."""
    return [(one, one.fact) for one in log.written(topic) if isinstance(one.fact, kind)]
