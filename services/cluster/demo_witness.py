"""Who watches the demo: everything that the services say on the public topics, as an outsider hears it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from services.client.following import Follower
from services.client.said import said
from services.contracts.topics import NOTICES_ISSUED, TAKEDOWNS_ISSUED, VERDICTS_DECIDED, WORKS_RECEIPTS, Topic

WATCHED = (WORKS_RECEIPTS, VERDICTS_DECIDED, TAKEDOWNS_ISSUED, NOTICES_ISSUED)
# An upload has a verdict within 30 s, whatever happens; nothing in the story waits for a retry.
WAIT_SECONDS_MAX = 35.0


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that was said, and when it was heard (monotonic seconds)."""

    topic: Topic
    key: str
    fact: Any
    at: float


class Witness:
    """Hears everything in its order and keeps it; the story is short, and so is what it keeps."""

    def __init__(self, follower: Follower) -> None:
        """Hear what the follower of WATCHED reads."""
        self._follower = follower
        self._heard: list[Heard] = []

    async def wait_for(self, topic: Topic, key: str, since: float, fits: Callable[[Any], bool]) -> Heard | None:
        """Return what was first said since then about the key and fits, waiting up to WAIT_SECONDS_MAX; or None."""
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        done = 0
        while True:
            for heard in self._heard[done:]:
                if heard.at >= since and heard.topic is topic and heard.key == key and fits(heard.fact):
                    return heard
            done = len(self._heard)
            if time.monotonic() > deadline:
                return None
            await self._listen()

    def all_heard(self, topic: Topic) -> Iterator[Heard]:
        """Give everything heard so far on a topic."""
        return (heard for heard in self._heard if heard.topic is topic)

    async def _listen(self) -> None:
        for record in await self._follower.more():
            it = said(record)
            self._heard.append(Heard(it.topic, it.key, it.fact, time.monotonic()))
