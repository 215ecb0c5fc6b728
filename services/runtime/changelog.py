"""The changelog of one unit: its state, and beside it the unit's own record, all written in one transaction.

Promises: what is restored is what the last committed transaction left; and a unit whose changelog and consumer group
do not tell of one and the same transaction is refused, instead of being started from nothing or decided twice.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.contracts.codec import encode
from services.runtime.clients import lone_consumer
from services.runtime.settings import Settings
from services.runtime.store import FORMAT_VERSION, Store, changelog_key, entry_of

OWN_NAME = "unit"
OWN_KEY = changelog_key("", OWN_NAME)
"""No entry has it: keys of records are never empty."""
# The client returns nothing while only markers of transactions are left, so the position is looked at so often.
POLL_MS = 5
# Some 20 ms of work, after which heartbeats get their turn.
CHUNK_RECORDS_MAX = 10_000


class StateRefusedError(Exception):
    """Changelog and consumer group do not fit together. The message says what is known and what to do."""


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """What a unit keeps of itself: input offsets by topic, the time it last used, public records written so far.

    `broadcasts`: by topic the offset in each partition, in order; the group knows nothing of them. A record from
    before there were broadcasts has none, and a broadcast that has none is read from its first record on.
    """

    offsets: dict[str, int] = field(default_factory=dict)
    now: int = 0
    written: int = 0
    format: int = FORMAT_VERSION
    broadcasts: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def packed(self) -> bytes:
        """Return the value of its record in the changelog."""
        return encode(self)


async def restore(settings: Settings, topic: str, partition: int, store: Store) -> UnitRecord | None:
    """Read partition `partition` of a changelog into the empty `store`; return the unit's own record, if any."""
    consumer = lone_consumer(settings)
    try:
        await consumer.start()
        return await _read_to_end(consumer, TopicPartition(topic, partition), store)
    finally:
        await consumer.stop()


async def _read_to_end(consumer: AIOKafkaConsumer, at: TopicPartition, store: Store) -> UnitRecord | None:
    consumer.assign([at])
    consumer.seek(at, (await consumer.beginning_offsets([at]))[at])
    end = (await consumer.end_offsets([at]))[at]
    own: UnitRecord | None = None
    while await consumer.position(at) < end:
        found = await consumer.getmany(at, timeout_ms=POLL_MS, max_records=CHUNK_RECORDS_MAX)
        own = _apply(found.get(at, ()), store) or own
        await asyncio.sleep(0)
    return own


def _apply(records: Iterable[Any], store: Store) -> UnitRecord | None:
    """Put the records into the store and return the latest own record among them."""
    own: UnitRecord | None = None
    changes: dict[tuple[str, str], bytes | None] = {}
    for record in records:
        if record.key == OWN_KEY:
            own = msgspec.json.decode(record.value, type=UnitRecord)
            if own.format != FORMAT_VERSION:
                raise StateRefusedError(
                    f"the unit's record is of format {own.format}, this program reads {FORMAT_VERSION}"
                )
        else:
            changes[entry_of(record.key)] = record.value
    store.apply(changes)
    return own


def starting_offsets(
    own: UnitRecord | None,
    committed: Mapping[str, int],
    first: Mapping[str, int],
    end: Mapping[str, int],
) -> dict[str, int]:
    """Return by topic where to start, or raise `StateRefusedError`.

    `own` stands in the changelog, `committed` in the group, `first` and `end` are what the topics hold. A topic that
    was never read starts at its first record. An offset before the first one is passed on: retention has removed
    what lay there, or only markers of transactions did, and the caller says so.
    """
    recorded = {topic: offset for topic, offset in (own.offsets if own else {}).items() if topic in first}
    if recorded != committed:
        differing = sorted(topic for topic in {*recorded, *committed} if recorded.get(topic) != committed.get(topic))
        said = ", ".join(f"{topic}: {recorded.get(topic)} and {committed.get(topic)}" for topic in differing)
        raise StateRefusedError(
            f"the changelog and the consumer group stand at different offsets ({said}); both are written in one "
            "transaction, so one of them was lost or reset: restore it, or remove both to start from nothing"
        )
    if ahead := sorted(topic for topic, offset in recorded.items() if offset > end[topic]):
        raise StateRefusedError(f"{', '.join(ahead)} ends before what was read of it: it was made anew or cut off")
    return {topic: recorded.get(topic, offset) for topic, offset in first.items()}
