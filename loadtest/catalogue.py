"""A catalogue: many works of one rightsholder, each with some copies that are blocked, and one settlement of all of it.

All works are under one key of the registry, and each is under one of its own in the matcher: what is to be done is
spread over many keys with little under each, where one song's copies (`hot_key.py`) are all under one.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from loadtest.even_load import settle_memory
from loadtest.files import MadeFile
from loadtest.form import plain
from loadtest.others import Others, going_on
from loadtest.session import ANSWER_SECONDS_MAX, Session, Status
from loadtest.stock import expected_of
from loadtest.target import Cluster, progress
from loadtest.truth import Expected, Verdict
from loadtest.turns import IncompleteError, Turn, put_up, turn

# The others are going on for so long before the settlement.
BEFORE_SECONDS = 3.0
EVERYTHING = ""
"""The work that a receipt names which is about all of them."""
VICTIMS = ("registry", "matcher", "enforcer")
"""Who is killed, in this order: the works are met, then their copies, and each is decided last."""


class Catalogue:
    """The works, and uploads of each in turn, so that the copies of one come at different times."""

    def __init__(self, session: Session, cluster: Cluster, made: Sequence[MadeFile], uploads: int) -> None:
        self._session = session
        self._cluster = cluster
        self._made = made
        self.work_ids = [f"work-{number}" for number in range(len(made))]
        self.numbers = session.new_uploads(uploads)

    async def register(self) -> float:
        """Register every work by its digest, all at once, and return how many seconds it took to enforce all."""
        progress(f"registering {len(self._made):,} works")
        began = time.monotonic()
        for work_id, made in zip(self.work_ids, self._made, strict=True):
            self._session.register(work_id, made)
        await self._session.acknowledged()
        if not await self._session.receipts_came(self.work_ids, Status.ENFORCED):
            raise IncompleteError("Not every work was in force in time")
        return time.monotonic() - began

    async def put_up(self) -> float:
        """Upload all copies, as fast as they are blocked, and return how many seconds it took."""
        progress(f"putting up {len(self.numbers):,} copies")
        session, addresses = self._session, [plain(made.uri) for made in self._made]
        self._expect(lambda place: expected_of(self._made[place], self.work_ids[place]))
        return await put_up(
            session, self.numbers, lambda number: session.submit(number, addresses[self._place(number)])
        )

    async def settle(self, others: Others | None, *, kill: bool) -> Turn:
        """Settle everything, while others go on, or nobody, and services are killed, or none."""
        settle_memory()
        session, answer = self._session, (EVERYTHING, Status.RELEASED)
        async with going_on(others):
            if others is not None:
                await asyncio.sleep(BEFORE_SECONDS)
            progress(f"settling {len(self._made):,} works")
            self._expect(self._settled)
            async with self._killing(kill):
                back = await turn(session, self._cluster, self.numbers, session.settle, answer)
        await session.answered()
        return back

    def work_of(self, number: int) -> str:
        """Return the work that an upload is a copy of."""
        return self.work_ids[self._place(number)]

    def _place(self, number: int) -> int:
        return (number - self.numbers.start) % len(self._made)

    def _expect(self, expected: Callable[[int], Expected]) -> None:
        for place in range(len(self._made)):
            self._session.truth.expect_all(self.numbers[place :: len(self._made)], expected(place))

    def _settled(self, place: int) -> Expected:
        return Expected(Verdict.CLEAR, self._made[place].content.blake3, reasons=("SETTLED",))

    @asynccontextmanager
    async def _killing(self, kill: bool) -> AsyncIterator[None]:
        """Kill services for as long as it is entered, if they are to be; all have been when it is left in time."""
        if not kill:
            yield
            return
        self._session.truth.watch(self.numbers)
        running = asyncio.create_task(self._kill())
        try:
            yield
            await running
        finally:
            running.cancel()
            await asyncio.wait({running})

    async def _kill(self) -> None:
        """Kill each service once: at the first upload that is back, at a third of them, and at two thirds."""
        for place, victim in enumerate(VICTIMS):
            await self._are_back(max(1, place * len(self.numbers) // len(VICTIMS)))
            progress(f"killing {victim}, with {self._left():,} uploads left")
            os.kill(self._cluster.pids()[victim], signal.SIGKILL)

    async def _are_back(self, count: int) -> None:
        """Return when so many are back, or none has come back for too long."""
        left_max = len(self.numbers) - count
        await self._session.reader.until_settled(lambda: self._left() <= left_max, self._left, ANSWER_SECONDS_MAX)

    def _left(self) -> int:
        return self._session.truth.left
