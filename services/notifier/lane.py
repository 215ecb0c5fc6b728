"""A receiver's lane: takes what is due, tries a bounded number at once, notes what came of it, waits to be nudged.

Promises: lanes share nothing but the database, so what one receiver does delays no other; what is in memory is bounded;
the end of a try is noted before anything else of this lane is taken.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

from services.notifier.metrics import DELIVERY_SECONDS, RECEIVER_DISABLED, TRIES
from services.notifier.receivers import Receiver
from services.notifier.schedule import PAUSES_MS, Delivered, Failed, Outcome, State, standing_after
from services.notifier.store import Claimed, Settled, Store

# What one receiver is asked at once: a dozen seconds' worth of tries that all time out are as many as it has.
TRIES_MAX = 16
# What is held for it: noting and taking cost a transaction, which waits while the archivist writes its own. If all of
# it times out, the last is tried within a minute, half of its lease.
HELD_MAX = 64
# The mail server is one for all receivers.
LETTERS_MAX = 2
# A transaction costs about as much however much it notes and takes.
GATHER_SECONDS = 0.02

Send = Callable[[Claimed], Awaitable[Outcome]]
"""Tries once; raises nothing."""

log = structlog.get_logger()


class Lane:
    """One receiver's."""

    def __init__(self, receiver: Receiver, send: Send, store: Store, pauses_ms: Sequence[int] = PAUSES_MS) -> None:
        self._receiver = receiver
        self._send = send
        self._store = store
        self._pauses_ms = pauses_ms
        self._turn = store.turn if receiver.every is None else store.turn_of_letters
        self._room = asyncio.Semaphore(TRIES_MAX)
        self._limit = HELD_MAX if receiver.written.webhook else LETTERS_MAX
        self._limit = self._limit if receiver.every is None else 1
        self._trying: set[asyncio.Task[None]] = set()
        self._settled: list[Settled] = []
        self._something = asyncio.Event()
        self._may_be_due = False
        self._is_gone = False
        self._broken: BaseException | None = None
        self._disabled_at: float | None = None
        self._is_stopping = False
        for state in State:
            TRIES.labels(receiver.id, state)

    def nudge(self) -> None:
        """Say that something may be due."""
        self._may_be_due = True
        self._something.set()

    def heed(self, at: float, *, is_disabled: bool) -> None:
        """Note whether anything is to be sent at all, as it stood at a monotonic time."""
        if is_disabled:
            self._disabled_at = at
        elif self._disabled_at is not None and at > self._disabled_at:
            self._disabled_at = None

    async def run(self) -> None:
        """Serve until told to stop; raise what a try raised, which is a bug of ours."""
        while not self._is_stopping:
            self._something.clear()
            await self._take_turn()
            await self._something.wait()
            await asyncio.sleep(GATHER_SECONDS)
            if self._broken is not None:
                raise self._broken

    def stop(self) -> None:
        """Take nothing any more. A transaction that has begun is ended, or what was tried would be tried again."""
        self._is_stopping = True
        self._something.set()

    async def drain(self, seconds: float) -> None:
        """Wait a bounded time for what is being tried, and note what came of it; the rest is broken off."""
        if self._trying:
            _, left = await asyncio.wait(self._trying, timeout=seconds)
            for task in left:
                task.cancel()
        await self._note()

    async def _take_turn(self) -> None:
        if self._is_gone:
            await self._disable()
        may_send = self._may_be_due and self._disabled_at is None
        limit = self._limit - len(self._trying) if may_send else 0
        settled, self._settled = self._settled, []
        claimed: Sequence[Claimed] = ()
        if limit > 0 or settled:
            self._may_be_due = self._may_be_due and limit <= 0
            claimed = await self._turn(self._receiver.id, settled, max(limit, 0), _now())
            self._may_be_due = self._may_be_due or len(claimed) == limit > 0
        for each in claimed:
            task = asyncio.create_task(self._try(each))
            self._trying.add(task)
            task.add_done_callback(self._ended)

    async def _try(self, claimed: Claimed) -> None:
        async with self._room:
            if self._is_stopping or self._is_gone or self._disabled_at is not None:
                self._leave(claimed)
                return
            outcome = await self._send(claimed)
        now, dice = _now(), random.random()  # noqa: S311  # jitter is no secret
        self._is_gone = self._is_gone or (isinstance(outcome, Failed) and outcome.is_gone)
        for row in claimed.rows:
            attempts = row.attempts + 1
            # One throw for all that a letter gathers, which is due again together or would come in parts.
            standing = standing_after(outcome, attempts, now, dice, self._pauses_ms)
            self._settled.append(
                Settled(row.delivery_id, standing.state, attempts, standing.next_ms or now, outcome.detail)
            )
            TRIES.labels(self._receiver.id, standing.state).inc()
            if standing.state is State.GIVEN_UP:
                log.warning("given_up", receiver=self._receiver.id, delivery=row.delivery_id, attempts=attempts)
            if isinstance(outcome, Delivered) and self._receiver.every is None:
                DELIVERY_SECONDS.labels(self._receiver.id).observe(max(0, now - row.said_ms) / 1000)

    def _leave(self, claimed: Claimed) -> None:
        """Let go of what is not tried now."""
        now = _now()
        self._settled += [
            Settled(row.delivery_id, State.WAITING, row.attempts, now, row.detail) for row in claimed.rows
        ]

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._trying.discard(task)
        if not task.cancelled():
            self._broken = self._broken or task.exception()
        self._something.set()

    async def _disable(self) -> None:
        """Take nothing any more, and give up what waits; what is being tried already ends by itself."""
        await self._note()
        now = _now()
        await self._store.disable(self._receiver.id, now)
        self._disabled_at, self._is_gone = time.monotonic(), False
        RECEIVER_DISABLED.labels(self._receiver.id).set(1)
        given_up = await self._store.give_up(self._receiver.id, now)
        log.warning("receiver_disabled", receiver=self._receiver.id, given_up=given_up)

    async def _note(self) -> None:
        settled, self._settled = self._settled, []
        if settled:
            await self._store.turn(self._receiver.id, settled, 0, _now())


def _now() -> int:
    return int(time.time() * 1000)
