"""The topics of a simulated cluster: partitions in memory, written by the world and by the processors."""

from collections import defaultdict
from typing import NamedTuple

from services.contracts.codec import decode_record, encode
from services.contracts.malformed import MalformedError
from services.contracts.processor import Emit, Event, Processor, Signed
from services.contracts.rules import Rules
from services.contracts.submitted import UploadDeleted
from services.contracts.topics import CONTENTS_DIVIDED, Topic
from services.pipeline import PIPELINE
from services.runtime.partitioning import partition_of
from services.runtime.signing import signed_part
from tests.simulator.log import Written

BEGINNING_MS = 1_700_000_000_000
"""Tuesday, 14 November 2023, in the evening: holidays and the end of a year are near."""

BROADCASTS = {topic for processor in PIPELINE for topic in processor.broadcasts}
PLACED = {*BROADCASTS, CONTENTS_DIVIDED}
"""Topics whose writers choose partitions."""


Headers = tuple[tuple[str, bytes], ...]


class Record(NamedTuple):
    """A record as it stands in a partition; `step`: when it was written, for causality; `time`: by the clock, in ms."""

    key: bytes | None
    value: bytes | None
    step: int
    time: int
    headers: Headers = ()


NO_RECORD = Record(None, None, 0, 0)
"""Stands at an offset at which there is none any more."""


class Topics:
    """The partitions of every topic, and what was not understood."""

    def __init__(self, partitions: int, rules: Rules) -> None:
        self.partitions = partitions
        self.rules = rules
        self.log: dict[tuple[str, int], list[Record]] = defaultdict(list)
        self.dead: list[tuple[str, str, str]] = []
        self.step = 0
        self.now = BEGINNING_MS

    def partition_of(self, key: str) -> int:
        """Return the partition of a key."""
        return partition_of(key.encode(), self.partitions)

    def end(self, topic: Topic, partition: int) -> int:
        """Return the offset of the record that comes next."""
        return len(self.log[topic.name, partition])

    def publish(self, topic: Topic, key: str, value: bytes | None, headers: Headers = ()) -> None:
        """Write a record as the outside world does."""
        self.write(topic, self.partition_of(key), key, value, headers)

    def last(self, topic: Topic, key: str) -> object | None:
        """Return the last fact with that key, or None."""
        for record in reversed(self.log[topic.name, self.partition_of(key)]):
            if record.key == key.encode():
                return _decoded(topic, record)[1]
        return None

    def append(self, processor: Processor, emit: Emit) -> None:
        """Write what a processor says."""
        assert emit.topic in processor.writes, f"{processor.name} does not say that it writes {emit.topic}"
        own = self.partition_of(emit.key)
        right = emit.partition in (None, own) or emit.topic in PLACED
        assert right, f"{processor.name} sends {emit.key} to the wrong partition"
        partition = own if emit.partition is None else emit.partition
        value = None if emit.fact is None else encode(emit.fact)
        self.write(emit.topic, partition, emit.key, value)

    def write(self, topic: Topic, partition: int, key: str, value: bytes | None, headers: Headers = ()) -> None:
        """Add a record to a partition."""
        self.log[topic.name, partition].append(Record(key.encode(), value, self.step, self.now, headers))

    def admit(self, processor: Processor, topic: Topic, partition: int, offset: int, unit: int) -> Event | None:
        """Return the event of a record for a unit; None if a public topic holds what cannot be understood."""
        record = self.log[topic.name, partition][offset]
        try:
            key, fact = decode_record(topic, record.key, record.value)
        except MalformedError as error:
            if not topic.public:
                raise
            self.dead.append((processor.name, topic.name, error.why))
            return None
        return Event(key, fact, 0, unit, offset, self.rules, _signed(topic, record), parts=processor.parts)

    def is_superseded(self, topic: Topic, partition: int, offset: int) -> bool:
        """Tell whether a compaction may have removed a record, because a later one has its key."""
        log = self.log[topic.name, partition]
        return any(later.key == log[offset].key for later in log[offset + 1 :])

    def written(self, topic: Topic) -> list[Written]:
        """Return the log of a topic, decoded; a malformed record is left out."""
        found = []
        for partition in range(self.partitions):
            for offset, record in enumerate(self.log[topic.name, partition]):
                if record is NO_RECORD:
                    continue
                try:
                    key, fact = _decoded(topic, record)
                except MalformedError:
                    continue
                signed = _signed(topic, record)
                found.append(Written(key, fact, partition, offset, record.step, record.time, signed))
        return found


def _signed(topic: Topic, record: Record) -> Signed | None:
    return signed_part(topic.name, record.key, record.value, record.headers) if topic.signed else None


def _decoded(topic: Topic, record: Record) -> tuple[str, object | None]:
    """Return the key and the fact; the null value of an output is None."""
    if record.value is None and not topic.from_world:
        return (record.key or b"").decode(), None
    key, fact = decode_record(topic, record.key, record.value)
    return key, None if isinstance(fact, UploadDeleted) else fact
