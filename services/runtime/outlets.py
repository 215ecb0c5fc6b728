"""What goes out of the at-least-once engine: records in batches, each with something to be done once it is written.

While a partition's batch is on its way, what comes meanwhile makes up the next one: no time is lost by waiting when
there is little to do, and batches grow by themselves when there is much. Promises: one batch of a partition at a time,
so records stay in order; an error of any of them ends the process, and so does a record that no broker takes.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from aiokafka import AIOKafkaProducer

from services.contracts.codec import encode
from services.contracts.processor import Emit
from services.runtime.intake import DeadLetter
from services.runtime.metrics import RECORDS_OUT
from services.runtime.outgoing import Headers, checked_size
from services.runtime.partitioning import partition_of
from services.runtime.planning import DEAD_LETTER_BYTES_MAX, MESSAGE_BYTES_MAX

_NONE: Headers = []


class Outgoing(NamedTuple):
    """One record to write, and what to do when it is acknowledged."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    written: Callable[[], None]
    headers: Headers = _NONE
    bytes_max: int = MESSAGE_BYTES_MAX


class Outlets:
    """One outlet for each partition that is written to. `failed` gets the first error."""

    def __init__(self, producer: AIOKafkaProducer, partitions: int, failed: Callable[[BaseException], None]) -> None:
        self._producer = producer
        self._partitions = partitions
        self._failed = failed
        self._waiting: dict[tuple[str, int], list[Outgoing]] = defaultdict(list)
        self._sending: dict[tuple[str, int], asyncio.Task[None]] = {}

    def emit(self, emits: Iterable[Emit], written: Callable[[], None], headers: Headers = _NONE) -> None:
        """Write facts with these headers; `written` is called for each."""
        for emit in emits:
            key = emit.key.encode()
            partition = emit.partition if emit.partition is not None else partition_of(key, self._partitions)
            value = None if emit.fact is None else encode(emit.fact)
            self.put(Outgoing(emit.topic.name, partition, key, value, written, headers))

    def bury(self, letter: DeadLetter, written: Callable[[], None]) -> None:
        """Write a dead letter."""
        record = (letter.topic, letter.partition, letter.key, letter.value, written, letter.headers)
        self.put(Outgoing(*record, bytes_max=DEAD_LETTER_BYTES_MAX))

    def put(self, outgoing: Outgoing) -> None:
        """Write one record."""
        at = (outgoing.topic, outgoing.partition)
        self._waiting[at].append(outgoing)
        if at not in self._sending:
            self._sending[at] = asyncio.create_task(self._send_all(at))

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
        for each in outgoing:
            checked_size(topic, (each.key, each.value, each.headers), each.bytes_max)
        begin = 0
        while begin < len(outgoing):
            batch = self._producer.create_batch()
            end = begin
            while end < len(outgoing) and self._fits(batch, outgoing[end]):
                end += 1
            assert end > begin, "an empty batch takes a record of any size"  # noqa: S101  # an invariant
            await (await self._producer.send_batch(batch, topic, partition=partition))
            RECORDS_OUT.labels(topic).inc(end - begin)
            for each in outgoing[begin:end]:
                each.written()
            begin = end

    @staticmethod
    def _fits(batch: object, each: Outgoing) -> bool:
        taken = batch.append(key=each.key, value=each.value, timestamp=None, headers=each.headers)  # type: ignore[attr-defined]  # aiokafka's builder is not exported
        return taken is not None
