"""Faust's Kafka consumer, made as those of the other services.

Faust makes one that reads what was never committed and waits a second and a half for more; stumbles over a header that
is no UTF-8 for ever; and looks for gaps between acknowledged records, of which a compacted topic has a million. Here
records are acknowledged in their order, so the last one of a partition says it all. And each of its messages costs two
tasks, an event, a queue and its sensors; so one message is all that was fetched together of a partition.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import IllegalStateError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP

from services.runtime.clients import group_consumer
from services.runtime.pacing import Pace
from services.runtime.polling import step
from services.runtime.settings import Settings

# What is handed on together; after a record that cannot be read, so many are taken one by one.
FETCHED_RECORDS_MAX = 500
# What comes so soon after an answer comes with the next one, so a page is late by so much. Of 8,000 records a second a
# question brings 2,000 then, as many as a batch takes, and what is fetched together is handed on together.
PAUSE_SECONDS = 0.25
# Two pauses and the polls between: a question that sleeps when the client stumbles asks for what it lost in vain.
STEP_MS = 1_000
# When so many came since the last question there is more to be fetched than time to wait.
PAUSE_RECORDS_MAX = 4_000


def _pause_seconds(records: int) -> float:
    return PAUSE_SECONDS if records < PAUSE_RECORDS_MAX else 0.0


class Waiting(NamedTuple):
    """What has not been fetched of a partition: from `position`, committed up to `stable`, in all up to `end`."""

    position: int
    stable: int
    end: int


class Fetched:
    """Records of one partition, in their order, with all that Faust looks at in one: it stands where the last does."""

    key = timestamp = checksum = None
    headers: tuple[Any, ...] = ()
    timestamp_type = serialized_key_size = serialized_value_size = 0

    def __init__(self, records: Sequence[Any]) -> None:
        last = records[-1]
        self.topic, self.partition, self.offset = last.topic, last.partition, last.offset
        self.value = records


class OwnThread(AIOKafkaConsumerThread):
    """Runs the consumer."""

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        self._assignor = RoundRobinPartitionAssignor
        return group_consumer(transport.settings, self.app.conf.id, begins="earliest")

    async def on_start(self) -> None:
        """Start the consumer, and have it pause after each answer that brought something, for each broker."""
        await super().on_start()
        self._pace = Pace(self._ensure_consumer(), _pause_seconds)

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,
        max_records: int | None = None,  # noqa: ARG002  # Faust would have all
    ) -> Mapping[Any, list[Any]]:
        try:
            active = tuple(active_partitions)  # Faust changes it meanwhile, in its own thread
            nexts = {TopicPartition(*at): await consumer.position(at) for at in active}
        except IllegalStateError:
            return {}  # a partition has just been taken away
        try:
            found = await super()._fetch_records(consumer, active_partitions, timeout, FETCHED_RECORDS_MAX)
        except UnicodeDecodeError:
            found = await step(consumer, nexts, FETCHED_RECORDS_MAX, STEP_MS)
        self._pace.note(sum(map(len, found.values())))
        return {TP(*at): [Fetched(records)] for at, records in found.items()}

    async def waiting(self) -> dict[TP, Waiting]:
        """Return what has not been fetched of each assigned partition."""
        return cast(dict[TP, Waiting], await self.call_thread(self._waiting))

    async def _waiting(self) -> dict[TP, Waiting]:
        consumer = self._ensure_consumer()
        stable = {at: consumer.last_stable_offset(at) for at in consumer.assignment()}
        return {
            at: Waiting(await consumer.position(at), end, consumer.highwater(at))
            for at, end in stable.items()
            if end is not None
        }


class OwnConsumer(Consumer):
    """Hands on what was fetched."""

    _thread: OwnThread

    def _new_consumer_thread(self) -> OwnThread:
        return OwnThread(self, loop=self.loop, beacon=self.beacon)

    async def waiting(self) -> dict[TP, Waiting]:
        """Return what waits of each assigned partition, as far as is known."""
        return await self._thread.waiting()

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Keep no gaps."""

    def _new_offset(self, tp: TP) -> int | None:
        acked = self._acked[tp]
        if not acked:
            return None
        newest: int = max(acked)
        acked.clear()
        self._acked_index[tp].clear()
        return newest + 1

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Leave it to who watches the lag."""


class OwnTransport(Transport):
    """Makes the consumer."""

    Consumer = OwnConsumer
    settings: Settings
