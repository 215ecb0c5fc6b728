"""Deciding one batch of one unit: from records and timers to all that one transaction writes. Pure but for metrics.

Promises: deciding the same batch on the same state gives the same records, all ids included but those of traces;
nothing is changed here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import msgspec

from services.contracts.codec import decode_key
from services.contracts.malformed import MalformedError
from services.contracts.measured import Measured, Tallied
from services.contracts.processor import Decision, Emit, Event, Processor
from services.contracts.topics import changelog
from services.runtime.batch import Batch, Try, UndecidableError, decide_batch, stored_form, woken_events
from services.runtime.changelog import OWN_KEY, UnitRecord
from services.runtime.inbox import Record
from services.runtime.intake import DeadLetter, UnreadableInsideError, admit
from services.runtime.outgoing import Envelope, Outgoing, UnwritableError
from services.runtime.quarantine import TIMERS, PoisonError, Quarantine
from services.runtime.spans import Span, Tracing
from services.runtime.store import TURNS_MAX, Changes, Store, changelog_key
from services.runtime.tallying import tallied

# With what else a batch holds some 50 ms of work. A unit rests as long as its last transaction took, 25 to 50 ms:
# that makes 10,000 to 20,000 timers a second for each.
TIMERS_MAX = 1_000
# A turn counts as this many records: a unit that may take few takes few of either.
TURN_RECORDS = 8


@dataclass(frozen=True, slots=True)
class Batched:
    """What one transaction is about: records, timers that are due, and by topic where the inputs stand after it.

    `broadcasts`: where these stand, for each partition in order. `tells_group`: the group is told of all offsets.
    `anew`: what is set aside is tried again.
    """

    records: Sequence[Record]
    timers: Sequence[Event]
    offsets: Mapping[str, int]
    broadcasts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    tells_group: bool = True
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What one transaction writes, and what becomes of the unit once it is committed.

    `measured`: what is counted then, with the span of its event if that is traced; `spans`: those that end then.
    `poison`: what made its key be set aside.
    """

    outgoing: Outgoing
    changes: Changes
    own: UnitRecord
    letters: Sequence[tuple[Record, DeadLetter]]
    measured: Sequence[tuple[Measured, Span | None]] = ()
    spans: Sequence[Span] = ()
    poison: Sequence[PoisonError] = ()


class Admitted(NamedTuple):
    """What the records of a batch are: events, with the places of their records, dead letters, and spans by event."""

    events: list[Event]
    places: list[int]
    letters: list[tuple[Record, DeadLetter]]
    spans: dict[int, Span]


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
        """Return what a batch leads to; the keys of what cannot be decided, or written, are set aside.

        Whatever is raised is a bug of ours that is no key's: too much of that, or a key that cannot be read.
        """
        quarantine = Quarantine(self._processor, store, anew=batch.anew)
        records = quarantine.records(batch.records)
        tried: Try | None = None
        while True:
            places = quarantine.places(records)
            timers = quarantine.timers(batch.timers)
            try:
                chosen = [records[place] for place in places]
                admitted = self._admit(chosen, now)
                decided = self._decide(store, admitted, chosen, timers, tried)
                decided.changes.update(quarantine.changes(records, batch.timers, decided.changes))
                return replace(self._turn(own, batch, now, admitted, decided), poison=quarantine.poison)
            except PoisonError as poison:
                quarantine.take(poison, places[poison.position] if poison.position < len(places) else len(records))
            except Exception:
                if tried:
                    raise
                tried = self._try  # the same again, and each decision is written for itself, which takes longer

    def _decide(
        self, store: Store, admitted: Admitted, records: Sequence[Record], timers: Sequence[Event], tried: Try | None
    ) -> Batch:
        """Return what events and timers lead to, or raise PoisonError for the first that leads to nothing."""
        try:
            return decide_batch(self._processor, store, admitted.events, timers, tried)
        except UndecidableError as error:
            for event, place in zip(admitted.events, admitted.places, strict=True):
                if event is error.event:
                    raise PoisonError(event.key, place, records[place].topic, event.offset) from error.__cause__
            raise PoisonError(error.event.key, len(records), TIMERS, -1) from error.__cause__

    def _try(self, event: Event, decision: Decision) -> None:
        """Raise if what was decided cannot be written; nothing is."""
        outgoing = Outgoing(self._partitions)
        self._emit(outgoing, decision.emit, Envelope(self._processor.name, self._partition, 0, event.now), {})
        for name, entry in decision.changes.items():
            value = None if entry is None else stored_form(self._processor, entry)
            outgoing.add(self._state, self._partition, changelog_key(event.key, name), value)

    def _emit(self, outgoing: Outgoing, emit: Sequence[Emit], envelope: Envelope, traces: Mapping[int, bytes]) -> None:
        outgoing.emit(emit, envelope, traces)
        if unknown := {topic for topic, _ in outgoing.records} - self._writes:
            raise UnwritableError(f"{self._processor.name} does not say that it writes {sorted(unknown)}")

    def _turn(self, own: UnitRecord, batch: Batched, now: int, admitted: Admitted, decided: Batch) -> Turn:
        outgoing = Outgoing(self._partitions)
        envelope = Envelope(self._processor.name, self._partition, own.written, now)
        self._emit(outgoing, decided.emit, envelope, _traces(admitted.spans, decided.ends))
        outgoing.bury(letter for _, letter in admitted.letters)
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
            parts=self._processor.parts,
        )
        outgoing.add(self._state, self._partition, OWN_KEY, after.packed())
        spans = admitted.spans
        measured = [(each, spans.get(number)) for number, each in decided.measured if isinstance(each, Measured)]
        return Turn(outgoing, decided.changes, after, admitted.letters, measured, [*spans.values()])

    def _admit(self, records: Sequence[Record], now: int) -> Admitted:
        """Return what records are, or raise PoisonError for an inside one that cannot be read but for its key."""
        admitted = Admitted([], [], [], {})
        for place, record in enumerate(records):
            topic = self._topics[record.topic]
            try:
                found = admit(self._processor, topic, record, now)
            except UnreadableInsideError as error:
                raise PoisonError(_key_of(record, error), place, record.topic, record.offset) from error
            event = self._as_broadcast(found) if record.topic in self._broadcasts else found
            if isinstance(event, Event):
                if self._tracing and (span := self._tracing.begin(topic, event.key, record)):
                    admitted.spans[len(admitted.events)] = span
                admitted.events.append(event)
                admitted.places.append(place)
            elif event is not None:
                admitted.letters.append((record, event))
        return admitted

    def _as_broadcast(self, admitted: Event | DeadLetter) -> Event | DeadLetter | None:
        """Return what this unit, one of all that read the record, makes of it: a dead letter is written by one."""
        if isinstance(admitted, DeadLetter) and admitted.partition % self._partitions != self._partition:
            return None
        if isinstance(admitted, DeadLetter):
            return replace(admitted, partition=self._partition)
        return msgspec.structs.replace(admitted, partition=self._partition)


def _key_of(record: Record, error: UnreadableInsideError) -> str:
    """Return the key of a record that cannot be read, or raise the error, if that is what cannot be read."""
    try:
        return decode_key(record.key)
    except MalformedError:
        raise error from None


def _traces(spans: Mapping[int, Span], ends: Sequence[int]) -> dict[int, bytes]:
    """Return the trace parents of the records that traced events led to, by their number among all."""
    return {
        emitted: span.traceparent
        for number, span in spans.items()
        for emitted in range(ends[number - 1] if number else 0, ends[number])
    }
