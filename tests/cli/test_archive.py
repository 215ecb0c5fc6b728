import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from services.archive.migrating import newest
from services.contracts.topics import UPLOADS_SUBMITTED
from tests.archive import facts
from tests.cli.conftest import Staydown
from tests.cli.topics import Topics
from tests.kafka.archivist.telling import tell


def _ask(path: Path, question: str, *values: str) -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(question, values).fetchall()
    finally:
        connection.close()


def test_migrate_makes_the_tables_and_a_second_time_changes_nothing(staydown: Staydown, tmp_path: Path) -> None:
    """It says at which step they are."""
    for _ in range(2):
        outcome = staydown("archive", "migrate", "--archive", f"sqlite:///{tmp_path}/a.sqlite")
        assert (outcome.code, outcome.out.strip()) == (0, f"the tables are at step {newest()}")
    assert _ask(tmp_path / "a.sqlite", "SELECT count(*) FROM uploads") == [(0,)]


def test_erase_says_that_the_tables_are_missing(staydown: Staydown, tmp_path: Path) -> None:
    """It makes none: who erases must not find out later that it was another database."""
    outcome = staydown("archive", "erase", "ann", "--archive", f"sqlite:///{tmp_path}/a.sqlite")
    assert outcome.code == 1
    assert "run `staydown archive migrate`" in outcome.err


def test_no_other_kind_of_database_is_taken(staydown: Staydown) -> None:
    """A wrong argument."""
    outcome = staydown("archive", "migrate", "--archive", "mysql://somewhere/else")
    assert outcome.code == 2
    assert "must be sqlite:////FILE or postgresql://" in outcome.err


def test_an_archive_at_a_placeholder_is_refused(staydown: Staydown, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Job that migrates it would look for it for ever."""
    monkeypatch.setenv("STAYDOWN_ARCHIVE_URL", "postgresql://staydown@sql.your-platform.example/staydown")
    outcome = staydown("archive", "migrate")
    assert outcome.code == 1
    assert "STAYDOWN_ARCHIVE_URL must be your own" in outcome.err


@pytest.mark.kafka
def test_rebuild_writes_what_topics_hold_and_who_was_erased_stays_so(
    staydown: Staydown, topics: Topics, run_id: str, tmp_path: Path
) -> None:
    """Over what is there, or from nothing; what cannot be read is counted."""
    upload, uploader = f"u-{run_id}", f"ann-{run_id}"
    asyncio.run(tell(topics.bootstrap, [facts.submission(upload, uploader)]))
    asyncio.run(_tell_nonsense(topics.bootstrap))
    archive = ("--archive", f"sqlite:///{tmp_path}/a.sqlite")
    kafka = ("--kafka", topics.bootstrap)
    first = staydown("archive", "rebuild", *archive, *kafka)
    assert first.code == 0
    assert "could not be read" in first.out
    named = "SELECT uploader_id FROM submissions WHERE upload_id = ?"
    assert _ask(tmp_path / "a.sqlite", named, upload) == [(uploader,)]
    erased = staydown("archive", "erase", uploader, *archive)
    [(pseudonym,)] = _ask(tmp_path / "a.sqlite", named, upload)
    assert pseudonym in erased.out
    for more in ((), ("--empty",)):
        assert staydown("archive", "rebuild", *archive, *kafka, *more).code == 0
        assert _ask(tmp_path / "a.sqlite", named, upload) == [(pseudonym,)]


async def _tell_nonsense(kafka: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        await producer.send_and_wait(UPLOADS_SUBMITTED.name, b"nonsense", b"u", 0)
