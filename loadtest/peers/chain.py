"""Processors in one process: what one says inside, the next ones hear at once, as the object that it is.

Promises, as long as nothing ends the process: the same public records as those of Staydown's services, headers
included, by the very same `decide`. Each record is followed to its end before the next one is decided, a file is read
when the hasher is asked for it, and timers are served after each batch, with all that they lead to.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from loadtest.peers.objects import Objects, ObjectsView
from services.contracts.codec import decode_record
from services.contracts.processor import Emit, Engine, Event, Processor, Woken, Worked
from services.contracts.reading import Outcome, Read
from services.contracts.topics import Topic
from services.runtime.outgoing import Envelope, Outgoing, Sendable
from services.runtime.partitioning import partition_of

Reader = Callable[[Read], Outcome]


class Link:
    """One processor, what it knows, and what it has said to the world since it was last asked."""

    def __init__(self, processor: Processor, read: Reader) -> None:
        self.objects = Objects(processor)
        self.said: list[Emit] = []
        self._processor = processor
        self._decide = processor.decide
        self._read = read if processor.engine is Engine.AT_LEAST_ONCE else None
        self._written = 0

    def decide(self, event: Event) -> Sequence[Emit]:
        """Decide one event, after the work that it takes."""
        if self._read is not None:
            job = self._processor.work(event.fact)
            if job is None:
                return ()
            worked = Worked(event.fact, self._read(job))
            event = Event(event.key, worked, event.now, event.partition, event.offset)
        decision = self._decide(ObjectsView(self.objects, event.key), event)
        if decision.changes:
            self.objects.apply(event.key, decision.changes)
        return decision.emit

    def write(self, outgoing: Outgoing, now: int) -> None:
        """Add what was said to the records to be written."""
        envelope = Envelope(self._processor.name, 0, self._written, now)
        outgoing.emit(self.said, envelope)
        self.said.clear()
        self._written = envelope.written


class Chain:
    """Decides what the world writes. `writes`: the topics that it reads; what is said on any other stays inside."""

    def __init__(self, processors: Sequence[Processor], writes: Iterable[Topic], read: Reader, partitions: int) -> None:
        self._links = [Link(processor, read) for processor in processors]
        self._hear: dict[str, list[Link]] = defaultdict(list)
        for link, processor in zip(self._links, processors, strict=True):
            for topic in (*processor.reads, *processor.broadcasts):
                self._hear[topic.name].append(link)
        self._writes = {topic.name for topic in writes}
        self._partitions = partitions
        self._facts = 0

    def answer(
        self, records: Iterable[tuple[Topic, Sequence[Any]]], now: int
    ) -> Mapping[tuple[str, int], Sequence[Sendable]]:
        """Return what these records, and then the timers that are due, lead to, by topic and partition."""
        for topic, of_topic in records:
            for record in of_topic:
                key, fact = decode_record(topic, record.key, record.value)
                event = Event(key, fact, now, record.partition, record.offset)
                self._follow([(link, event) for link in self._hear[topic.name]])
        while woken := [(link, *at) for link in self._links for at in link.objects.due(now)]:
            for link, key, name in woken:
                self._follow([(link, Event(key, Woken(name), now, partition_of(key.encode(), self._partitions), -1))])
        outgoing = Outgoing(self._partitions)
        for link in self._links:
            link.write(outgoing, now)
        return outgoing.records

    def _follow(self, first: Iterable[tuple[Link, Event]]) -> None:
        """Decide, and decide what that leads to, in the order in which it is said."""
        waiting = deque(first)
        while waiting:
            link, event = waiting.popleft()
            for emit in link.decide(event):
                name = emit.topic.name
                if name in self._writes:
                    link.said.append(emit)
                if name in self._hear:
                    heard = self._heard(emit, event.now)
                    waiting.extend([(other, heard) for other in self._hear[name]])

    def _heard(self, emit: Emit, now: int) -> Event:
        """Return what is said as an event. Its offset is the number of all that was said, since they must grow."""
        self._facts += 1
        fact = emit.fact
        if fact is None:
            assert emit.topic.null is not None, "nobody says nothing on such a topic"  # noqa: S101  # an invariant
            fact = emit.topic.null()
        return Event(emit.key, fact, now, emit.partition or 0, self._facts)
