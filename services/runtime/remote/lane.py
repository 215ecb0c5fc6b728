"""A lane for reads from elsewhere: bounded in flight, fair between hosts.

Promises: each host gets its turn whatever waits for the others, has at most its share of what is in flight unless no
other waits, and no more waiting than that it cannot fill the windows; what is beyond is refused at once.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.runtime.metrics import READS_WAITING

Work = TypeVar("Work")


@dataclass(frozen=True, slots=True)
class Terms:
    """A lane's name, and its bounds: in flight in all and one host's share of that, waiting in all and for one host."""

    name: str
    running_max: int
    host_running_max: int
    waiting_max: int
    host_waiting_max: int

    @property
    def alone_running_max(self) -> int:
        """How many a host may have in flight while no other waits: all but the share of the next that comes."""
        return self.running_max - self.host_running_max


class Lane(Generic[Work]):
    """The reads that wait, by host, and those in flight. For one event loop."""

    def __init__(self, terms: Terms, perform: Callable[[Work], Awaitable[None]]) -> None:
        """`perform` never raises; if it does, its task does."""
        self._terms = terms
        self._perform = perform
        self._waiting: OrderedDict[str, deque[Work]] = OrderedDict()
        self._count = 0
        self._running: dict[str, int] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    def submit(self, host: str, work: Work) -> bool:
        """Have it done in its host's turn; False if too much waits."""
        queue = self._waiting.get(host, ())
        if len(queue) >= self._terms.host_waiting_max or self._count >= self._terms.waiting_max:
            return False
        self._waiting.setdefault(host, deque()).append(work)
        self._count += 1
        self._start()
        return True

    def forget(self) -> None:
        """Drop what waits."""
        self._waiting.clear()
        self._count = 0
        READS_WAITING.labels(self._terms.name).set(0)

    def _start(self) -> None:
        """Start what may be started, one of each host after another."""
        while len(self.tasks) < self._terms.running_max and (host := self._next()) is not None:
            work = self._waiting[host].popleft()
            self._waiting.move_to_end(host)
            if not self._waiting[host]:
                del self._waiting[host]
            self._count -= 1
            self._running[host] = self._running.get(host, 0) + 1
            self.tasks.add(asyncio.create_task(self._run(host, work)))
        READS_WAITING.labels(self._terms.name).set(self._count)

    def _next(self) -> str | None:
        """Return the host that has waited longest for its turn. There are no more hosts than allow-lists name."""
        most = self._terms.host_running_max if len(self._waiting) > 1 else self._terms.alone_running_max
        return next((host for host in self._waiting if self._running.get(host, 0) < most), None)

    async def _run(self, host: str, work: Work) -> None:
        try:
            await self._perform(work)
        finally:
            self.tasks.discard(asyncio.current_task())
            self._running[host] -= 1
            if not self._running[host]:
                del self._running[host]
            self._start()
