"""One song with a great many copies: put up, taken down by a registration, brought back by a release.

All copies have one file, so one digest: everything about them goes through one key of the matcher, whose fan-out must
neither hold up anybody else nor grow with their number.
"""

import asyncio
from dataclasses import dataclass

from loadtest.even_load import settle_memory
from loadtest.files import MadeFile
from loadtest.form import plain
from loadtest.others import Others, going_on
from loadtest.session import Session, Status
from loadtest.stock import expected_of
from loadtest.target import Cluster, progress
from loadtest.turns import Turn, put_up, turn

# The others are going on for so long before the registration.
BEFORE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Round:
    """Down and back again."""

    down: Turn
    back: Turn


class Song:
    """The song's copies."""

    def __init__(self, session: Session, cluster: Cluster, made: MadeFile, copies: int) -> None:
        self._session = session
        self._cluster = cluster
        self._made = made
        self.numbers = session.new_uploads(copies)

    async def put_up(self) -> float:
        """Upload all copies, as fast as they are answered, and return how many seconds it took."""
        session, address = self._session, plain(self._made.uri)
        progress(f"putting up {len(self.numbers):,} copies")
        session.truth.expect_all(self.numbers, expected_of(self._made, None))
        return await put_up(session, self.numbers, lambda number: session.submit(number, address))

    async def take_down_and_bring_back(self, work_id: str, others: Others | None) -> Round:
        """Register the song and release it again, while others go on, or nobody."""
        settle_memory()
        async with going_on(others):
            if others is not None:
                await asyncio.sleep(BEFORE_SECONDS)
            progress(f"taking down {len(self.numbers):,} copies" + (", while others go on" if others else ""))
            down = await self._turn(work_id, Status.ENFORCED)
            progress(f"down in {down.seconds:.1f} s; bringing them back")
            back = await self._turn(work_id, Status.RELEASED)
        await self._session.answered()
        return Round(down, back)

    async def _turn(self, work_id: str, status: Status) -> Turn:
        session, registers = self._session, status is Status.ENFORCED
        session.truth.expect_all(self.numbers, expected_of(self._made, work_id if registers else None))

        def submit() -> float:
            return session.register(work_id, self._made) if registers else session.release(work_id)

        return await turn(session, self._cluster, self.numbers, submit, (work_id, status))
