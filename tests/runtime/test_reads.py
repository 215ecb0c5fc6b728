"""Which lane a read goes through: nothing large or slow delays what is small."""

import asyncio
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import REGISTRY

from services.contracts.reading import Failure, Found, Outcome, Read
from services.contracts.types import Content
from services.runtime.reads import CLAIMED, CONTENT, LARGE_WAITING_MAX, Reads
from services.runtime.settings import Settings
from tests.runtime.remote.site import Request, running_site

DEADLINE_SECONDS = 10.0
FOUND = Found(Content("0" * 32, "0" * 64, 1))


@dataclass(frozen=True)
class Question:
    """A read and nothing else."""

    job: Read


class FakeReader:
    """Knows small files, and large ones that take until they are released."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.threads: dict[str, set[str]] = {}

    def read_small(self, job: Read) -> Outcome | None:
        """Know small files."""
        self._note(job)
        return FOUND if "small" in job.uri else None

    def read_large(self, job: Read) -> Outcome:
        """Take until released."""
        self._note(job)
        self.release.wait(DEADLINE_SECONDS)
        return FOUND

    def _note(self, job: Read) -> None:
        self.threads.setdefault(job.uri, set()).add(threading.current_thread().name)


class Asking:
    """Reads with a fake reader, and the answers so far."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.reader = FakeReader()
        self.errors: list[BaseException] = []
        self.got: dict[str, Outcome] = {}
        self.reads: Reads[Question] = Reads(settings or Settings(), self.reader, self._answered, self.errors.append)
        self._changed = asyncio.Event()

    def ask(self, uris: Sequence[str], *, slow: bool = False) -> None:
        """Submit reads."""
        self.reads.submit([Question(Read(uri, slow=slow)) for uri in uris])

    async def until(self, count: int) -> dict[str, Outcome]:
        """Wait for so many answers."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while len(self.got) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.got

    def _answered(self, answers: Sequence[tuple[Question, Outcome]]) -> None:
        self.got |= {question.job.uri: outcome for question, outcome in answers}
        self._changed.set()


def test_small_files_are_answered_while_large_and_slow_ones_take_their_time() -> None:
    """All threads of both other lanes are busy, and more waits."""

    async def scenario() -> None:
        asking = Asking()
        cores = os.cpu_count() or 1
        large = [f"large {number}" for number in range(2 * cores)]
        slow = [f"slow {number}" for number in range(2 * cores)]
        small = [f"small {number}" for number in range(100)]
        asking.ask(large)
        asking.ask(slow, slow=True)
        asking.ask(small)
        assert set(await asking.until(100)) == set(small)
        asking.reader.release.set()
        assert set(await asking.until(100 + 4 * cores)) == {*small, *large, *slow}
        assert asking.reader.threads["large 0"] == {"lane-small", "lane-large"}
        assert asking.reader.threads["slow 0"] == {"lane-small", "lane-slow"}
        assert asking.reader.threads["small 0"] == {"lane-small"}
        asking.reads.close()
        assert not asking.errors

    asyncio.run(scenario())


def test_files_are_answered_while_a_web_server_stalls() -> None:
    """What lies elsewhere is read on a thread of its own, with bounds of its own."""

    async def stall(_request: Request) -> None:
        await asyncio.Event().wait()

    async def scenario() -> None:
        async with running_site({"/": stall}) as site:
            asking = Asking(Settings(http_hosts=(site.host,), http_private=True, ordinary_read_ms=60_000))
            asking.ask([site.uri(f"/?{number}") for number in range(100)])
            asking.ask([site.uri(f"/?slow={number}") for number in range(100)], slow=True)
            await asyncio.wait_for(site.until_seen(), DEADLINE_SECONDS)
            small = [f"small {number}" for number in range(100)]
            asking.ask(small)
            assert set(await asking.until(100)) == set(small)
            asking.reads.close()
            assert not asking.errors

    asyncio.run(scenario())


def test_content_that_is_trusted_is_asked_for_nowhere() -> None:
    """Wherever it lies: the settings that trust a sender spare the read."""

    async def scenario() -> None:
        asking = Asking(Settings(trust_upload_content=True))
        uri = "https://elsewhere.example/small"
        asking.reads.submit([Question(Read(uri, FOUND.content))])
        assert await asking.until(1) == {uri: FOUND}
        asking.reads.close()

    asyncio.run(scenario())


def test_large_files_that_are_too_many_are_to_be_asked_again() -> None:
    """What nobody waits for cannot fill the windows and hold up small ones."""

    async def scenario() -> dict[str, Outcome]:
        asking = Asking()
        asking.ask([f"large {number}" for number in range(2 * LARGE_WAITING_MAX)])
        put_off = dict(await asking.until(LARGE_WAITING_MAX // 2))
        asking.reader.release.set()
        asking.reads.close()
        return put_off

    assert set(asyncio.run(scenario()).values()) == {Failure.SLOW}


def test_whatever_can_come_of_a_read_is_shown_before_it_does() -> None:
    """A counter that appears with its first count has not risen, so the first refusals would be no rate."""

    async def scenario() -> None:
        Asking().reads.close()

    asyncio.run(scenario())
    for outcome in (CONTENT, CLAIMED, *Failure):
        assert REGISTRY.get_sample_value("staydown_reads_total", {"outcome": outcome}) is not None
