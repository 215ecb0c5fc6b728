"""Fetching: what is fetched is handed on, and how much it was sets the pause, unless nobody waits for it."""

import asyncio
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition

from services.runtime.fetching import Fetching
from services.runtime.pacing import PAUSE_SECONDS_MAX

MANY = 1_000


class Client:
    """Stands for a consumer: gives many records of one topic, once, and notes when the broker was asked."""

    def __init__(self, topic: str) -> None:
        self.at = TopicPartition(topic, 0)
        self.records: list[int] = [*range(MANY)]
        self.asked: list[float] = []
        self._fetcher = SimpleNamespace(_proc_fetch_request=self.ask)

    async def ask(self, _assignment: Any, _node: int, _request: Any) -> bool:
        """Bring something."""
        self.asked.append(time.monotonic())
        return True

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[int]]:
        """Give all records, and later none."""
        found, self.records = self.records[:max_records], []
        if not found:
            await asyncio.sleep(timeout_ms / 1000)
        return {self.at: found} if found else {}

    async def fetch(self) -> None:
        """Ask as the client does."""
        await self._fetcher._proc_fetch_request(None, 1, None)  # noqa: SLF001  # what the client calls


def pause_after_many_of(topic: str) -> float:
    """Return how long the broker was left alone after many records of that topic; `late` is in the background."""

    async def scene() -> float:
        client, arrived = Client(topic), asyncio.Event()
        fetching = Fetching(client, ["late"])

        def hand_on(_at: TopicPartition, records: Sequence[Any]) -> None:
            assert [*records] == [*range(MANY)]
            arrived.set()

        await client.fetch()
        running = asyncio.create_task(fetching.run(hand_on, dict))
        await arrived.wait()
        await client.fetch()
        running.cancel()
        await asyncio.wait({running})
        return client.asked[1] - client.asked[0]

    return asyncio.run(scene())


def test_what_somebody_waits_for_lengthens_the_pause_and_what_nobody_waits_for_does_not() -> None:
    """Else who is in front of a hot key would wait longer for each hop, for as much as comes behind."""
    assert pause_after_many_of("soon") >= PAUSE_SECONDS_MAX
    assert min(pause_after_many_of("late") for _ in range(20)) < PAUSE_SECONDS_MAX
