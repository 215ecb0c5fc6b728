import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from aiokafka import TopicPartition

from services.archive.engine import archive_url, open_archive
from services.archive.migrating import migrate
from services.archivist.consumer import FETCHED_RECORDS_MAX, Fetched
from services.archivist.recording import BATCH_RECORDS_MAX, INBOX_RECORDS_MAX, Recording
from services.contracts.codec import encode
from services.contracts.topics import UPLOADS_SUBMITTED
from tests.archive.facts import BEGIN_MS, submission

TOPIC = UPLOADS_SUBMITTED.name


class Event:
    """An event as Faust hands it on; notes when it is acknowledged."""

    def __init__(self, first: int, last: int, acknowledged: Callable[["Event"], None]) -> None:
        self.value = [_record(offset) for offset in range(first, last + 1)]
        self.message = Fetched(self.value)
        self._acknowledged = acknowledged

    def ack(self) -> None:
        """Acknowledge it."""
        self._acknowledged(self)


def test_what_was_fetched_together_is_acknowledged_when_it_is_committed(tmp_path: Path) -> None:
    """At the time of each acknowledgement every record of the event is in the database, for anybody to see."""
    seen: list[tuple[int, int]] = []

    def acknowledged(event: Event) -> None:
        with sqlite3.connect(tmp_path / "archive.sqlite") as other:
            [found] = other.execute("SELECT count(*) FROM submissions WHERE submission <= ?", [event.message.offset])
        seen.append((event.message.offset, found[0]))

    async def scenario(recording: Recording) -> None:
        for first, last in ((0, 2), (3, 3), (4, 6)):
            await recording.take(Event(first, last, acknowledged))
        assert recording.oldest() == {TopicPartition(TOPIC, 0): (0, BEGIN_MS)}
        await _until(lambda: len(seen) == len([2, 3, 6]))
        assert recording.oldest() == {}

    _run(tmp_path, scenario)
    assert seen == [(2, 3), (3, 4), (6, 7)]


def test_who_brings_more_than_the_inbox_holds_waits(tmp_path: Path) -> None:
    """A batch ends with the event that fills it; what finds no room is taken after the first of them is written."""
    written: list[int] = []
    full = INBOX_RECORDS_MAX // FETCHED_RECORDS_MAX
    edges = [(number * FETCHED_RECORDS_MAX, (number + 1) * FETCHED_RECORDS_MAX - 1) for number in range(full + 1)]
    events = [Event(first, last, lambda event: written.append(event.message.offset)) for first, last in edges]

    async def scenario(recording: Recording) -> None:
        for event in events[:-1]:
            await recording.take(event)
        last = asyncio.create_task(recording.take(events[-1]))
        await asyncio.sleep(0)
        assert not last.done()
        await last
        assert len(written) == BATCH_RECORDS_MAX // FETCHED_RECORDS_MAX
        await _until(lambda: len(written) == len(events))

    _run(tmp_path, scenario)
    assert written == [last for _, last in edges]


def _record(offset: int) -> Any:
    _, upload, fact = submission(f"u-{offset}")
    place = {"topic": TOPIC, "partition": 0, "offset": offset, "timestamp": BEGIN_MS + offset}
    return SimpleNamespace(key=upload.encode(), value=encode(fact), headers=(), **place)


def _run(folder: Path, scenario: Callable[[Recording], Any]) -> None:
    """Play the scenario beside a recording that writes to a database of its own."""

    async def run() -> None:
        engine = open_archive(archive_url("", str(folder)))
        await migrate(engine)
        recording = Recording(engine, cast(Any, None))
        writing = asyncio.create_task(recording.run())
        await scenario(recording)
        writing.cancel()
        await engine.dispose()

    asyncio.run(run())


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110  # no event tells of an acknowledgement
            await asyncio.sleep(0.01)
