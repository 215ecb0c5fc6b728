"""What one transaction writes: the records of a batch, encoded, by topic and partition. Pure.

Public records carry CloudEvents attributes and a trace; their ids follow from the unit and the count of what it has
written, so an id belongs to one record for ever. Promises: nothing is dropped, what no broker takes raises.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType

import xxhash

from services.contracts.codec import encode
from services.contracts.processor import Emit
from services.contracts.topics import Topic
from services.runtime.intake import DeadLetter
from services.runtime.partitioning import partition_of
from services.runtime.planning import DEAD_LETTER_BYTES_MAX, MESSAGE_BYTES_MAX
from services.runtime.spans import TRACEPARENT

# A batch's header (61), a record's lengths (at most 31 and 10 a header), and the headers of a public record.
OVERHEAD_BYTES_MAX = 1_024

Headers = list[tuple[str, bytes | None]]
"""The Kafka client takes no other sequence."""
Sendable = tuple[bytes | None, bytes | None, Headers]
"""Key, value, headers."""

_NONE: Headers = []
UNTRACED: Mapping[int, bytes] = MappingProxyType({})


class UnwritableError(Exception):
    """A record that no broker takes was to be written: a bug, since all that comes in is bounded and checked."""


def checked_size(topic: str, record: Sendable, bytes_max: int) -> int:
    """Return the bytes of key, value and headers; UnwritableError if a topic of records of `bytes_max` takes no such.

    The client would not say so: an empty batch takes a record of any size.
    """
    key, value, headers = record
    size = len(key or b"") + len(value or b"")
    for name, text in headers:
        size += len(name.encode()) + len(text or b"")
    if size > bytes_max - OVERHEAD_BYTES_MAX:
        raise UnwritableError(f"a record of {size} bytes for {topic}, key {(key or b'')[:64]!r}")
    return size


class Envelope:
    """The headers of the public records of one batch."""

    def __init__(self, service: str, partition: int, written: int, now: int) -> None:
        """`written`: how many public records this unit wrote before; `now`: milliseconds since the epoch."""
        self.written = written
        self._unit = f"{service}-{partition}-"
        at = datetime.fromtimestamp(now / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        seed = f"{self._unit}{written}-{now}".encode()
        self._fixed = (
            ("ce_specversion", b"1.0"),
            ("ce_source", f"/staydown/{service}".encode()),
            ("ce_time", at.encode()),
        )
        self._untraced = (TRACEPARENT, _traceparent(seed))

    def headers(self, topic: Topic, traceparent: bytes | None = None) -> Headers:
        """Return the headers of the next record, which goes to `topic`; without a trace, one that nobody records."""
        identity = f"{self._unit}{self.written}"
        self.written += 1
        traced = self._untraced if traceparent is None else (TRACEPARENT, traceparent)
        return [*self._fixed, traced, ("ce_id", identity.encode()), _ce_type(topic.name)]


class Outgoing:
    """The records of one transaction; each partition's in the order in which they were added."""

    def __init__(self, partitions: int) -> None:
        self.records: dict[tuple[str, int], list[Sendable]] = {}
        self.size_bytes = 0
        """Of all keys and values, and of the headers of dead letters."""
        self._partitions = partitions

    def emit(self, emits: Iterable[Emit], envelope: Envelope, traces: Mapping[int, bytes] = UNTRACED) -> None:
        """Add facts; raises `UnwritableError`. `traces`: the trace parents of those that have one, by their number."""
        for number, emit in enumerate(emits):
            key = emit.key.encode()
            partition = partition_of(key, self._partitions) if emit.partition is None else emit.partition
            value = None if emit.fact is None else encode(emit.fact)
            traceparent = traces.get(number) if traces else None
            headers = envelope.headers(emit.topic, traceparent) if emit.topic.public else traced(traceparent)
            self.add(emit.topic.name, partition, key, value, headers)

    def bury(self, letters: Iterable[DeadLetter]) -> None:
        """Add dead letters."""
        for letter in letters:
            record = (letter.key, letter.value, letter.headers)
            self.size_bytes += checked_size(letter.topic, record, DEAD_LETTER_BYTES_MAX)
            self._append(letter.topic, letter.partition, record)

    def add(self, topic: str, partition: int, key: bytes, value: bytes | None, headers: Headers = _NONE) -> None:
        """Add one record; raises `UnwritableError`. `headers` are none, or an envelope's, which the overhead covers."""
        if not 0 <= partition < self._partitions:
            raise UnwritableError(f"a record for partition {partition} of {self._partitions} of {topic}")
        self.size_bytes += checked_size(topic, (key, value, _NONE), MESSAGE_BYTES_MAX)
        self._append(topic, partition, (key, value, headers))

    def _append(self, topic: str, partition: int, record: Sendable) -> None:
        self.records.setdefault((topic, partition), []).append(record)


@cache
def _ce_type(topic: str) -> tuple[str, bytes]:
    return "ce_type", f"staydown.{topic}".encode()


def _traceparent(seed: bytes) -> bytes:
    """Return a W3C trace parent, version 00, of which all ids follow from `seed`; not sampled, as nobody records it."""
    return f"00-{xxhash.xxh3_128_hexdigest(seed)}-{xxhash.xxh3_64_hexdigest(seed)}-00".encode()


def traced(traceparent: bytes | None) -> Headers:
    """Return the headers of an inside record."""
    return _NONE if traceparent is None else [(TRACEPARENT, traceparent)]
