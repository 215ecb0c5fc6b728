"""The changelog of one unit: its state, and beside it the unit's own record, all written in one transaction.

Promises: what is restored is what the last committed transaction left; and a unit whose consumer group does not hold
what the changelog says that it was told is refused, instead of being started from nothing or decided twice.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.protocol.metadata import MetadataRequest

from services.contracts.codec import encode
from services.contracts.processor import Processor
from services.contracts.topics import changelog as topic_of
from services.runtime.clients import lone_consumer
from services.runtime.metrics import RESTORED_RECORDS
from services.runtime.planning import HOUR_MS, STATE_REMOVALS_MS
from services.runtime.settings import Settings
from services.runtime.store import Mark, Store, changelog_key, entry_of
from services.runtime.tallying import Tallies
from services.runtime.upgrading import upgraded

OWN_NAME = "unit"
OWN_KEY = changelog_key("", OWN_NAME)
"""No entry has it: keys of records are never empty."""
OWN_FORMAT = 1
# The client returns nothing while only markers of transactions are left, so the position is looked at so often.
POLL_MS = 5
# Some 20 ms of work, 100 on disk, after which heartbeats get their turn.
CHUNK_RECORDS_MAX = 10_000

log = structlog.get_logger()


class StateRefusedError(Exception):
    """Changelog and consumer group do not fit together. The message says what is known and what to do."""


class _UnfitError(Exception):
    """What a store has kept is not to be believed."""


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """What a unit keeps of itself: input offsets by topic, the time it last used, public records written so far.

    `broadcasts`: by topic the offset in each partition, in order; the group knows nothing of them. A record from
    before there were broadcasts has none, and a broadcast that has none is read from its first record on.
    `group`: the offsets that the group was last told; None: these, as in every record from before they could differ.
    `tallies`: how many there are of what is watched (see `tallying`). `lineage`: of which restore it is, if of any:
    what was on a disk before follows from other records, which stood at the same offsets. `parts`: those of the index.
    """

    offsets: dict[str, int] = field(default_factory=dict)
    now: int = 0
    written: int = 0
    format: int = OWN_FORMAT
    broadcasts: dict[str, tuple[int, ...]] = field(default_factory=dict)
    group: dict[str, int] | None = None
    tallies: Tallies | None = None
    lineage: str | None = None
    parts: int = 1

    @property
    def in_group(self) -> dict[str, int]:
        """The offsets that the group holds."""
        return self.offsets if self.group is None else self.group

    def packed(self) -> bytes:
        """Return the value of its record in the changelog."""
        return encode(self)


async def restore(settings: Settings, processor: Processor, partition: int, store: Store) -> UnitRecord | None:
    """Bring `store` up to the end of partition `partition` of the changelog; return the unit's own record, if any.

    Only what is new is read if the store has the rest. What it has is not believed if removals since then may be gone
    from the changelog, or if the changelog does not go on from there; then everything is read.
    """
    consumer, topic = lone_consumer(settings), topic_of(processor.name)
    try:
        await consumer.start()
        changelog = await _Changelog.find(consumer, processor, TopicPartition(topic, partition))
        # What a store has kept in another format is no use: it is read again, and upgraded on the way.
        mark = store.begin(f"{await _cluster_id(consumer)}/{topic}/{partition}/{processor.format}")
        try:
            if mark is not None:
                return await _catch_up(changelog, store, mark)
        except _UnfitError as error:
            log.warning("state_discarded", partition=partition, reason=str(error))
            store.clear()
        return await _read_all(changelog, store)
    finally:
        await consumer.stop()


@dataclass(frozen=True, slots=True)
class _Changelog:
    """A partition, and where it begins and ends now."""

    consumer: AIOKafkaConsumer
    processor: Processor
    at: TopicPartition
    first: int
    end: int

    @classmethod
    async def find(cls, consumer: AIOKafkaConsumer, processor: Processor, at: TopicPartition) -> Self:
        consumer.assign([at])
        consumer.seek(at, 0)
        first = (await consumer.beginning_offsets([at]))[at]
        return cls(consumer, processor, at, first, (await consumer.end_offsets([at]))[at])

    async def chunks(self, offset: int) -> AsyncIterator[Sequence[Any]]:
        """Yield the records from `offset` to the end."""
        self.consumer.seek(self.at, offset)
        while await self.consumer.position(self.at) < self.end:
            found = await self.consumer.getmany(self.at, timeout_ms=POLL_MS, max_records=CHUNK_RECORDS_MAX)
            records = found.get(self.at, ())
            RESTORED_RECORDS.inc(len(records))
            yield records
            await asyncio.sleep(0)


async def _read_all(changelog: _Changelog, store: Store) -> UnitRecord | None:
    mark = None
    async for records in changelog.chunks(changelog.first):
        mark = apply(records, changelog.processor, store) or mark
    store.apply({}, mark)
    return None if mark is None else own_of(mark)


async def _catch_up(changelog: _Changelog, store: Store, known: Mark) -> UnitRecord:
    """Read what follows the record at which the store stands, or raise `_UnfitError`.

    That record comes first, the same to the byte. Or it has been compacted away, since there is a later one.
    """
    if _is_old(own_of(known)) or not changelog.first <= known.offset < changelog.end:
        raise _UnfitError("it is old, or not within the changelog")
    mark: Mark | None = None
    is_begun = False
    async for records in changelog.chunks(known.offset):
        if records and not is_begun and _is_other(records[0], known):
            raise _UnfitError("the changelog holds another record where it stands")
        is_begun = is_begun or bool(records)
        mark = apply(records, changelog.processor, store) or mark
    if mark is None or not follows(own_of(mark), own_of(known)):
        raise _UnfitError("the changelog does not go on from there")
    store.apply({}, mark)
    return own_of(mark)


def _is_old(own: UnitRecord) -> bool:
    """Tell whether removals since then may be gone from the changelog, should clocks differ by an hour."""
    return abs(int(time.time() * 1000) - own.now) > STATE_REMOVALS_MS - HOUR_MS


def _is_other(record: Any, known: Mark) -> bool:
    """Tell whether a record stands where the unit's own stood, and is not it."""
    return record.offset == known.offset and (record.key, record.value) != (OWN_KEY, known.own)


