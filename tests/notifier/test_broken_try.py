"""A lane whose own code has a bug."""

import asyncio

import pytest

from services.notifier.lane import Lane
from services.notifier.schedule import Outcome
from services.notifier.store import Claimed, Store
from tests.notifier.facts import by_webhook, some
from tests.notifier.stores import opened

DEADLINE_SECONDS = 8.0


def test_a_try_that_breaks_ends_the_process(database_url: str) -> None:
    """It is a bug of ours; if it were forgotten, what was tried would wait for its time to be over, unseen."""

    async def broken(_claimed: Claimed) -> Outcome:
        raise RuntimeError("a bug")

    async def scenario() -> None:
        receiver = by_webhook("a")
        async with opened(database_url) as engine:
            store = Store(engine, "0")
            await store.begin([receiver], 0)
            await store.put(some(3, receiver, 0))
            lane = Lane(receiver, broken, store)
            lane.nudge()
            async with asyncio.timeout(DEADLINE_SECONDS):
                with pytest.raises(RuntimeError, match="a bug"):
                    await lane.run()
            await lane.drain(1)

    asyncio.run(scenario())
