"""What comes in: every record becomes an event, or a dead letter that says what was wrong with it.

Promises: nothing on a public topic stops a service; a dead letter carries key, value and headers as they came. A
malformed record on an inside topic is our own bug and raises.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from services.contracts.binary import PROTOBUF, json_of
from services.contracts.codec import decode_record
from services.contracts.malformed import MalformedError
from services.contracts.processor import Event, Processor
from services.contracts.topics import Topic, dead_letters
from services.contracts.types import timestamp
from services.runtime.signing import signed_part

JSON = "application/json"
CONTENT_TYPE = "content-type"
# A reason is a sentence; a hostile field name or value must not make a header that no broker takes.
HEADER_CHARACTERS_MAX = 1_000

UNREADABLE = "a header's name is not UTF-8; key and value cannot be had, and remain at the offset named here"

Headers = Sequence[tuple[str, bytes | None]]


class Record(Protocol):
    """What is needed of a Kafka client's record."""

    @property
    def key(self) -> bytes | None:
        """The key's bytes."""

    @property
    def value(self) -> bytes | None:
        """The value's bytes."""

    @property
    def headers(self) -> Headers:
        """Names and values; a name may come twice."""

    @property
    def partition(self) -> int:
        """The number of the partition."""

    @property
    def offset(self) -> int:
        """The place in the partition."""


class Stamped(Record, Protocol):
    """The same, with the time that it bears."""

    @property
    def timestamp(self) -> int:
        """When it was written, in milliseconds since the epoch."""


def size_of(record: Record) -> int:
    """Return the bytes that a record brings: key, value, and the names and values of its headers."""
    size = len(record.key or b"") + len(record.value or b"")
    for name, value in record.headers:  # mostly none, and a generator costs a microsecond
        size += len(name.encode()) + len(value or b"")
    return size


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """Stands in for a record that the Kafka client cannot read (see `polling`): only its place is known."""

    topic: str
    partition: int
    offset: int
    timestamp: int = 0
    key: bytes | None = None
    value: bytes | None = None
    headers: Headers = ()
    serialized_key_size: int = -1
    serialized_value_size: int = -1


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record for the dead letters of a topic, to be written to the partition number that it came from."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    reason: str


class UnreadableInsideError(Exception):
    """A record that one of our own services wrote cannot be read by another: a bug, never a dead letter."""


def admit(processor: Processor, topic: Topic, record: Stamped, now: int) -> Event | DeadLetter:
    """Return the event that a record is, or the dead letter that it becomes. `now`: ms since the epoch."""
    try:
        key, fact = read_record(topic, record)
    except MalformedError as error:
        if not topic.public:
            where = f"{topic.name}, partition {record.partition}, offset {record.offset}"
            raise UnreadableInsideError(f"{where}: {error.why}") from error
        return dead_letter(processor.name, topic, record, error, now)
    signed = signed_part(topic.name, record.key, record.value, record.headers) if topic.signed else None
    return Event(
        key, fact, now, record.partition, record.offset, processor.rules, signed, record.timestamp, processor.parts
    )


def read_record(topic: Topic, record: Record) -> tuple[str, Any]:
    """Return the key and the fact of a record, or raise MalformedError."""
    if isinstance(record, UnreadableRecord):
        raise MalformedError(UNREADABLE, "headers")
    value = record.value
    if value is not None and topic.from_world and is_binary(record.headers):
        value = json_of(topic.fact, value)
    return decode_record(topic, record.key, value)


def is_binary(headers: Headers) -> bool:
    """Tell whether a value is binary protobuf; without the header it is JSON. Of anything else raise MalformedError."""
    found = False
    for name, value in headers:
        if name.lower() == CONTENT_TYPE:
            kind = (value or b"").partition(b";")[0].strip().lower().decode(errors="replace")
            if kind not in ("", JSON, PROTOBUF):
                raise MalformedError(f"content-type {kind} is not read; send {JSON} or {PROTOBUF}", CONTENT_TYPE)
            found = kind == PROTOBUF
    return found


def dead_letter(service: str, topic: Topic, record: Record, error: MalformedError, now: int) -> DeadLetter:
    """Return what a service puts aside of a record that it cannot read. `now`: ms since the epoch."""
    said = {
        "staydown-reason": error.why,
        "staydown-field": error.field,
        "staydown-topic": topic.name,
        "staydown-partition": str(record.partition),
        "staydown-offset": str(record.offset),
        "staydown-service": service,
        "staydown-at": timestamp(now).isoformat().replace("+00:00", "Z"),
    }
    return DeadLetter(
        topic=dead_letters(topic.name, service),
        partition=record.partition,
        key=record.key,
        value=record.value,
        headers=[*record.headers, *((name, _header(text)) for name, text in said.items())],
        reason=error.why,
    )


def _header(text: str) -> bytes:
    return text[:HEADER_CHARACTERS_MAX].encode(errors="replace")
