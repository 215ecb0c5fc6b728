"""Pacing: who waits for a record has it at once, and what follows comes together."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest

from services.runtime.pacing import PAUSE_SECONDS_A_RECORD, PAUSE_SECONDS_MAX, PAUSE_SECONDS_MIN, Pace


class Broker:
    """Stands for the client that asks: notes when it was asked, and brings something or nothing."""

    def __init__(self, *, brings: bool) -> None:
        self.brings = brings
        self.asked: list[float] = []

    async def ask(self, _assignment: Any, _node: int, _request: Any) -> bool:
        """Answer at once."""
        self.asked.append(time.monotonic())
        return self.brings


def paced(broker: Broker) -> tuple[Any, Pace]:
    """Return how a paced consumer asks that broker, and its pace."""
    fetcher = SimpleNamespace(_proc_fetch_request=broker.ask)
    pace = Pace(SimpleNamespace(_fetcher=fetcher))
    return fetcher._proc_fetch_request, pace  # noqa: SLF001  # what the client calls


def test_after_an_answer_that_brought_something_the_next_question_waits() -> None:
    """The first is asked at once, so that it is there when a record comes."""

    async def scene() -> None:
        broker = Broker(brings=True)
        ask, _ = paced(broker)
        begun = time.monotonic()
        assert await ask(None, 1, None)
        assert broker.asked[0] - begun < PAUSE_SECONDS_MIN
        assert await ask(None, 1, None)
        assert broker.asked[1] - broker.asked[0] >= PAUSE_SECONDS_MIN

    asyncio.run(scene())


def test_each_broker_is_paced_by_itself_and_who_brought_nothing_is_asked_again_at_once() -> None:
    """A broker that has much must not keep others from being asked."""

    async def scene() -> None:
        broker = Broker(brings=True)
        ask, _ = paced(broker)
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
        ask, _ = paced(broker)
        await ask(None, 1, None)
        waiting = asyncio.ensure_future(ask(None, 1, None))
        await asyncio.sleep(0)
        waiting.cancel()
        assert not await waiting
        assert len(broker.asked) == 1

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("records", "pause"),
    [
        (1, PAUSE_SECONDS_MIN),
        (100, 100 * PAUSE_SECONDS_A_RECORD),
        (100_000, PAUSE_SECONDS_MAX),
    ],
)
def test_the_more_came_the_longer_is_the_pause(records: int, pause: float) -> None:
    """Within its bounds."""

    async def scene() -> None:
        broker = Broker(brings=True)
        ask, pace = paced(broker)
        await ask(None, 1, None)
        pace.note(records)
        for _ in range(2):
            await ask(None, 1, None)
        first, second, third = broker.asked
        assert second - first >= pause
        assert third - second >= PAUSE_SECONDS_MIN
        if records > 1:  # whatever else the machine does, it is counted once: of ten short pauses one is short
            pauses = [third - second]
            for _ in range(10):
                await ask(None, 1, None)
                pauses.append(broker.asked[-1] - broker.asked[-2])
            assert min(pauses) < pause

    asyncio.run(scene())
