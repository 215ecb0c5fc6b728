"""Pacing: who waits for a record has it at once, and what follows comes together."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

from services.runtime.pacing import PAUSE_SECONDS, pace


class Broker:
    """Stands for the client that asks: notes when it was asked, and brings something or nothing."""

    def __init__(self, *, brings: bool) -> None:
        self.brings = brings
        self.asked: list[float] = []

    async def ask(self, _assignment: Any, _node: int, _request: Any) -> bool:
        """Answer at once."""
        self.asked.append(time.monotonic())
        return self.brings


def paced(broker: Broker) -> Any:
    """Return how a paced consumer asks that broker."""
    fetcher = SimpleNamespace(_proc_fetch_request=broker.ask)
    pace(SimpleNamespace(_fetcher=fetcher))
    return fetcher._proc_fetch_request  # noqa: SLF001  # what the client calls


def test_after_an_answer_that_brought_something_the_next_question_waits() -> None:
    """The first is asked at once, so that it is there when a record comes."""

    async def scene() -> None:
        broker = Broker(brings=True)
        ask = paced(broker)
        begun = time.monotonic()
        assert await ask(None, 1, None)
        assert broker.asked[0] - begun < PAUSE_SECONDS
        assert await ask(None, 1, None)
        assert broker.asked[1] - broker.asked[0] >= PAUSE_SECONDS

    asyncio.run(scene())


def test_each_broker_is_paced_by_itself_and_who_brought_nothing_is_asked_again_at_once() -> None:
    """A broker that has much must not keep others from being asked."""

    async def scene() -> None:
        broker = Broker(brings=True)
        ask = paced(broker)
        await ask(None, 1, None)
        second = asyncio.ensure_future(ask(None, 1, None))
        broker.brings = False
        for _ in range(2):
            assert not await ask(None, 2, None)
        assert not second.done()
        assert not await second

    asyncio.run(scene())


def test_a_question_that_waits_can_be_taken_back() -> None:
    """As one on its way: the client asks for no more than that when it is closed, or assigned anew."""

    async def scene() -> None:
        broker = Broker(brings=True)
        ask = paced(broker)
        await ask(None, 1, None)
        waiting = asyncio.ensure_future(ask(None, 1, None))
        await asyncio.sleep(0)
        waiting.cancel()
        assert not await waiting
        assert len(broker.asked) == 1

    asyncio.run(scene())
