"""Reads from elsewhere, and the answers so far."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from blake3 import blake3

from services.contracts.reading import Found, Outcome, Read
from services.runtime.remote.reads import RemoteReads
from services.runtime.settings import Settings

DEADLINE_SECONDS = 20.0


@dataclass(frozen=True)
class Question:
    """A read and nothing else."""

    job: Read


class Asking:
    """Submits reads and waits for their answers."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.errors: list[BaseException] = []
        self.got: list[tuple[Read, Outcome]] = []
        self._changed = asyncio.Event()
        self.reads: RemoteReads[Question] = RemoteReads(settings, self._answered, self._failed, clock)

    def ask(self, *jobs: Read) -> None:
        """Submit reads."""
        self.reads.submit([Question(job) for job in jobs])

    async def until(self, count: int) -> Sequence[tuple[Read, Outcome]]:
        """Wait for so many answers in all."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while len(self.got) < count and not self.errors:
                self._changed.clear()
                await self._changed.wait()
        assert not self.errors, self.errors
        assert len(self.got) == count, "answered more often than asked"
        return self.got

    async def outcomes(self, jobs: Sequence[Read]) -> Mapping[str, Outcome]:
        """Ask for all at once and return what came of each, by its URI."""
        before = len(self.got)
        self.ask(*jobs)
        return {job.uri: outcome for job, outcome in (await self.until(before + len(jobs)))[before:]}

    async def outcome(self, job: Read) -> Outcome:
        """Ask for one."""
        return (await self.outcomes([job]))[job.uri]

    def _answered(self, answers: Sequence[tuple[Question, Outcome]]) -> None:
        self.got += [(question.job, outcome) for question, outcome in answers]
        self._changed.set()

    def _failed(self, error: BaseException) -> None:
        self.errors.append(error)
        self._changed.set()


@asynccontextmanager
async def asking(
    settings: Settings | None = None, *hosts: str, clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[Asking]:
    """Give reads that may ask these hosts, on loopback; at the end all their threads have ended.

    `clock` is what they measure the pauses of their breakers by.
    """
    told = replace(settings or Settings(), http_hosts=hosts, http_private=True)
    own = Asking(told, clock)
    try:
        yield own
    finally:
        own.reads.close()
        assert own.reads.join(DEADLINE_SECONDS)
        assert not own.errors, own.errors


def is_content(outcome: Outcome, content: bytes) -> bool:
    """Tell whether these bytes were found."""
    return isinstance(outcome, Found) and outcome.content.blake3 == blake3(content).hexdigest()


def some_bytes(count: int, seed: str = "") -> bytes:
    """Return bytes that look random and are always the same."""
    return hashlib.shake_128(f"{seed}{count}".encode()).digest(count)
