"""From records to facts: what a service said about a key, and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.client.errors import ClientError
from services.client.following import Record
from services.contracts.codec import decode_key
from services.contracts.malformed import MalformedError
from services.contracts.topics import TOPICS, Topic
from services.runtime.intake import read_record

_TOPICS = {topic.name: topic for topic in TOPICS}


@dataclass(frozen=True, slots=True)
class Said:
    """A fact of a public topic; None where it took back what was said about the key."""

    topic: Topic
    key: str
    fact: Any
    at: datetime


def said(record: Record) -> Said:
    """Return what a record says, or raise ClientError if this version cannot read it."""
    topic = _TOPICS[record.topic]
    try:
        if record.value is None:
            return Said(topic, decode_key(record.key), None, record.at)
        key, fact = read_record(topic, record)
    except MalformedError as error:
        where = f"{record.topic}, partition {record.partition}, offset {record.offset}"
        raise ClientError(f"This version cannot read the record at {where}: {error.why}.") from None
    return Said(topic, key, fact, record.at)


def said_by_anybody(record: Record) -> Said | None:
    """Return what a record of a topic that outsiders write says, or None if it cannot be read."""
    try:
        return said(record)
    except ClientError:
        return None
