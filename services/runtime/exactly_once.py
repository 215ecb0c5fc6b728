"""The exactly-once engine: every record's effects, on state, output and offsets, in one transaction or not at all.

    one consumer of the group ─► by partition number ─► units, each with its state and its transactional producer

Promises: what a processor keeps and writes is as if each input record had been decided once, whatever is killed,
frozen or moved meanwhile. Any error of a client or broker ends the process, and the restart is the recovery.
"""

import asyncio
import gc
import time
from collections.abc import Iterable, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from services.contracts.processor import Processor
from services.runtime.assignor import CopartitionedAssignor, one_count
from services.runtime.clients import group_consumer, lone_consumer
from services.runtime.ending import end_process
from services.runtime.fetching import Fetching
from services.runtime.inbox import Record
from services.runtime.metrics import REBALANCE_SECONDS, UNITS_ASSIGNED
from services.runtime.settings import Settings
from services.runtime.sources import Sources
from services.runtime.spans import Tracing
from services.runtime.unit import Unit

# A transaction has 12 s, usually takes 10 ms; the group waits 15 s for a member that is asked to let go, and
# `staydown up` 20 s for a service that is told to stop.
SUSPEND_SECONDS_MAX = 12.5
# A batch makes some 100,000 objects that live until its commit, and hardly any cycles: with Python's 700, looking for
# these took a quarter of the time.
COLLECT_AFTER_ALLOCATIONS = 200_000
# What remains is to say good-bye; who does not is missed after the session timeout.
LEAVE_SECONDS_MAX = 3.0
MEASURE_SECONDS = 1.0

log = structlog.get_logger()


class ExactlyOnce(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Runs one processor: a member of its group, with a unit for each partition number that it is given."""

    def __init__(self, processor: Processor, settings: Settings, tracing: Tracing | None = None) -> None:
        self._processor = processor
        self._tracing = tracing
        self._settings = settings
        self._topics = [topic.name for topic in processor.reads]
        self._units: dict[int, Unit] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._assigned = False
        self._let_go = time.monotonic()
        self._consumer: AIOKafkaConsumer
        self._fetching: Fetching
        self._asking: AIOKafkaConsumer

    def is_ready(self) -> bool:
        """Tell whether all that is assigned has been restored and is served."""
        return self._assigned and all(unit.is_ready for unit in self._units.values())

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, finish the open transactions, and return."""
        gc.set_threshold(COLLECT_AFTER_ALLOCATIONS)
        assignor = CopartitionedAssignor(self._processor.parts)
        self._consumer = group_consumer(self._settings, self._processor.name, assignor)
        self._asking = lone_consumer(self._settings)
        await self._asking.start()
        await self._consumer.start()
        fetching = self._consumer._fetcher._fetch_task  # noqa: SLF001  # when it ends, getmany() is silent for ever
        fetching.add_done_callback(_ended)
        for topic in self._topics:
            await self._consumer._client._wait_on_metadata(topic)  # noqa: SLF001  # an assignment may come before it
        self._fetching = Fetching(self._consumer, [topic.name for topic in self._processor.background])
        self._consumer.subscribe(self._topics, listener=self)
        handing_on = asyncio.create_task(self._fetching.run(self._hand_on, self._handed_on))
        measuring = asyncio.create_task(self._measure())
        for task in (handing_on, measuring):
            task.add_done_callback(_ended)
        await stop.wait()
        for task in (fetching, handing_on, measuring):
            task.remove_done_callback(_ended)
        for task in (handing_on, measuring):
            task.cancel()
        await self._drain()

    async def on_partitions_revoked(self, _revoked: Iterable[TopicPartition]) -> None:
        """Finish the open transactions, and begin none; whether units are kept is seen when all is assigned."""
        try:
            self._assigned = False
            self._let_go = time.monotonic()
            await self._suspend()
        except Exception as error:  # noqa: BLE001  # aiokafka would only log it; the process ends here
            end_process("partitions could not be let go", error)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Go on with the units that are kept, close those that are gone, open the new ones."""
        try:
            self._assign(set(assigned))
        except Exception as error:  # noqa: BLE001  # aiokafka would only log it; the process ends here
            end_process("partitions could not be taken", error)

    def _assign(self, assigned: set[TopicPartition]) -> None:
        for at in assigned:  # fetching may have begun, and no unit has sought its place
            self._consumer.seek(at, 0)
            self._consumer.pause(at)
        numbers = sorted({at.partition for at in assigned})
        count = one_count({topic: len(self._consumer.partitions_for_topic(topic) or ()) for topic in self._topics})
        missing = {TopicPartition(topic, number) for topic in self._topics for number in numbers} - assigned
        assert not missing, f"assigned without {sorted(missing)}"  # noqa: S101  # an invariant
        for gone in self._units.keys() - set(numbers):
            self._close(self._units.pop(gone))
        for unit in self._units.values():
            unit.resume()
        for number in numbers:
            if number not in self._units:
                self._units[number] = self._open(number, count)
        self._assigned = True
        UNITS_ASSIGNED.set(len(numbers))
        REBALANCE_SECONDS.observe(time.monotonic() - self._let_go)
        log.info("assigned", partitions=numbers, of=count)

    def _open(self, number: int, count: int) -> Unit:
        sources = Sources(self._fetching, self._asking, self._topics, number)
        unit = Unit(self._processor, self._settings, sources, count, self._tracing)
        unit.start()
        return unit

    def _close(self, unit: Unit) -> None:
        """Close a unit that another member takes over; it need not wait, since it fences this one."""
        task = asyncio.create_task(unit.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _hand_on(self, at: TopicPartition, records: Sequence[Record]) -> None:
        if unit := self._units.get(at.partition):
            unit.hand_on(at.topic, records)

    def _handed_on(self) -> dict[TopicPartition, int]:
        return {at: offset for unit in self._units.values() for at, offset in unit.handed_on().items()}

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(MEASURE_SECONDS)
            for unit in [*self._units.values()]:
                await unit.measure()

    async def _suspend(self) -> None:
        async with asyncio.timeout(SUSPEND_SECONDS_MAX):
            await asyncio.gather(*(unit.suspend() for unit in self._units.values()))

    async def _drain(self) -> None:
        """Finish what is open, then leave; a static member stays in the group until its session ends."""
        try:
            await self._suspend()
        except TimeoutError as error:
            end_process("the open transactions could not be finished", error)
        try:
            async with asyncio.timeout(LEAVE_SECONDS_MAX):
                await self._consumer.stop()
                await self._asking.stop()
                await asyncio.gather(*self._closing, *(unit.close() for unit in self._units.values()))
        except (TimeoutError, KafkaError) as error:
            log.warning("left_silently", error=repr(error))


def _ended(task: asyncio.Task[None]) -> None:
    end_process("records are no longer fetched", None if task.cancelled() else task.exception())
