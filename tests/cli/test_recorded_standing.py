import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from services.contracts.decided import TakedownIssued, WorkReceipt
from tests.archive.facts import Said, dispute, receipt, recorded, registration, takedown, uphold
from tests.archive.rows import write_all
from tests.cli.conftest import Staydown
from tests.cli.topics import Topics
from tests.notifier.stores import opened

Status, STAYDOWN = WorkReceipt.Status, TakedownIssued.Basis.STAYDOWN


def said_about(label: str) -> tuple[Said, ...]:
    """Return what is said of a work of theirs, and of another, by which nothing changes."""
    one, two, three = (f"{label}-{number}" for number in range(3))
    return (
        registration("song", rightsholder=label),
        receipt("song", rightsholder=label),
        receipt("song", Status.ENFORCED, rightsholder=label),
        registration("film", "s-2", label),
        receipt("film", submission_id="s-2", rightsholder=label),
        takedown(one, rightsholder=label),
        takedown(one, "tune", rightsholder="other"),
        takedown(two, rightsholder=label, basis=STAYDOWN),
        takedown(three, "film", rightsholder=label),
        dispute(one),
        uphold(one, rightsholder="other"),
        dispute(two),
        uphold(two, rightsholder=label),
        dispute(three),
        takedown(one, rightsholder=label, issued=False),
        takedown(one, rightsholder=label),
        takedown(two, rightsholder=label, basis=STAYDOWN, issued=False),
    )


def write(archive: str, said: tuple[Said, ...]) -> None:
    """Record it as the archivist does."""

    async def written() -> None:
        async with opened(archive) as engine:
            await write_all(engine, recorded(*said))

    asyncio.run(written())


@pytest.mark.kafka
def test_the_record_tells_of_a_work_what_the_topics_tell(
    staydown: Staydown, topics: Topics, run_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies found, uploads refused so far and disputes, in the same words; and no Kafka is asked for it."""
    said = said_about(run_id)
    topics.tell(*said)
    asked = ("works", "status", run_id, "song")
    by_topics = [staydown(*asked, *more, *topics.here).out for more in ((), ("--json",))]
    archive = f"sqlite:///{tmp_path}/archive.sqlite"
    write(archive, said)
    monkeypatch.setenv("STAYDOWN_ARCHIVE_URL", archive)
    by_record = [staydown(*asked, *more, "--kafka", "127.0.0.1:1").out for more in ((), ("--json",))]
    assert by_record[0] == by_topics[0]
    for line in ("copies found", "taken down", "refused re-uploads  1", "1 opened, 1 upheld"):
        assert line in by_record[0]
    assert told(by_record[1]) == told(by_topics[1])


def test_what_the_record_does_not_know_is_said(
    staydown: Staydown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A work of which nothing is recorded, and a record without its tables."""
    archive = f"sqlite:///{tmp_path}/archive.sqlite"
    monkeypatch.setenv("STAYDOWN_ARCHIVE_URL", archive)
    assert "run `staydown archive migrate`" in staydown("works", "status", "label", "song").err
    write(archive, ())
    outcome = staydown("works", "status", "label", "song")
    assert (outcome.code, outcome.err) == (1, "staydown: Nothing was ever answered about a work song of label.\n")


def told(line: str) -> dict[str, Any]:
    """Return the JSON object without when each step was recorded, which is Kafka's time in the one."""
    found: dict[str, Any] = json.loads(line)
    for each in found["disputes"]:
        del each["at"]
    found["disputes"].sort(key=lambda each: each["upload_id"])
    return found
