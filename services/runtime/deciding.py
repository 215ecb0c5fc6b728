"""Deciding one batch of one unit: from records and timers to all that one transaction writes. Pure but for metrics.

Promises: deciding the same batch on the same state gives the same records, all ids included but those of traces;
nothing is changed here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from services.contracts.measured import Measured, Tallied
from services.contracts.processor import Event, Processor
from services.contracts.topics import changelog
from services.runtime.batch import decide_batch, woken_events
from services.runtime.changelog import OWN_KEY, UnitRecord
from services.runtime.inbox import Record
from services.runtime.intake import DeadLetter, admit
from services.runtime.outgoing import Envelope, Outgoing, UnwritableError
from services.runtime.store import TURNS_MAX, Changes, Store, changelog_key
from services.runtime.tallying import tallied
from services.runtime.tracing import Span, Tracing

# With what else a batch holds some 50 ms of work. A unit rests as long as its last transaction took, 25 to 100 ms:
# that makes 5,000 to 20,000 timers a second for each.
TIMERS_MAX = 1_000
# A turn counts as this many records: a unit that may take few takes few of either.
TURN_RECORDS = 8


@dataclass(frozen=True, slots=True)
class Batched:
    """What one transaction is about: records, timers that are due, and by topic where the inputs stand after it.

    `broadcasts`: where these stand, for each partition in order. `tells_group`: the group is told of all offsets.
    """

    records: Sequence[Record]
    timers: Sequence[Event]
    offsets: Mapping[str, int]
    broadcasts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    tells_group: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """What one transaction writes, and what becomes of the unit once it is committed.

    `measured`: what is counted then, with the span of its event if that is traced; `spans`: those that end then.
    """

    outgoing: Outgoing
    changes: Changes
    own: UnitRecord
    letters: Sequence[tuple[Record, DeadLetter]]
    measured: Sequence[tuple[Measured, Span | None]] = ()
    spans: Sequence[Span] = ()


class Decider:
    """Decides the batches of one unit."""

    def __init__(self, processor: Processor, partition: int, partitions: int, tracing: Tracing | None = None) -> None:
        self._processor = processor
        self._tracing = tracing
        self._topics = {topic.name: topic for topic in (*processor.broadcasts, *processor.reads)}
        self._broadcasts = {topic.name for topic in processor.broadcasts}
        self._writes = {topic.name for topic in processor.writes}
        self._state = changelog(processor.name)
        self._partition = partition
        self._partitions = partitions

    def timers(self, store: Store, now: int, batch_records: int, turns_max: int = TURNS_MAX) -> list[Event]:
        """Return the events for the timers that are due, as many as a batch of so many records takes."""
        turns = min(max(batch_records // TURN_RECORDS, 1), turns_max)
        limit = min(batch_records, TIMERS_MAX)
        processor = self._processor
        return woken_events(processor, store, now, self._partition, limit=limit, turns=turns, rules=processor.rules)

    def decide(self, store: Store, own: UnitRecord, batch: Batched, now: int) -> Turn:
        """Return what a batch leads to.

        Whatever is raised is a bug of ours: an inside record that cannot be read, `decide`, what cannot be written.
        """
        events, letters, spans = self._admit(batch.records, now)
        decided = decide_batch(self._processor, store, events, batch.timers)
        outgoing = Outgoing(self._partitions)
        envelope = Envelope(self._processor.name, self._partition, own.written, now)
        outgoing.emit(decided.emit, envelope, _traces(spans, decided.ends))
        if unknown := {topic for topic, _ in outgoing.records} - self._writes:
            raise UnwritableError(f"{self._processor.name} does not say that it writes {sorted(unknown)}")
        outgoing.bury(letter for _, letter in letters)
        for (key, name), value in decided.changes.items():
            outgoing.add(self._state, self._partition, changelog_key(key, name), value)
        offsets = {**own.offsets, **batch.offsets}
        changes = [each for _, each in decided.measured if isinstance(each, Tallied)]
        after = replace(
            own,
            offsets=offsets,
            broadcasts={**own.broadcasts, **batch.broadcasts},
            now=now,
            written=envelope.written,
            group=None if batch.tells_group or own.in_group == offsets else own.in_group,
            tallies=tallied(own.tallies, changes) if changes else own.tallies,
        )
        outgoing.add(self._state, self._partition, OWN_KEY, after.packed())
        measured = [(each, spans.get(number)) for number, each in decided.measured if isinstance(each, Measured)]
        return Turn(outgoing, decided.changes, after, letters, measured, [*spans.values()])

    def _admit(
        self, records: Sequence[Record], now: int
    ) -> tuple[list[Event], list[tuple[Record, DeadLetter]], dict[int, Span]]:
        """Return the events that records are, the dead letters that others become, and spans by the event's number."""
        events: list[Event] = []
        letters: list[tuple[Record, DeadLetter]] = []
        spans: dict[int, Span] = {}
        for record in records:
            topic = self._topics[record.topic]
            found = admit(self._processor, topic, record, now)
            admitted = self._as_broadcast(found) if record.topic in self._broadcasts else found
            if isinstance(admitted, Event):
                if self._tracing and (span := self._tracing.begin(topic, admitted.key, record)):
                    spans[len(events)] = span
                events.append(admitted)
            elif admitted is not None:
                letters.append((record, admitted))
        return events, letters, spans

    def _as_broadcast(self, admitted: Event | DeadLetter) -> Event | DeadLetter | None:
        """Return what this unit, one of all that read the record, makes of it: a dead letter is written by one."""
        if isinstance(admitted, DeadLetter) and admitted.partition % self._partitions != self._partition:
            return None
        if isinstance(admitted, DeadLetter):
            return replace(admitted, partition=self._partition)
        return msgspec.structs.replace(admitted, partition=self._partition)


def _traces(spans: Mapping[int, Span], ends: Sequence[int]) -> dict[int, bytes]:
    """Return the trace parents of the records that traced events led to, by their number among all."""
    return {
        emitted: span.traceparent
        for number, span in spans.items()
        for emitted in range(ends[number - 1] if number else 0, ends[number])
    }
