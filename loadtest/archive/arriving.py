"""When facts are in the record: by the positions that the archivist commits with them, looked at again and again.

Latency is from the intended time of a fact to the look that finds it, so it is up to a look's pause too long.
"""

import asyncio
import time
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from loadtest.archive.story import Told
from loadtest.latency import Latencies
from loadtest.schedule import Schedule
from loadtest.target import LoadTestError
from services.archive.tables import POSITIONS

LOOK_SECONDS = 0.05
# When nothing has come for so long, what has not come is missed.
SILENCE_SECONDS_MAX = 60.0

Place = tuple[str, int]


class Arrivals:
    """Knows which fact has which offset, since nobody else writes, and when each was intended."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._due: dict[Place, array[float]] = defaultdict(lambda: array("d"))
        self._there: dict[Place, int] = {}

    def expect(self, told: Sequence[Told], schedule: Schedule) -> None:
        """Put down facts before they are sent, in the order in which they are."""
        for number, each in enumerate(told):
            self._due[each.topic, each.partition].append(schedule.due(number))

    async def come(self) -> Latencies:
        """Wait until all that was put down is in the record, and return how long each took."""
        latencies = Latencies()
        heard = time.monotonic()
        while missing := self._missing():
            now = time.monotonic()
            found = await positions(self._engine)
            if self._note(found, time.monotonic(), latencies):
                heard = now
            elif now - heard > SILENCE_SECONDS_MAX:
                raise LoadTestError(f"{missing:,} facts did not come into the record within {SILENCE_SECONDS_MAX:g} s.")
            await asyncio.sleep(LOOK_SECONDS)
        return latencies

    def _missing(self) -> int:
        return sum(len(due) - self._there.get(place, 0) for place, due in self._due.items())

    def _note(self, found: Mapping[Place, int], now: float, latencies: Latencies) -> bool:
        """Count what is new, and tell whether anything is."""
        is_new = False
        for place, next_offset in found.items():
            for due in self._due[place][self._there.get(place, 0) : next_offset]:
                latencies.record(now - due)
                is_new = True
            self._there[place] = next_offset
        return is_new


async def positions(engine: AsyncEngine) -> Mapping[Place, int]:
    """Return up to where each partition is in the record."""
    async with engine.connect() as connection:
        rows = await connection.execute(select(POSITIONS.c.topic, POSITIONS.c.partition, POSITIONS.c.next_offset))
        return {(topic, partition): next_offset for topic, partition, next_offset in rows}
