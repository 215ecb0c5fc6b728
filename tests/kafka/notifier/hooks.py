"""A receiver's server that notes what it took, and the file that names it."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from standardwebhooks import Webhook

from services.contracts.codec import encode
from services.contracts.decided import NoticeIssued, VerdictDecided
from services.contracts.topics import NOTICES_ISSUED, VERDICTS_DECIDED
from tests.kafka.hasher.topics import producing
from tests.notifier.facts import whsec
from tests.runtime.remote.site import Request

DEADLINE_SECONDS = 60.0


@dataclass
class Hook:
    """Verifies every delivery; `answer` says how the one with this id, asked for the n-th time, is answered."""

    answer: Callable[[str, int], str] = lambda _id, _time: "204 No Content"
    tried: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    bodies: dict[str, object] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def serve(self, request: Request) -> None:
        """Answer one request."""
        body = await request.content()
        Webhook(whsec()).verify(body, dict(request.headers))
        name = request.headers["webhook-id"]
        assert self.bodies.setdefault(name, json.loads(body)) == json.loads(body)
        self.tried[name] += 1
        status = self.answer(name, self.tried[name])
        if status.startswith("2"):
            self.taken[name] += 1
        async with self.changed:
            self.changed.notify_all()
        await request.head(status, "Content-Length: 0")

    async def until_tries(self, count: int) -> None:
        """Wait until so many tries have come."""
        await self._until(lambda: self.tried.total() >= count)

    async def until_taken(self, names: set[str]) -> None:
        """Wait until all of these are taken."""
        await self._until(lambda: names <= set(self.taken))

    async def _until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS), self.changed:
            await self.changed.wait_for(happened)


def receivers_file(folder: Path, url: str, who: str, *more: str) -> Path:
    """Write a file that has notices to this uploader told at this URL, and more lines; return it."""
    (folder / "secret").write_text(whsec())
    lines = (
        *more,
        "[[receivers]]",
        'id = "hook"',
        'notices = ["UPLOADER"]',
        f'ids = ["{who}"]',
        f'webhook = {{ url = "{url}", secret_files = ["secret"], loopback = true }}',
    )
    path = folder / "receivers.toml"
    path.write_text("\n".join(lines))
    return path


async def say(kafka: str, facts: Sequence[NoticeIssued | VerdictDecided]) -> None:
    """Write facts to their topics."""
    async with producing(kafka) as producer:
        for fact in facts:
            if isinstance(fact, NoticeIssued):
                await producer.send(NOTICES_ISSUED.name, encode(fact), fact.recipient.id.encode())
            else:
                await producer.send(VERDICTS_DECIDED.name, encode(fact), fact.upload_id.encode())
        await producer.flush()
