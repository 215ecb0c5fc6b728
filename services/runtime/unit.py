"""One unit: one partition number of all inputs, its state, and its transactions, one batch after the other.

    fence ─► restore ─► compare offsets ─► seek ─► ┌ wait for records or a timer ─► decide ─► commit ─► apply ┐
                                                   └──────────────────────────────────────────────────────────┘

Promises: the state kept here is what the last committed transaction left; a record is decided once; of what cannot be
decided, or written, the key is set aside, with an alarm (see `quarantine`), and too much of that stops this unit and no
other; records and timers both get on in every batch.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog
from aiokafka import TopicPartition

from services.contracts.processor import Processor
from services.contracts.topics import changelog, dead_letters
from services.runtime.batch import terms_of
from services.runtime.broadcasts import Broadcasts
from services.runtime.changelog import UnitRecord, restore
from services.runtime.deciding import Batched, Decider, Turn
from services.runtime.division import check_division
from services.runtime.ending import end_process
from services.runtime.first import FirstInputs
from services.runtime.inbox import Inbox, Record
from services.runtime.measuring import Measuring, Standing
from services.runtime.metrics import TIMER_LATE_SECONDS, UNITS_STOPPED
from services.runtime.quarantine import keys_aside
from services.runtime.resting import rest_seconds
from services.runtime.settings import Settings
from services.runtime.sizing import BatchSize
from services.runtime.sources import Sources
from services.runtime.spans import Tracing
from services.runtime.state_folder import open_store
from services.runtime.store import Mark, MemoryStore, Store, wake_of
from services.runtime.telling import Telling
from services.runtime.transactions import Transactions
from services.runtime.turning import Turning

# How long it goes unnoticed that a wall clock was set, by a unit that waits for a timer.
CLOCK_SECONDS_MAX = 1.0
# While a `first` input is read up to its end: markers of transactions move the position, and nothing tells.
POSITION_SECONDS = 0.005

log = structlog.get_logger()


class Unit:
    """Serves one partition number of a processor."""

    def __init__(
        self,
        processor: Processor,
        settings: Settings,
        sources: Sources,
        partitions: int,
        tracing: Tracing | None = None,
    ) -> None:
        """Take what it serves: `sources`, the inputs of its number; `partitions`: how many numbers there are."""
        self._processor = processor
        self._settings = settings
        self._sources = sources
        self._partition = sources.partition
        self._partitions = partitions
        self._size = BatchSize()
        broadcasts = [topic.name for topic in processor.broadcasts]
        background = [topic.name for topic in processor.background]
        self._inbox = Inbox([*broadcasts, *(topic.name for topic in processor.reads)], self._size.records, background)
        self._first = FirstInputs(self._inbox, [topic.name for topic in processor.first], sources, broadcasts)
        self._broadcasts = Broadcasts(settings, broadcasts, self._inbox, sources.partition)
        self._decider = Decider(processor, sources.partition, partitions, tracing)
        self._transactions = Transactions(settings, processor.name, sources.partition)
        self._store: Store = MemoryStore(terms_of(processor))
        self._own = UnitRecord()
        self._measuring = Measuring(sources.partition)
        self._deciding: Sequence[Record] = ()
        self._next: dict[str, int] = {}
        self._transaction = asyncio.Lock()
        self._active = asyncio.Event()
        self._stopped = False
        self._anew = False
        """Whether what is set aside is to be tried again: once after each start."""
        self._turning = Turning()
        self._telling = Telling()
        self._rested_at = 0.0  # by the monotonic clock: when the pause after the last transaction is over
        self._task: asyncio.Task[None] | None = None

    @property
    def is_ready(self) -> bool:
        """Tell whether the state has been restored, and the unit does not stand still."""
        return bool(self._next) and not self._stopped

    def start(self) -> None:
        """Restore, then serve, until closed."""
        self._active.set()
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._ended)

    async def suspend(self) -> None:
        """Take nothing more, and return when no transaction is open; state and producer are kept."""
        self._active.clear()
        async with self._transaction:
            if self.is_ready and self._own.in_group != self._own.offsets:
                await self._commit(Batched((), (), {}), self._own.now, leaving=True)
            self._sources.leave()
            self._broadcasts.leave()
            self._inbox.clear()
            self._first.forget()

    def resume(self) -> None:
        """Go on after a suspension; the same partitions are assigned anew."""
        self._active.set()
        self._enter()

    async def close(self) -> None:
        """Let go of everything; no transaction may be open."""
        if self._task:
            self._task.remove_done_callback(self._ended)
            self._task.cancel()
            await asyncio.wait([self._task])
        self._measuring.forget()
        await self._broadcasts.close()
        await self._transactions.close()
        self._store.close()
        UNITS_STOPPED.dec(self._stopped)
        self._sources.forget()

    def handed_on(self) -> Mapping[TopicPartition, int]:
        """Return the offsets up to which records have been handed on, by partition."""
        return self._sources.handed_on

    def hand_on(self, topic: str, records: Sequence[Record]) -> None:
        """Take what was fetched; what comes before this unit has sought its place is not for it."""
        self._sources.hand_on(self._inbox, topic, records)

    async def measure(self) -> None:
        """Show how far it is behind, whether it goes on or not."""
        await self._sources.measure(self._next, self._oldest_ms)
        if self._next:
            await self._broadcasts.measure(self._oldest_ms)

    def _oldest_ms(self, topic: str) -> int | None:
        """Return the time that the next record of a topic bears which is not committed, if it is here."""
        here = (int(record.timestamp) for record in self._deciding if record.topic == topic)
        return next(here, self._inbox.oldest_ms(topic))

    async def _run(self) -> None:
        await self._restore()
        while not self._stopped:
            await self._wait()
            async with self._transaction:
                if self._active.is_set():
                    await self._turn()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """End the process, unless this unit stands still on purpose: whatever else ends it is no bug of a record."""
        if not self._stopped:
            end_process(f"unit {self._partition} failed", None if task.cancelled() else task.exception())

    async def _restore(self) -> None:
        """Fence, then read the state, and only then the offsets: by then what was in the air is settled."""
        begun = time.perf_counter()
        name = self._processor.name
        read = (*self._processor.broadcasts, *self._processor.reads)
        dead = [dead_letters(topic.name, name) for topic in read if topic.public]
        await self._transactions.open([changelog(name), *(topic.name for topic in self._processor.writes), *dead])
        if self._settings.state_dir:
            self._store = await open_store(self._settings.state_dir, name, self._partition, terms_of(self._processor))
        own = await restore(self._settings, self._processor, self._partition, self._store)
        check_division(self._processor, self._partitions, own)
        self._own = own or UnitRecord()
        await self._broadcasts.open(self._own)
        self._next = await self._sources.starts(own)
        self._anew = bool(keys_aside(self._store))
        self._measuring.restored(begun)
        self._measuring.watch(lambda: Standing(self._store, self._own, self._time()))
        if self._active.is_set():
            self._enter()

    def _enter(self) -> None:
        """Have the records fetched that follow what is committed."""
        if self._next and not self._stopped:
            self._sources.enter(self._next)
            self._broadcasts.enter()

    async def _wait(self) -> None:
        """Return when there is something to do, and the pause since the last transaction is over."""
        await self._active.wait()
        if self._first.is_waiting:
            await asyncio.sleep(POSITION_SECONDS)
            return
        await _happens(self._inbox.arrived, self._until_timer())
        await _happens(self._inbox.filled, self._rested_at - time.monotonic())

    def _time(self) -> float:
        """Return what the clock says by which deadlines are met, in seconds since the epoch."""
        return time.time() + self._settings.clock_ahead_seconds

    def _until_timer(self) -> float:
        """Return the seconds until the next timer is due, or the next turn may be taken."""
        due = self._store.next_due()
        if due == 0:
            return self._turning.wait_seconds()
        return CLOCK_SECONDS_MAX if due is None else min(CLOCK_SECONDS_MAX, due / 1000 - self._time())

    async def _turn(self) -> None:
        """Decide one batch, commit it, and only then change the state."""
        now = max(int(self._time() * 1000), self._own.now)
        if self._inbox.has_foreground():
            self._turning.saw_others()
        self._inbox.gives_way = self._turning.gives_way
        self._deciding = records = await self._first.take()
        self._sources.make_room(self._inbox)
        self._broadcasts.make_room()
        timers = self._decider.timers(self._store, now, self._size.records, self._turning.turns())
        if records or timers or self._anew or self._telling.is_due(self._own):
            offsets, broadcasts = await self._offsets(records), await self._broadcasts.positions(records)
            await self._commit(Batched(records, timers, offsets, broadcasts, anew=self._anew), now)
            self._anew = False
        else:
            self._store.rest()

    async def _commit(self, batch: Batched, now: int, *, leaving: bool = False) -> None:
        """Decide a batch, write all that it leads to in one transaction, and only then change the state."""
        told = self._telling.offsets(self._own, batch.offsets, leaving)
        try:
            turn = self._decide(replace(batch, tells_group=bool(told)), now)
        except Exception as error:  # noqa: BLE001  # deciding is pure: what it raises is a bug on these records
            self._stand_still(error)
            return
        for timer in batch.timers:
            self._measure_timer(timer.key, timer.fact.name, now)
        begun = time.monotonic()
        written = await self._transactions.commit(turn.outgoing.records, self._sources.offsets(told))
        ended = time.monotonic()
        in_front = bool(self._processor.background) and self._inbox.gives_way
        rest = rest_seconds(ended - begun, len(batch.records), self._processor.rest_ms, in_front=in_front)
        self._rested_at = ended + rest
        self._broadcasts.committed(batch.broadcasts)
        self._next |= batch.offsets
        self._apply(turn, batch.records, written.get((changelog(self._processor.name), self._partition)))

    def _decide(self, batch: Batched, now: int) -> Turn:
        begun = time.monotonic()
        turn = self._decider.decide(self._store, self._own, batch, now)
        taken = max(len(batch.records), len(batch.timers))
        self._size.note(taken, turn.outgoing.size_bytes, time.monotonic() - begun)
        self._inbox.resize(self._size.records)
        return turn

    async def _offsets(self, records: Sequence[Record]) -> dict[str, int]:
        """Return by topic where the inputs stand after `records`, if that is further than before.

        Past the last record where nothing more waits: there are markers, which retention removes as it does records.
        """
        after = {record.topic: record.offset + 1 for record in records if record.topic in self._next}
        for topic, standing in self._next.items():
            assert after.get(topic, standing) >= standing, f"{topic} went back from {standing}"  # noqa: S101  # an invariant
            if self._inbox.is_empty(topic) and (position := await self._sources.position(topic)) > standing:
                after[topic] = position
        return after

    def _apply(self, turn: Turn, records: Sequence[Record], own_offset: int | None) -> None:
        """Change the state; the unit's own record, last of the changelog's, stands at `own_offset` if that is known."""
        self._store.apply(turn.changes, None if own_offset is None else Mark(own_offset, turn.own.packed()))
        self._own = turn.own
        self._deciding = ()
        self._measuring.committed(turn, records)

    def _measure_timer(self, key: str, name: str, now: int) -> None:
        stored = self._store.get(key, name)
        if stored and (wake := wake_of(stored)):
            TIMER_LATE_SECONDS.observe((now - wake) / 1000)

    def _stand_still(self, error: Exception) -> None:
        """Stop this unit where it is committed, say so, and let the others go on."""
        self._stopped = True
        UNITS_STOPPED.inc()
        self._sources.pause_all()
        self._broadcasts.leave()
        log.critical("unit_stopped", partition=self._partition, error=str(error), exc_info=error)


async def _happens(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set, at the latest after so many seconds."""
    if seconds <= 0 or event.is_set():
        return
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
