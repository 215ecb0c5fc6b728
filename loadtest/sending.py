"""What the generator writes to Kafka: records in batches, a partition's next one while the one before is on its way.

A batch by partition costs a fifth of a send by record. Promises: `put` never waits, so a slow broker moves no
intended time; a partition's records stay in their order; what Kafka refused is raised by `acknowledged`.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiokafka import AIOKafkaProducer

from services.runtime.address import Address, kafka_at

# Below a request's megabyte, above the few hundred uploads that come together at the highest rate.
BATCH_BYTES_MAX = 512 * 1024

STOP_SECONDS_MAX = 5.0

Place = tuple[str, int]
"""A topic's name and the number of a partition."""


class Sender:
    """Writes records to the partitions that they are put to."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._waiting: dict[Place, deque[tuple[bytes, bytes | None]]] = defaultdict(deque)
        self._writing: dict[Place, asyncio.Task[None]] = {}
        self._failed: BaseException | None = None

    def put(self, topic: str, partition: int, key: bytes, value: bytes | None) -> None:
        """Write a record as soon as its partition takes one."""
        place = (topic, partition)
        self._waiting[place].append((key, value))
        if place not in self._writing:
            self._writing[place] = asyncio.create_task(self._write_all(place))

    async def acknowledged(self) -> None:
        """Wait until Kafka has all that was put; raise the first error that there was."""
        while self._writing:
            await asyncio.wait(self._writing.values())
        if self._failed is not None:
            raise self._failed

    async def _write_all(self, place: Place) -> None:
        try:
            while waiting := self._waiting[place]:
                await self._write(place, waiting)
        except Exception as error:  # noqa: BLE001  # kept for whoever waits, and raised there
            self._failed = self._failed or error
            self._waiting[place].clear()
        finally:
            del self._writing[place]

    async def _write(self, place: Place, waiting: deque[tuple[bytes, bytes | None]]) -> None:
        """Write as much of what waits as one batch takes."""
        topic, partition = place
        batch = self._producer.create_batch()
        while waiting:
            key, value = waiting[0]
            if batch.append(key=key, value=value, timestamp=None) is None:
                break
            waiting.popleft()
        await (await self._producer.send_batch(batch, topic, partition=partition))


@asynccontextmanager
async def sending(kafka: Address) -> AsyncIterator[Sender]:
    """Give a sender."""
    producer = AIOKafkaProducer(
        **kafka_at(kafka).options,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=BATCH_BYTES_MAX,
        retry_backoff_ms=10,
    )
    await producer.start()
    try:
        yield Sender(producer)
    finally:
        # What matters has been acknowledged; a broker that was told to stop at the same time takes nothing more.
        with suppress(TimeoutError):
            await asyncio.wait_for(producer.stop(), STOP_SECONDS_MAX)
