"""What the topics carry: how many bytes an event appends to each, who reads them, and what stays. Pure.

Follows from the pipeline's own list of topics, so that a topic that is added is counted once it has been measured.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from loadtest.capacity.coefficients import Coefficients
from loadtest.capacity.load import Load
from services.contracts.processor import Processor
from services.contracts.topics import DAY_MS, Cleanup, Topic, changelog


class Kept(Enum):
    """What stays of a topic."""

    DAYS = "for days"
    LATEST = "the latest of each key"
    EVER = "for years"


@dataclass(frozen=True, slots=True)
class Flow:
    """A topic. `each`: what an event appends to it, in bytes, in the order of `load.UNITS`.

    `days`: how long a record is kept; it counts for DAYS alone. `readers`: services, and the platform.
    """

    topic: str
    each: tuple[float, ...]
    readers: int
    kept: Kept
    days: float = 0.0

    def appended(self, load: Load) -> float:
        """Return the bytes that so much appends to it."""
        return sum(count * one for count, one in zip(load.events, self.each, strict=True))


def flows(known: Coefficients, pipeline: Iterable[Processor], topics: Iterable[Topic]) -> tuple[Flow, ...]:
    """Return every topic that was seen to grow. Kafka's own are compacted and read by nobody."""
    processors, by_name = tuple(pipeline), {topic.name: topic for topic in topics}
    names = sorted({name for event in known.events for name in event.topic_bytes})
    return tuple(
        Flow(
            topic=name,
            each=tuple(event.topic_bytes.get(name, 0.0) for event in known.events),
            readers=_readers(by_name.get(name), processors),
            kept=_kept(by_name.get(name)),
            days=topic.retention_ms / DAY_MS if (topic := by_name.get(name)) else 0.0,
        )
        for name in names
    )


def service_of(topic: str) -> str:
    """Return whose changelog a topic is; nobody's: empty."""
    service = topic.removesuffix(".state")
    return service if topic == changelog(service) else ""


def _readers(topic: Topic | None, processors: Iterable[Processor]) -> int:
    """Return how often each record is read: by services, and once by the platform if it is a public answer."""
    if topic is None:
        return 0
    services = sum(topic in (*each.reads, *each.broadcasts) for each in processors)
    return services + (1 if topic.public and not topic.from_world else 0)


def _kept(topic: Topic | None) -> Kept:
    if topic is None:
        return Kept.LATEST
    return {Cleanup.DELETE: Kept.DAYS, Cleanup.COMPACT: Kept.LATEST, Cleanup.KEEP: Kept.EVER}[topic.cleanup]