def follows(after: UnitRecord, before: UnitRecord) -> bool:
    """Tell whether the one can have come of the other."""
    return after.lineage == before.lineage and after.now >= before.now and after.written >= before.written


def apply(records: Iterable[Any], processor: Processor, store: Store) -> Mark | None:
    """Put the records into the store, upgraded, and return the latest of the unit's own among them."""
    mark: Mark | None = None
    changes: dict[tuple[str, str], bytes | None] = {}
    for record in records:
        if record.key == OWN_KEY:
            mark = Mark(record.offset, record.value)
        else:
            key, name = entry_of(record.key)
            changes[key, name] = None if record.value is None else upgraded(processor, name, record.value)
    store.apply(changes)
    return mark


def own_of(mark: Mark) -> UnitRecord:
    """Return a unit's own record, or raise `StateRefusedError`."""
    own = msgspec.json.decode(mark.own, type=UnitRecord)
    if own.format != OWN_FORMAT:
        raise StateRefusedError(f"the unit's record is of format {own.format}, this program reads {OWN_FORMAT}")
    return own


async def _cluster_id(consumer: AIOKafkaConsumer) -> str:
    """Return by what a cluster is told from another; the topic's own id is not in any answer that the client reads."""
    client = consumer._client  # noqa: SLF001  # the consumer does not keep it
    answer = await client.send(client.get_random_node(), MetadataRequest([], False))
    return str(answer.cluster_id)


def starting_offsets(
    own: UnitRecord | None,
    committed: Mapping[str, int],
    first: Mapping[str, int],
    end: Mapping[str, int],
) -> dict[str, int]:
    """Return by topic where to start, or raise `StateRefusedError`.

    `own` stands in the changelog, with what the group was told, `committed` in the group, `first` and `end` are what
    the topics hold. A topic that was never read starts at its first record. An offset before the first one is passed
    on: retention has removed what lay there, or only markers of transactions did, and the caller says so.
    """
    own = own or UnitRecord()
    recorded = {topic: offset for topic, offset in own.offsets.items() if topic in first}
    told = {topic: offset for topic, offset in own.in_group.items() if topic in first}
    if told != committed:
        differing = sorted(topic for topic in {*told, *committed} if told.get(topic) != committed.get(topic))
        said = ", ".join(f"{topic}: {told.get(topic)} and {committed.get(topic)}" for topic in differing)
        raise StateRefusedError(
            f"the changelog and the consumer group stand at different offsets ({said}); both are written in one "
            "transaction, so one of them was lost or reset: restore it, or remove both to start from nothing"
        )
    if ahead := sorted(topic for topic, offset in recorded.items() if offset > end[topic]):
        raise StateRefusedError(f"{', '.join(ahead)} ends before what was read of it: it was made anew or cut off")
    return {topic: recorded.get(topic, offset) for topic, offset in first.items()}
