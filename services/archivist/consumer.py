"""Faust's Kafka consumer, made as those of the other services.

Faust makes one that reads what was never committed and waits a second and a half for more; stumbles over a header that
is no UTF-8 for ever; and looks for gaps between acknowledged records, of which a compacted topic has a million. Here
records are acknowledged in their order, so the last one of a partition says it all.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import IllegalStateError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP

from services.runtime.clients import group_consumer
from services.runtime.intake import UnreadableRecord
from services.runtime.polling import step
from services.runtime.settings import Settings

Place = tuple[str, int, int]
# After a record that cannot be read, so many are taken one by one before others have their turn.
STEP_RECORDS_MAX = 500


class Waiting(NamedTuple):
    """What has not been fetched of a partition: from `position`, committed up to `stable`, in all up to `end`."""

    position: int
    stable: int
    end: int


class OwnThread(AIOKafkaConsumerThread):
    """Runs the consumer."""

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        self._assignor = RoundRobinPartitionAssignor
        return group_consumer(transport.settings, self.app.conf.id, begins="earliest")

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,
        max_records: int | None = None,
    ) -> Mapping[Any, list[Any]]:
        try:
            nexts = {TopicPartition(*at): await consumer.position(at) for at in active_partitions}
        except IllegalStateError:
            return {}  # a partition has just been taken away
        try:
            return cast(
                Mapping[Any, list[Any]], await super()._fetch_records(consumer, active_partitions, timeout, max_records)
            )
        except UnicodeDecodeError:
            found = await step(consumer, nexts, STEP_RECORDS_MAX)
            return {TP(*at): records for at, records in found.items()}

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

    def _to_message(self, tp: TP, record: Any) -> Any:
        if isinstance(record, UnreadableRecord):
            cast(OwnTransport, self.transport).unreadable.add((record.topic, record.partition, record.offset))
            record = _StandIn(record.topic, record.partition, record.offset)
        return super()._to_message(tp, record)

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
    """Makes the consumer. `unreadable`: where a record stands in for one that cannot be read."""

    Consumer = OwnConsumer
    settings: Settings
    unreadable: set[Place]


class _StandIn:
    """Stands in for a record that the Kafka client cannot read, with all that Faust looks at."""

    key = value = timestamp = checksum = None
    headers: tuple[Any, ...] = ()
    timestamp_type = serialized_key_size = serialized_value_size = 0

    def __init__(self, topic: str, partition: int, offset: int) -> None:
        self.topic, self.partition, self.offset = topic, partition, offset
