"""Everybody else, while something large goes on: uploads at an even rate until told to stop, and how long each waited.

The truth about an upload is told when it is sent, since how many there will be is not known beforehand.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from loadtest.latency import Latencies, Percentiles
from loadtest.schedule import Schedule, lateness, send_on_time
from loadtest.session import Session
from loadtest.stock import Stock

# No round takes longer, and what is planned takes memory; the uploads that are not sent are not expected.
SECONDS_MAX = 1_200.0
UPLOADS_MAX = 1_000_000


class Others:
    """What they were sent, and when each was meant to be."""

    def __init__(self, session: Session, stock: Stock, rate: float, seed: int, listed: float = 0.0) -> None:
        """Plan them; `listed`: the share of uploads whose content is listed."""
        self._session = session
        self._stock = stock
        self._schedule = Schedule(rate, min(UPLOADS_MAX, round(rate * SECONDS_MAX)), 0.0)
        self._chosen = stock.choose(self._schedule.count, listed, seed)
        self._numbers = session.new_uploads(self._schedule.count)
        self._late: list[float] = []

    async def run(self) -> None:
        """Send until cancelled."""
        self._schedule = Schedule(self._schedule.rate, self._schedule.count, time.monotonic())
        await send_on_time(self._schedule, self._send)

    def waited(self, since: float, until: float) -> Latencies:
        """Return the latencies of what was intended between two times; what has no verdict is missed, not counted."""
        latencies = Latencies()
        for place in self._places(since, until):
            if at := self._session.truth.at[self._numbers[place]]:
                latencies.record(at - self._schedule.due(place))
        return latencies

    def late_ms(self, since: float, until: float) -> Percentiles:
        """Return how late the generator was with those."""
        return lateness(self._late[place] for place in self._places(since, until))

    def _places(self, since: float, until: float) -> range:
        """Return which were sent and intended between two times."""
        first = round((since - self._schedule.start) * self._schedule.rate)
        last = round((until - self._schedule.start) * self._schedule.rate)
        return range(max(0, first), min(len(self._late), last))

    def _send(self, places: range) -> None:
        for place in places:
            number, which = self._numbers[place], self._chosen[place]
            self._session.truth.expect(number, self._stock.expected[which])
            self._session.submit(number, self._stock.addresses[which])
        now = time.monotonic()
        self._late.extend(max(0.0, now - self._schedule.due(place)) for place in places)


@asynccontextmanager
async def going_on(others: Others | None) -> AsyncIterator[None]:
    """Let them go on for as long as it is entered; what they sent is answered afterwards or missed."""
    if others is None:
        yield
        return
    running = asyncio.create_task(others.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait({running})
