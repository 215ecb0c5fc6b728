"""From Kafka to SQL: what has come is gathered for a moment, written in one transaction, and then acknowledged.

Promises: nothing is acknowledged before what it says is committed, or its dead letter is; one batch at a time, in the
order in which records came. Any error ends the process.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archivist import ARCHIVIST
from services.archivist.consumer import Place as RecordPlace
from services.archivist.entries import Recorded
from services.archivist.reading import read
from services.archivist.writing import Place, write
from services.runtime.intake import DeadLetter, UnreadableRecord
from services.runtime.metrics import (
    ARCHIVE_BATCH_SECONDS,
    ARCHIVE_LATE_SECONDS,
    BATCH_RECORDS,
    DEAD_LETTERS,
    RECORD_SECONDS,
    RECORDS_IN,
    RECORDS_OUT,
)
from services.runtime.spans import Span, Tracing, parent_of

# A transaction costs some milliseconds however small it is, so more is waited for; a page is late by so much.
GATHER_SECONDS = 0.25
# Half a second's work, so that a stop and a heartbeat are never far.
BATCH_RECORDS_MAX = 500
# What waits is in memory, twice at the most: here, and in Faust's own queue.
INBOX_RECORDS_MAX = 2 * BATCH_RECORDS_MAX

log = structlog.get_logger()


class Recording:
    """Takes events and writes what they say."""

    def __init__(
        self,
        engine: AsyncEngine,
        producer: AIOKafkaProducer,
        unreadable: set[RecordPlace],
        tracing: Tracing | None = None,
    ) -> None:
        self._engine = engine
        self._tracing = tracing
        self._producer = producer
        self._unreadable = unreadable
        self._inbox: asyncio.Queue[Any] = asyncio.Queue(INBOX_RECORDS_MAX)
        self._unwritten: deque[Any] = deque()
        """What is in there, behind what is being written."""
        self.written_at = time.monotonic()

    def oldest(self) -> dict[TopicPartition, tuple[int, int | None]]:
        """Return by partition the offset and the time, in milliseconds, of the first record that is not written yet."""
        found: dict[TopicPartition, tuple[int, int | None]] = {}
        for message in (event.message for event in self._unwritten):
            found.setdefault(TopicPartition(message.topic, message.partition), (message.offset, _at_ms(message)))
        return found

    async def take(self, event: Any) -> None:
        """Take one of Faust's events, and wait while too many wait already."""
        await self._inbox.put(event)
        self._unwritten.append(event)

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            events = await self._gather()
            began = time.monotonic()
            span = self._follow(events) if self._tracing else None
            oldest = await self._write(events)
            if span is not None:
                span.end()
            at_ms = min(oldest.values())
            for event in events:
                event.ack()
                self._unwritten.popleft()
            self.written_at = time.monotonic()
            BATCH_RECORDS.observe(len(events))
            ARCHIVE_BATCH_SECONDS.observe(self.written_at - began)
            ARCHIVE_LATE_SECONDS.set(max(0.0, time.time() - at_ms / 1000))
            for topic, oldest_ms in oldest.items():
                RECORD_SECONDS.labels(topic).observe(max(0.0, time.time() - oldest_ms / 1000))

    def _follow(self, events: Sequence[Any]) -> Span | None:
        """Begin a span for a batch, in the trace of the first of its records that is in one, linked to the others."""
        assert self._tracing  # noqa: S101  # not asked without
        return self._tracing.follow("write a batch", (parent_of(each.message.headers or ()) for each in events))

    async def _gather(self) -> Sequence[Any]:
        """Return what has come, as much as a batch takes."""
        events = [await self._inbox.get()]
        if self._inbox.qsize() < BATCH_RECORDS_MAX:
            await asyncio.sleep(GATHER_SECONDS)
        while len(events) < BATCH_RECORDS_MAX and not self._inbox.empty():
            events.append(self._inbox.get_nowait())
        return events

    async def _write(self, events: Sequence[Any]) -> dict[str, int]:
        """Write what events say and return the time of the oldest of each topic."""
        records: list[Recorded] = []
        letters: list[DeadLetter] = []
        place = Place()
        now_ms = int(time.time() * 1000)
        oldest: dict[str, int] = {}
        for event in events:
            message = event.message
            at_ms = _at_ms(message) or now_ms
            oldest[message.topic] = min(oldest.get(message.topic, now_ms), at_ms)
            place.pass_by(message.topic, message.partition, message.offset, at_ms)
            found = read(message.topic, self._as_it_came(message), at_ms, now_ms)
            (letters if isinstance(found, DeadLetter) else records).append(found)  # type: ignore[arg-type]  # by its kind
            RECORDS_IN.labels(message.topic).inc()
        await self._bury(letters)
        await write(self._engine, records, place)
        return oldest

    def _as_it_came(self, message: Any) -> Any:
        """Return the record, or what stands in for it."""
        place = (message.topic, message.partition, message.offset)
        if place not in self._unreadable:
            return message
        self._unreadable.discard(place)
        return UnreadableRecord(*place)

    async def _bury(self, letters: Sequence[DeadLetter]) -> None:
        """Write dead letters, and return when they are acknowledged."""
        sent = []
        for each in letters:
            DEAD_LETTERS.labels(each.topic.removesuffix(f".{ARCHIVIST.name}.dead")).inc()
            log.warning("dead_letter", topic=each.topic, partition=each.partition, reason=each.reason)
            batch = self._producer.create_batch()  # `send` takes none that has neither key nor value
            batch.append(key=each.key, value=each.value, timestamp=None, headers=each.headers)
            sent.append(await self._producer.send_batch(batch, each.topic, partition=each.partition))
        await asyncio.gather(*sent)
        for each in letters:
            RECORDS_OUT.labels(each.topic).inc()


def _at_ms(message: Any) -> int | None:
    """Return the time that a record bears, in milliseconds since the epoch; what cannot be read bears none."""
    return None if message.timestamp is None else round(message.timestamp * 1000)
