"""What goes out of the at-least-once engine: records in batches, each with something to be done once it is written.

While a partition's batch is on its way, what comes meanwhile makes up the next one: no time is lost by waiting when
there is little to do, and batches grow by themselves when there is much. Promises: one batch of a partition at a time,
so records stay in order; an error of any of them ends the process.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2

from services.contracts.codec import encode
from services.contracts.processor import Emit
from services.runtime.intake import DeadLetter
from services.runtime.metrics import RECORDS_OUT

_POSITIVE = 0x7FFF_FFFF


class TooLargeError(Exception):
    """A record that no batch takes: a bug, since what comes in is bounded."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to write, and what to do when it is acknowledged."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    written: Callable[[], None]
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)


class Outlets:
    """One outlet for each partition that is written to. `failed` gets the first error."""

    def __init__(self, producer: AIOKafkaProducer, partitions: int, failed: Callable[[BaseException], None]) -> None:
        self._producer = producer
        self._partitions = partitions
        self._failed = failed
        self._waiting: dict[tuple[str, int], list[Outgoing]] = defaultdict(list)
        self._sending: dict[tuple[str, int], asyncio.Task[None]] = {}

    def emit(self, emits: Iterable[Emit], written: Callable[[], None]) -> None:
        """Write facts; `written` is called for each."""
        for emit in emits:
            key = emit.key.encode()
            partition = emit.partition if emit.partition is not None else self._partition_of(key)
            value = None if emit.fact is None else encode(emit.fact)
            self.put(Outgoing(emit.topic.name, partition, key, value, written))

    def bury(self, letter: DeadLetter, written: Callable[[], None]) -> None:
        """Write a dead letter."""
        self.put(Outgoing(letter.topic, letter.partition, letter.key, letter.value, written, letter.headers))

    def put(self, outgoing: Outgoing) -> None:
        """Write one record."""
        at = (outgoing.topic, outgoing.partition)
        self._waiting[at].append(outgoing)
        if at not in self._sending:
            self._sending[at] = asyncio.create_task(self._send_all(at))

    def _partition_of(self, key: bytes) -> int:
        """Return the partition that the Java client would choose."""
        return int((murmur2(key) & _POSITIVE) % self._partitions)

    async def _send_all(self, at: tuple[str, int]) -> None:
        try:
            while waiting := self._waiting.pop(at, None):
                await self._send(at, waiting)
        except Exception as error:  # noqa: BLE001  # handed on, and the process ends
            self._failed(error)
        finally:
            del self._sending[at]

    async def _send(self, at: tuple[str, int], outgoing: list[Outgoing]) -> None:
        """Write these in as many batches as it takes, one after the other."""
        topic, partition = at
        begin = 0
        while begin < len(outgoing):
            batch = self._producer.create_batch()
            end = begin
            while end < len(outgoing) and self._fits(batch, outgoing[end]):
                end += 1
            if end == begin:
                raise TooLargeError(f"a record of {len(outgoing[end].value or b'')} bytes for {topic}")
            await (await self._producer.send_batch(batch, topic, partition=partition))
            RECORDS_OUT.labels(topic).inc(end - begin)
            for each in outgoing[begin:end]:
                each.written()
            begin = end

    @staticmethod
    def _fits(batch: object, each: Outgoing) -> bool:
        taken = batch.append(key=each.key, value=each.value, timestamp=None, headers=each.headers)  # type: ignore[attr-defined]  # aiokafka's builder is not exported
        return taken is not None
