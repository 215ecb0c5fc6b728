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
from services.archivist.entries import Recorded
from services.archivist.reading import read
from services.archivist.writing import Place, write
from services.runtime.intake import DeadLetter
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

# A transaction costs some milliseconds however small it is, so one begins so long after the other; a page is late by so
# much, unless nothing came for as long.
GATHER_SECONDS = 0.25
# Within this time all is here that came with the first; written without it, it would wait for the next transaction.
HAND_ON_SECONDS = 0.02
# A second's work at most, so that a stop and a heartbeat are never far; of 500, writing a record cost a sixth more.
BATCH_RECORDS_MAX = 2_000
# What waits is in memory: so much here, and as much in Faust's own queue.
INBOX_RECORDS_MAX = 2 * BATCH_RECORDS_MAX

log = structlog.get_logger()


class Recording:
    """Takes events, each of them the records that were fetched together of a partition, and writes what they say."""

    def __init__(self, engine: AsyncEngine, producer: AIOKafkaProducer, tracing: Tracing | None = None) -> None:
        self._engine = engine
        self._tracing = tracing
        self._producer = producer
        self._unwritten: deque[Any] = deque()
        self._records = 0
        """So many are in there, behind and with what is being written."""
        self._came = asyncio.Event()
        self._written = asyncio.Event()
        self.written_at = time.monotonic()

    def oldest(self) -> dict[TopicPartition, tuple[int, int | None]]:
        """Return by partition the offset and the time, in milliseconds, of the first record that is not written yet."""
        found: dict[TopicPartition, tuple[int, int | None]] = {}
        for event in self._unwritten:
            first = event.value[0]
            found.setdefault(TopicPartition(first.topic, first.partition), (first.offset, first.timestamp or None))
        return found

    async def take(self, event: Any) -> None:
        """Take one of Faust's events, and wait while too many records wait already."""
        while self._records >= INBOX_RECORDS_MAX:
            self._written.clear()
            await self._written.wait()
        self._unwritten.append(event)
        self._records += len(event.value)
        self._came.set()

    async def run(self) -> None:
        """Write until cancelled."""
        began = -GATHER_SECONDS
        while True:
            events = await self._gather(began)
            began = time.monotonic()
            span = self._follow(events) if self._tracing else None
            oldest = await self._write(events)
            if span is not None:
                span.end()
            count = self._acknowledge(events)
            self.written_at = time.monotonic()
            BATCH_RECORDS.observe(count)
            ARCHIVE_BATCH_SECONDS.observe(self.written_at - began)
            ARCHIVE_LATE_SECONDS.set(max(0.0, time.time() - min(oldest.values()) / 1000))
            for topic, oldest_ms in oldest.items():
                RECORD_SECONDS.labels(topic).observe(max(0.0, time.time() - oldest_ms / 1000))

    def _follow(self, events: Sequence[Any]) -> Span | None:
        """Begin a span for a batch, in the trace of the first of its records that is in one, linked to the others."""
        assert self._tracing  # noqa: S101  # not asked without
        records = (record for event in events for record in event.value)
        return self._tracing.follow("write a batch", (parent_of(each.headers) for each in records))

    async def _gather(self, began: float) -> Sequence[Any]:
        """Return what has come, about as much as a batch takes; not too soon after the last one `began`."""
        await self._came.wait()
        if self._records < BATCH_RECORDS_MAX:
            await asyncio.sleep(max(began + GATHER_SECONDS - time.monotonic(), HAND_ON_SECONDS))
        count = 0
        events = []
        for event in self._unwritten:
            events.append(event)
            count += len(event.value)
            if count >= BATCH_RECORDS_MAX:
                break
        return events

    async def _write(self, events: Sequence[Any]) -> dict[str, int]:
        """Write what events say and return the time of the oldest of each topic."""
        records: list[Recorded] = []
        letters: list[DeadLetter] = []
        place = Place()
        now_ms = int(time.time() * 1000)
        oldest: dict[str, int] = {}
        for event in events:
            topic = event.message.topic
            for record in event.value:
                at_ms = record.timestamp or now_ms
                found = read(topic, record, at_ms, now_ms)
                (letters if isinstance(found, DeadLetter) else records).append(found)  # type: ignore[arg-type]  # by its kind
            first, last = event.value[0], event.value[-1]
            oldest[topic] = min(oldest.get(topic, now_ms), first.timestamp or now_ms)
            place.pass_by(topic, last.partition, last.offset, last.timestamp or now_ms)
            RECORDS_IN.labels(topic).inc(len(event.value))
        await self._bury(letters)
        await write(self._engine, records, place)
        return oldest

    def _acknowledge(self, events: Sequence[Any]) -> int:
        """Have Kafka know that these are written, make room for others, and return how many records they were."""
        count = sum(len(event.value) for event in events)
        for event in events:
            event.ack()
            self._unwritten.popleft()
        self._records -= count
        self._written.set()
        if not self._unwritten:
            self._came.clear()
        return count

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
