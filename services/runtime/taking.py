"""Taking records as a member of a consumer group: what is assigned, where each partition stands, what is committed.

Promises: a partition's offset is committed only past records that are finished; nothing is taken between a revocation
and the next assignment, and what was in flight at a revocation is forgotten, so that it is done again by whoever gets
the partition. A partition whose window is full pauses, and the others go on.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from services.runtime.fetching import ends_if_told
from services.runtime.intake import size_of
from services.runtime.measuring import Lag
from services.runtime.metrics import IN_FLIGHT_RECORDS, REBALANCE_SECONDS, RECORDS_EXPIRED, UNITS_ASSIGNED
from services.runtime.polling import Polled, poll
from services.runtime.window import Window

# The longest that a signal to stop, or a revocation, waits for the end of a poll.
POLL_MS = 100
# Half a window, so that deciding on a batch does not hold up the heartbeat.
POLL_RECORDS_MAX = 1_000
# What is read when a partition is lost may still be finished in this time; most reads take milliseconds.
DRAIN_SECONDS = 3.0
DRAIN_POLL_SECONDS = 0.01

log = structlog.get_logger()


class Taking(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """The windows of the assigned partitions."""

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        lost: Callable[[], None],
        failed: Callable[[BaseException], None],
        first: Callable[[Collection[TopicPartition]], Awaitable[Mapping[TopicPartition, int]]] | None = None,
    ) -> None:
        """`lost` is called when all that is in flight has been forgotten, `failed` with what a callback raised.

        `first`: where a group begins that has committed nothing; without it, with the first record that there is.
        """
        self._consumer = consumer
        self._first = first or self._beginnings
        self._lost = lost
        self._failed = failed
        self._windows: dict[TopicPartition, Window] = {}
        self._paused: set[TopicPartition] = set()
        self._committed: dict[TopicPartition, int] = {}
        self._assigned = asyncio.Event()
        self._polling: asyncio.Future[Polled] | None = None
        self._lags: dict[TopicPartition, Lag] = {}
        self._stood: dict[TopicPartition, int] = {}
        """Where the partitions stood at the last revocation, until the next assignment."""
        self._let_go = time.monotonic()

    @property
    def is_assigned(self) -> bool:
        """Tell whether records are being taken."""
        return self._assigned.is_set()

    async def take(self) -> Sequence[tuple[Window, Sequence[Any]]]:
        """Return the records that have come, by window; none after a while without any."""
        await self._assigned.wait()
        self._pause_and_resume()
        windows = self._windows
        nexts = {at: window.next for at, window in windows.items()}
        self._polling = asyncio.ensure_future(poll(self._consumer, nexts, POLL_MS, POLL_RECORDS_MAX))
        try:
            found = await self._polling
        except asyncio.CancelledError:
            if self.is_assigned:
                raise  # told to stop, not revoked
            return ()
        if not self.is_assigned or self._windows is not windows:
            return ()
        return [(windows[at], _taken(windows[at], records)) for at, records in found.items()]

    async def commit(self) -> None:
        """Commit what is finished, if that is more than before."""
        positions = {at: window.position for at, window in self._windows.items()}
        new = {at: position for at, position in positions.items() if self._committed.get(at) != position}
        if not new:
            return
        try:
            await self._consumer.commit(new)
        except (CommitFailedError, IllegalStateError):
            return  # the group is being assigned anew; what is not committed will be done again
        self._committed |= {at: position for at, position in new.items() if at in self._windows}

    async def measure(self) -> None:
        """Set the gauges; of what is being assigned anew, by what a broker says, until it is known who has it."""
        IN_FLIGHT_RECORDS.set(sum(len(window) for window in self._windows.values()))
        for at, window in [*self._windows.items()]:
            # What follows the last record may be a transaction's marker, which nobody takes.
            place = window.position if len(window) else max(window.next, await self._consumer.position(at))
            if at in self._windows:
                self._lags[at].show(place, self._consumer.highwater(at), window.oldest_ms)
        ends = await ends_if_told(self._consumer, self._stood) if self._stood else {}
        for at, place in self._stood.items():
            self._lags[at].show(place, ends.get(at))

    async def drain(self) -> None:
        """Wait a bounded time until nothing is in flight, and commit."""
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while any(len(window) for window in self._windows.values()):  # noqa: ASYNC110  # rare; spares an event
                    await asyncio.sleep(DRAIN_POLL_SECONDS)
        except TimeoutError:
            pass  # slow reads; they will be done again
        await self.commit()

    async def on_partitions_revoked(self, _revoked: set[TopicPartition]) -> None:
        """Stop taking, finish what can be finished soon, commit, forget the rest."""
        try:
            self._assigned.clear()
            self._let_go = time.monotonic()
            if self._polling is not None:
                self._polling.cancel()  # it would wait for the next assignment, which waits for this method
            await self.drain()
            self._stood = {at: window.position for at, window in self._windows.items()}
            self._windows, self._committed, self._paused = {}, {}, set()
            self._lost()
        except BaseException as error:  # noqa: BLE001  # aiokafka would only log it
            self._failed(error)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Start where the group stands, then take."""
        try:
            starts = await self._starts(assigned)
            self._measure_these(assigned)
            self._windows = {at: Window(start) for at, start in starts.items()}
            for at, start in starts.items():
                self._consumer.seek(at, start)
            REBALANCE_SECONDS.observe(time.monotonic() - self._let_go)
            UNITS_ASSIGNED.set(len({at.partition for at in assigned}))
            log.info("assigned", partitions=sorted(f"{at.topic}:{at.partition}" for at in assigned))
            self._assigned.set()
        except BaseException as error:  # noqa: BLE001  # aiokafka would only log it
            self._failed(error)

    async def _starts(self, assigned: set[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Return the offset to start from: what is committed, or the first that is to be taken.

        Retention may have removed what nobody took. That is said and counted, and no reason to stand still: who
        asked and got no answer asks again.
        """
        if not assigned:
            return {}
        first = await self._beginnings(assigned)
        committed = dict(zip(assigned, await asyncio.gather(*map(self._consumer.committed, assigned)), strict=True))
        new = [at for at, offset in committed.items() if offset is None]
        starts = dict(await self._first(new)) if new else {}
        for at, offset in committed.items():
            starts[at] = starts[at] if offset is None else max(offset, first[at])
            if offset is not None and offset < first[at]:
                RECORDS_EXPIRED.labels(at.topic).inc(first[at] - offset)
                log.error("expired", topic=at.topic, partition=at.partition, records=first[at] - offset)
        return starts

    async def _beginnings(self, parts: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        found: Mapping[TopicPartition, int] = await self._consumer.beginning_offsets(list(parts))
        return found

    def _measure_these(self, assigned: Collection[TopicPartition]) -> None:
        """Show the lag of what is assigned, and no more of what others have."""
        for at in self._lags.keys() - assigned:
            self._lags[at].forget()
        self._lags = {at: Lag(at.topic, at.partition) for at in assigned}
        self._stood = {}

    def _pause_and_resume(self) -> None:
        full = {at for at, window in self._windows.items() if window.is_full} - self._paused
        room = {at for at in self._paused if self._windows[at].has_room}
        if full:
            self._consumer.pause(*full)
        if room:
            self._consumer.resume(*room)
        self._paused = (self._paused | full) - room


def _taken(window: Window, records: Sequence[Any]) -> Sequence[Any]:
    return [record for record in records if window.take(record.offset, size_of(record), record.timestamp)]
