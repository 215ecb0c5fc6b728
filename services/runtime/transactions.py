"""The transactions of one unit: a producer of its own, whose start fences whoever served the unit before.

Promises: all of a transaction or nothing of it, every record acknowledged before the commit; any failure raises, and
the caller ends the process.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import InvalidProducerEpoch, ProducerFenced

from services.runtime.failed import recall, remember
from services.runtime.metrics import RECORDS_OUT, TRANSACTION_SECONDS, TRANSACTIONS
from services.runtime.outgoing import Sendable
from services.runtime.settings import Settings, client_options

# A dead owner's open transaction holds up every reader of its output for so long, unless a new owner ends it before.
TRANSACTION_TIMEOUT_MS = 10_000
# After the timeout the broker has aborted it; waiting longer gains nothing.
TRANSACTION_SECONDS_MAX = 12.0
# 100, the default, gave 125 ms per transaction at the 99th percentile, since a marker often is still being written.
RETRY_BACKOFF_MS = 5
# Some 2,000 records; larger batches gain nothing.
BATCH_BYTES_MAX = 512 * 1024


class Transactions:
    """One transaction after the other."""

    def __init__(self, settings: Settings, service: str, partition: int) -> None:
        self._group = service
        self._state_dir = settings.state_dir
        self._producer = AIOKafkaProducer(
            **client_options(settings),
            transactional_id=f"{service}-{partition}",
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
            enable_idempotence=True,
            acks="all",
            linger_ms=0,
            max_batch_size=BATCH_BYTES_MAX,
            retry_backoff_ms=RETRY_BACKOFF_MS,
        )

    async def open(self, topics: Sequence[str]) -> None:
        """Fence older owners, wait until their last transaction is settled, and learn where `topics` are."""
        for outcome, times in recall(self._state_dir, self._group).items():
            TRANSACTIONS.labels(outcome).inc(times)
        await self._producer.start()
        for topic in topics:
            await self._producer.partitions_for(topic)

    async def close(self) -> None:
        """Close the connections; nothing may be open."""
        await self._producer.stop()

    async def commit(
        self, records: Mapping[tuple[str, int], Sequence[Sendable]], offsets: Mapping[TopicPartition, int]
    ) -> dict[tuple[str, int], int]:
        """Write all of it in one transaction; without offsets when only timers were served.

        Return by topic and partition the offset of the last record; none where the client does not know.
        """
        try:
            last = await self._commit(records, offsets)
        except Exception as error:
            is_fenced = isinstance(error, ProducerFenced | InvalidProducerEpoch)
            remember(self._state_dir, self._group, "fenced" if is_fenced else "aborted")
            raise
        TRANSACTIONS.labels("committed").inc()
        for (topic, _), sent in records.items():
            RECORDS_OUT.labels(topic).inc(len(sent))
        return {place: offset for place, offset in last.items() if offset >= 0}

    async def _commit(
        self, records: Mapping[tuple[str, int], Sequence[Sendable]], offsets: Mapping[TopicPartition, int]
    ) -> dict[tuple[str, int], int]:
        """Write all of it; return by topic and partition the offset of the last record, -1 where it is unknown."""
        begun = time.perf_counter()
        async with asyncio.timeout(TRANSACTION_SECONDS_MAX):
            await self._producer.begin_transaction()
            acknowledged, counts = [], []
            for batch, topic, partition in self._batches(records):
                counts.append(batch.record_count())
                acknowledged.append(await self._producer.send_batch(batch, topic, partition=partition))
            if offsets:
                await self._producer.send_offsets_to_transaction(dict(offsets), self._group)
            # The commit would succeed although a record was refused, and the record would be gone.
            written = await asyncio.gather(*acknowledged)
            await self._producer.commit_transaction()
        TRANSACTION_SECONDS.observe(time.perf_counter() - begun)
        # A batch that the broker had already, when it was sent again, has no offset here.
        return {
            (each.topic, each.partition): each.offset + count - 1 if each.offset >= 0 else -1
            for each, count in zip(written, counts, strict=True)
        }

    def _batches(self, records: Mapping[tuple[str, int], Sequence[Sendable]]) -> Iterator[tuple[Any, str, int]]:
        """Yield batch, topic and partition: first one of each partition, since a partition's second waits for it."""
        now = int(time.time() * 1000)
        by_partition = [self._split(topic, partition, sent, now) for (topic, partition), sent in records.items()]
        return (each for each in chain.from_iterable(zip_longest(*by_partition)) if each is not None)

    def _split(
        self, topic: str, partition: int, records: Sequence[Sendable], now: int
    ) -> Iterator[tuple[Any, str, int]]:
        """Yield the partition's batches in order. An empty batch takes a record of any size."""
        batch = self._producer.create_batch()
        for key, value, headers in records:
            if batch.append(key=key, value=value, timestamp=now, headers=headers) is None:
                yield batch, topic, partition
                batch = self._producer.create_batch()
                batch.append(key=key, value=value, timestamp=now, headers=headers)
        yield batch, topic, partition
