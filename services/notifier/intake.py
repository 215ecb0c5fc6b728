"""From the topics to deliveries: a plain consumer in a group of its own.

Promises: an offset is committed only after the database has committed what its record led to; a record that cannot be
read stops nobody, and is counted and named in the log.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.contracts.canary import is_canary
from services.contracts.codec import decode_record
from services.contracts.malformed import MalformedError
from services.contracts.topics import NOTICES_ISSUED, VERDICTS_DECIDED
from services.notifier.matching import Delivery, Fact, deliveries
from services.notifier.metrics import UNREADABLE
from services.notifier.receivers import Receiver
from services.notifier.schedule import DAY_MS
from services.notifier.store import Store
from services.runtime.clients import group_consumer
from services.runtime.metrics import RECORDS_IN
from services.runtime.settings import Settings
from services.runtime.spans import parent_of
from services.runtime.taking import Taking

TOPICS = {topic.name: topic for topic in (NOTICES_ISSUED, VERDICTS_DECIDED)}
GROUP = "notifier"
# A group that has never read, or was away until Kafka forgot it, begins with what is as old as the oldest notice that
# is kept. Verdicts are kept for ever, and nobody wants to be told of all of them.
FIRST_MS = 7 * DAY_MS
COMMIT_SECONDS = 0.5
MEASURE_SECONDS = 1.0
# A poll and a transaction end well within it; who has no partitions would wait for ever.
LAST_SECONDS = 2.0
CLOSE_SECONDS = 5.0

log = structlog.get_logger()


class Intake:
    """Takes records, puts deliveries, nudges lanes."""

    def __init__(
        self,
        settings: Settings,
        receivers: Sequence[Receiver],
        store: Store,
        nudge: Callable[[Iterable[str]], None],
        *,
        traced: bool = False,
    ) -> None:
        """Take what is needed; `traced`: deliveries go on with the traces of records."""
        self._traced = traced
        self._settings = settings
        self._receivers = receivers
        self._store = store
        self._nudge = nudge
        self._taking: Taking | None = None
        self._failure: asyncio.Future[None]

    def is_ready(self) -> bool:
        """Tell whether records are being taken."""
        return self._taking is not None and self._taking.is_assigned

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, commit, leave the group, and return; raise on any error."""
        self._failure = asyncio.get_running_loop().create_future()
        consumer = group_consumer(self._settings, GROUP)
        await consumer.start()
        consumer._fetcher._fetch_task.add_done_callback(self._end_of_fetching)  # noqa: SLF001  # else nothing tells
        self._taking = Taking(consumer, lambda: None, self._fail, lambda parts: _first(consumer, parts))
        consumer.subscribe(list(TOPICS), listener=self._taking)
        await self._serve(self._taking, stop)
        taking, self._taking = self._taking, None
        async with asyncio.timeout(CLOSE_SECONDS):
            await taking.commit()
            await consumer.stop()

    async def _serve(self, taking: Taking, stop: asyncio.Event) -> None:
        """Take until told to stop, then end what has begun; raise the first error."""
        taken: asyncio.Future[Any] = asyncio.create_task(self._take(taking, stop))
        beside: set[asyncio.Future[Any]] = {
            asyncio.create_task(_every(COMMIT_SECONDS, taking.commit)),
            asyncio.create_task(_every(MEASURE_SECONDS, taking.measure)),
        }
        told: asyncio.Future[Any] = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait({self._failure, taken, told, *beside}, return_when=asyncio.FIRST_COMPLETED)
        if told in done:
            await asyncio.wait({taken}, timeout=LAST_SECONDS)
        for task in {taken, told, *beside} - done:
            task.cancel()
        for ended in done:
            await ended

    async def _take(self, taking: Taking, stop: asyncio.Event) -> None:
        while not stop.is_set():
            taken = await taking.take()
            await self._put([record for _, records in taken for record in records])
            for window, records in taken:
                for record in records:
                    window.finish(record.offset)

    async def _put(self, records: Sequence[Any]) -> None:
        """Put what records lead to, all in one transaction: each may have to wait for another process's."""
        now = int(time.time() * 1000)
        found: list[Delivery] = []
        for record in records:
            RECORDS_IN.labels(record.topic).inc()
            fact = fact_of(record)
            if fact is not None:
                traceparent = parent_of(record.headers).decode(errors="replace") if self._traced else None
                found += deliveries(fact, self._receivers, now, traceparent or None)
        if found:
            await self._store.put(found)
            self._nudge({each.receiver for each in found if each.next_ms <= now})

    def _end_of_fetching(self, task: asyncio.Task[None]) -> None:
        """Fail when the consumer's own task ends: polls would return nothing for ever while heartbeats go on."""
        if not task.cancelled() and self._taking is not None:
            self._fail(task.exception() or ConnectionError("the consumer no longer fetches"))

    def _fail(self, error: BaseException) -> None:
        if not self._failure.done():
            self._failure.set_exception(error)


def fact_of(record: Any) -> Fact | None:
    """Return what a record says; None if it says that an upload was deleted, is of the canary, or cannot be read."""
    if record.value is None and record.key is not None:
        return None
    fact: Fact
    try:
        key, fact = decode_record(TOPICS[record.topic], record.key, record.value)
    except MalformedError as error:
        UNREADABLE.labels(record.topic).inc()
        at = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        log.warning("unreadable", **at, reason=error.why)
        return None
    return None if is_canary(key) else fact


async def _first(consumer: AIOKafkaConsumer, parts: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
    """Return where partitions begin for a group that has not read them."""
    since = int(time.time() * 1000) - FIRST_MS
    found = await consumer.offsets_for_times(dict.fromkeys(parts, since))
    ends = await consumer.end_offsets(list(parts))
    return {at: ends[at] if found.get(at) is None else found[at].offset for at in parts}


async def _every(seconds: float, call: Callable[[], Any]) -> None:
    """Call again and again, so long after the last call ended."""
    while True:
        await asyncio.sleep(seconds)
        await call()
