"""A Kafka with every topic and no service: a test says itself what the services would say."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer

from services.client.following import Record, following
from services.client.said import said
from services.client.submitting import Sent, sending
from services.contracts.topics import Topic
from tests.conftest import background_loop

ANSWER_SECONDS_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Topics:
    """Where the topics are, and ways to write to them and to read them."""

    bootstrap: str

    @property
    def here(self) -> tuple[str, str]:
        """The option that leads a command here."""
        return "--kafka", self.bootstrap

    def tell(self, *facts: tuple[Topic, str, Any]) -> list[Sent]:
        """Write facts, each with its topic and key, one after another; None takes back what was said of a key."""

        async def write() -> list[Sent]:
            async with sending(self.bootstrap) as sender:
                return [
                    await (sender.send_as_it_is(*fact, []) if fact[2] is None else sender.send(*fact)) for fact in facts
                ]

        return asyncio.run(write())

    def write(
        self, topic: str, key: bytes, value: bytes | None, headers: list[tuple[str, bytes | None]], partition: int
    ) -> int:
        """Write any record, and return its offset."""

        async def write() -> int:
            async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
                sent = await producer.send_and_wait(topic, value, key=key, partition=partition, headers=headers)
                return int(sent.offset)

        return asyncio.run(write())

    def records(self, topic: Topic, key: str) -> list[Record]:
        """Return the records of a key, in their order."""

        async def read() -> list[Record]:
            async with following(self.bootstrap, (topic.name,), from_beginning=True) as follower:
                return [each async for each in follower.until_present_end() if each.key == key.encode()]

        return asyncio.run(read())

    def facts(self, topic: Topic, key: str) -> list[Any]:
        """Return what was said about a key, in its order."""
        return [said(record).fact for record in self.records(topic, key)]

    @contextmanager
    def answering(self, topic: Topic, key: str, answer: Callable[[Any], tuple[Topic, str, object]]) -> Iterator[None]:
        """Answer the next fact about a key with another one, as a service would, while something else runs."""
        with background_loop() as loop:
            began: Future[None] = Future()
            answered = asyncio.run_coroutine_threadsafe(self._answer(topic, key, answer, began), loop)
            began.result(ANSWER_SECONDS_MAX)
            yield
            answered.result(ANSWER_SECONDS_MAX)

    async def _answer(
        self, topic: Topic, key: str, answer: Callable[[Any], tuple[Topic, str, object]], began: Future[None]
    ) -> None:
        async with following(self.bootstrap, (topic.name,)) as follower, sending(self.bootstrap) as sender:
            began.set_result(None)
            async for record in _coming(follower.more):
                if record.key == key.encode():
                    await sender.send(*answer(said(record).fact))
                    return


async def _coming(more: Callable[[], Any]) -> AsyncIterator[Record]:
    async with asyncio.timeout(ANSWER_SECONDS_MAX):
        while True:
            for record in await more():
                yield record
