"""All lanes together: who is nudged when, what is removed in the end, and how they stop."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from services.notifier.lane import Lane, Send
from services.notifier.mail import MailSender
from services.notifier.metrics import OLDEST_SECONDS, RECEIVER_DISABLED
from services.notifier.receivers import Directory, Receiver
from services.notifier.schedule import PAUSES_MS, Outcome
from services.notifier.store import Claimed, Outlook, Store
from services.notifier.webhooks import WebhookSender
from services.runtime.spans import Span, Tracing

# How late a try may be that waits for its time, or for another process's command.
WATCH_SECONDS = 1.0
PRUNE_SECONDS = 600.0
# Below the 18 s in which `staydown up` expects a service to be gone, with what the consumer takes.
DRAIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How long lanes wait: before they look again, for what is being tried at the end, and before another try."""

    watch_seconds: float = WATCH_SECONDS
    drain_seconds: float = DRAIN_SECONDS
    pauses_ms: Sequence[int] = PAUSES_MS


PACE = Pace()


class Lanes:
    """Those of all receivers."""

    def __init__(self, by_name: Mapping[str, Lane], store: Store, pace: Pace) -> None:
        self._lanes = by_name
        self._store = store
        self._pace = pace

    def nudge(self, names: Iterable[str]) -> None:
        """Say that something may be due for these receivers."""
        for name in names:
            self._lanes[name].nudge()

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set; raise on any error."""
        lanes = self._lanes.values()
        await asyncio.gather(*(lane.run() for lane in lanes), self._watch(stop), self._prune(stop), self._end(stop))

    async def drain(self) -> None:
        """Wait a bounded time for what is being tried, and let go of the rest."""
        await asyncio.gather(*(lane.drain(self._pace.drain_seconds) for lane in self._lanes.values()))
        await self._store.let_go(_now())

    async def _end(self, stop: asyncio.Event) -> None:
        await stop.wait()
        for lane in self._lanes.values():
            lane.stop()

    async def _watch(self, stop: asyncio.Event) -> None:
        """Look again and again who has something due, how long it waits, and who is gone."""
        while not stop.is_set():
            asked_at = time.monotonic()
            for each in await self._store.outlooks():
                if each.receiver in self._lanes:
                    self._lanes[each.receiver].heed(asked_at, is_disabled=each.is_disabled)
                    await self._heed(each, _now())
            await _pause(stop, self._pace.watch_seconds)

    async def _heed(self, seen: Outlook, now: int) -> None:
        RECEIVER_DISABLED.labels(seen.receiver).set(seen.is_disabled)
        OLDEST_SECONDS.labels(seen.receiver).set(max(0, now - (seen.oldest_ms or now)) / 1000)
        if seen.is_disabled and seen.next_ms is not None:
            await self._store.give_up(seen.receiver, now)
        elif seen.next_ms is not None and seen.next_ms <= now:
            self._lanes[seen.receiver].nudge()

    async def _prune(self, stop: asyncio.Event) -> None:
        """Remove what was finished long ago, a little at a time, and give up what is for nobody."""
        while not stop.is_set():
            await self._store.expire(list(self._lanes), _now())
            removed = await self._store.prune(_now())
            await _pause(stop, self._pace.watch_seconds if removed else PRUNE_SECONDS)


@asynccontextmanager
async def lanes(
    directory: Directory, store: Store, pace: Pace = PACE, tracing: Tracing | None = None
) -> AsyncIterator[Lanes]:
    """Give the lanes of all receivers; at the end they are drained and everything is closed."""
    async with AsyncExitStack() as stack:
        by_name = {
            each.id: Lane(each, _traced(_sender(each, directory, stack), tracing), store, pace.pauses_ms)
            for each in directory.receivers
        }
        running = Lanes(by_name, store, pace)
        yield running
        await running.drain()


def _sender(
    receiver: Receiver, directory: Directory, stack: AsyncExitStack
) -> Callable[[Claimed, Span | None], Awaitable[Outcome]]:
    if receiver.written.mail:
        letters = MailSender(receiver, directory)
        return lambda claimed, _: letters.send(claimed)
    sender = WebhookSender(receiver)
    stack.push_async_callback(sender.close)
    return lambda claimed, span: sender.send(claimed.id, claimed.rows[0].body, span.traceparent if span else None)


def _traced(send: Callable[[Claimed, Span | None], Awaitable[Outcome]], tracing: Tracing | None) -> Send:
    """Return what sends, each try a span of the trace of what is told; a letter's is linked to those of all in it."""

    async def traced(claimed: Claimed) -> Outcome:
        parents = ((row.traceparent or "").encode() for row in claimed.rows)
        span = tracing.follow("deliver", parents) if tracing else None
        try:
            return await send(claimed, span)
        finally:
            if span:
                span.end()

    return traced


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until there is nothing more to do."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


def _now() -> int:
    return int(time.time() * 1000)
