"""Giving a dead letter to the services once more, when a version is there that can read it.

Promises: nothing is replayed that would undo something later. A replayed record is new to the services and would win
over what was said of its key since; so it is refused as soon as there is a later record of that key, which also makes
every record replayed once at most; and when the record that was set aside is kept no longer, since nobody can tell then
what followed it. (Somebody who submits at this very moment may still come before it.)
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.client.errors import ClientError
from services.client.following import Place, Record, following
from services.client.headers import Headers
from services.client.submitting import Sender, Sent
from services.contracts.codec import decode_key
from services.contracts.topics import Topic
from services.runtime.address import Address

REPLAYED_FROM = "staydown-replayed-from"
ADDED = frozenset(f"staydown-{what}" for what in ("reason", "field", "topic", "partition", "offset", "service", "at"))
"""What a service adds when it sets a record aside; a signature's headers are the sender's own."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter: the record as it came, and where it stood."""

    topic: Topic
    record: Record
    origin: Place


def letter_of(topic: Topic, record: Record) -> Letter:
    """Return a dead letter of a topic; ClientError if it does not say where it is from."""
    said: Mapping[str, bytes | None] = dict(record.headers)
    try:
        partition, offset = (int((said[f"staydown-{what}"] or b"").decode()) for what in ("partition", "offset"))
    except (KeyError, ValueError):
        raise ClientError("This record does not say where it comes from, so it is no dead letter.") from None
    return Letter(topic, record, Place(topic.name, partition, offset))


def headers_of(letter: Letter) -> Headers:
    """Return the headers of the replayed record: those it came with, and where it stood."""
    origin = f"{letter.origin.topic}/{letter.origin.partition}/{letter.origin.offset}"
    came = [header for header in letter.record.headers if header[0] not in ADDED]
    return [*came, (REPLAYED_FROM, origin.encode())]


async def replay(kafka: Address, sender: Sender, letter: Letter) -> Sent:
    """Send the record of a dead letter to its topic anew, or raise ClientError if a later one of its key is there."""
    later = await _later(kafka, letter)
    if later is not None:
        raise ClientError(
            f"There is a later record of this key, at partition {later.partition}, offset {later.offset} of "
            f"{letter.topic.name}: a replay would undo it, so submit what is to hold now instead."
        )
    key = decode_key(letter.record.key)
    return await sender.send_as_it_is(letter.topic, key, letter.record.value, headers_of(letter))


async def _later(kafka: Address, letter: Letter) -> Record | None:
    """Return a record of the same key that was written after this one; all of a key stand in one partition."""
    was_seen = False
    async with following(kafka, (letter.topic.name,), place=letter.origin) as follower:
        async for record in follower.until_present_end():
            if record.partition != letter.origin.partition:
                continue
            was_seen = was_seen or record.offset == letter.origin.offset
            if record.offset > letter.origin.offset and record.key == letter.record.key:
                return record
    if not was_seen:
        raise ClientError(
            f"What came after offset {letter.origin.offset} of {letter.topic.name} is kept no longer, so nobody can "
            "tell what a replay would undo: submit what is to hold now instead."
        )
    return None
