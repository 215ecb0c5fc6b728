"""How often a consumer asks for more: not at once after it was given something.

A question names every partition, is answered by the first record that comes, and costs client and broker 0.3 ms each;
so beside a hundred uploads a second each of a hundred questions brought one record. Promises: who waits for a record is
given it at once, since the question is there when it comes; what follows it within the pause comes together, and the
more came last, the longer is the pause.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer

# A unit rests for longer than that between two batches.
PAUSE_SECONDS_MIN = 0.02
# At 2,800 uploads a second services and broker took a tenth less CPU than with the least pause, and verdicts came
# sooner, since the cores were less busy.
PAUSE_SECONDS_MAX = 0.05
PAUSE_SECONDS_A_RECORD = 0.0004


def pause_seconds(records: int) -> float:
    """Return how long to pause after so many records."""
    return min(max(records * PAUSE_SECONDS_A_RECORD, PAUSE_SECONDS_MIN), PAUSE_SECONDS_MAX)


class Pace:
    """The pauses of one consumer."""

    def __init__(self, consumer: AIOKafkaConsumer, pause: Callable[[int], float] = pause_seconds) -> None:
        """Have a consumer that has been started pause after each answer that brought something, for each broker.

        `pause`: for how long, by how many records came.
        """
        self._pause = pause
        fetcher = consumer._fetcher  # noqa: SLF001  # the client asks as soon as it can, and has no setting for it
        self._ask = fetcher._proc_fetch_request  # noqa: SLF001
        self._found_at: dict[int, float] = {}
        self._records = 0
        fetcher._proc_fetch_request = self._ask_later  # noqa: SLF001

    def note(self, records: int) -> None:
        """Take into account that so many records came."""
        self._records += records

    async def _ask_later(self, assignment: Any, node: int, request: Any) -> bool:
        pause = self._pause(self._records)
        self._records = 0
        try:
            await asyncio.sleep(self._found_at.pop(node, -pause) + pause - time.monotonic())
        except asyncio.CancelledError:
            return False  # closed, or assigned anew, as it is told of a question on its way
        found: bool = await self._ask(assignment, node, request)
        if found:
            self._found_at[node] = time.monotonic()
        return found
