"""How often a consumer asks for more: not at once after it was given something.

A question names every partition, is answered by the first record that comes, and costs client and broker 0.3 ms each;
so beside a hundred uploads a second each of a hundred questions brought one record. Promises: who waits for a record is
given it at once, since the question is there when it comes; what follows it within the pause comes together.
"""

import asyncio
import time
from typing import Any

from aiokafka import AIOKafkaConsumer

# A unit rests for longer than that between two batches.
PAUSE_SECONDS = 0.02


def pace(consumer: AIOKafkaConsumer) -> None:
    """Have a consumer that has been started pause after each answer that brought something, for each broker."""
    fetcher = consumer._fetcher  # noqa: SLF001  # the client asks as soon as it can, and has no setting for it
    ask, again_at = fetcher._proc_fetch_request, dict[int, float]()  # noqa: SLF001

    async def ask_later(assignment: Any, node: int, request: Any) -> bool:
        try:
            await asyncio.sleep(again_at.get(node, 0.0) - time.monotonic())
        except asyncio.CancelledError:
            return False  # closed, or assigned anew, as it is told of a question on its way
        found: bool = await ask(assignment, node, request)
        if found:
            again_at[node] = time.monotonic() + PAUSE_SECONDS
        return found

    fetcher._proc_fetch_request = ask_later  # noqa: SLF001
