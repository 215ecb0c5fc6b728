"""Listening once for all who wait: one reader a topic, and an ear for each who waits for something on it.

Promises: an ear hears everything that concerns it from the moment it was asked for, so it is asked for before anything
is sent; what nobody holds any more hears nothing; when Kafka fails, everybody who waits learns it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from weakref import WeakSet

from services.client.errors import ClientError
from services.client.following import POLL_MS, Follower, following
from services.client.said import Said, said
from services.contracts.topics import Topic
from services.runtime.address import Address

# What concerns one who waits is some records; nobody lets so many lie.
HEARD_MAX = 10_000


class Ear:
    """Hears what concerns one who waits."""

    def __init__(self, concerns: Callable[[Said], bool]) -> None:
        """Keep what is heard and concerns the listener."""
        self._concerns = concerns
        self._heard: list[Said] = []
        self._failure: ClientError | None = None
        self._stirred = asyncio.Event()

    def hear(self, facts: Iterable[Said]) -> None:
        """Take what was said."""
        self._heard += [each for each in facts if self._concerns(each)]
        if len(self._heard) > HEARD_MAX:
            self.fail(ClientError(f"Of what was waited for, {HEARD_MAX:,} records came and nobody took them."))
        if self._heard:
            self._stirred.set()

    def fail(self, failure: ClientError) -> None:
        """Take it that nothing more will be heard."""
        self._failure = failure
        self._stirred.set()

    async def more(self, poll_ms: int = POLL_MS) -> list[Said]:
        """Return what has come, none if nothing did for a moment; ClientError if nothing more can come."""
        try:
            async with asyncio.timeout(poll_ms / 1000):
                await self._stirred.wait()
        except TimeoutError:
            return []
        if self._failure is not None and not self._heard:
            raise self._failure
        found, self._heard = self._heard, []
        if self._failure is None:
            self._stirred.clear()
        return found


class Hearing:
    """Reads one topic from where it ended when this began, and tells every ear."""

    def __init__(self, follower: Follower) -> None:
        """Listen to what the follower reads."""
        self._follower = follower
        self._ears: WeakSet[Ear] = WeakSet()
        self._failure: ClientError | None = None

    def add(self, ear: Ear) -> None:
        """Tell an ear too, from now on."""
        self._ears.add(ear)
        if self._failure is not None:
            ear.fail(self._failure)

    async def listen(self) -> None:
        """Go on until cancelled, or until Kafka or a record fails."""
        while True:
            try:
                found = [said(record) for record in await self._follower.more()]
            except ClientError as error:
                self._failure = error
                for ear in self._ears:
                    ear.fail(error)
                return
            for ear in self._ears:
                ear.hear(found)


@asynccontextmanager
async def hearing(kafka: Address, topic: Topic) -> AsyncIterator[Hearing]:
    """Give what hears a topic from now on, until it is left."""
    async with following(kafka, (topic.name,)) as follower:
        found = Hearing(follower)
        listening = asyncio.create_task(found.listen())
        try:
            yield found
        finally:
            listening.cancel()
            await asyncio.wait({listening})
