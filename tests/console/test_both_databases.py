"""The central pages on SQLite and on PostgreSQL: what each shows is the same."""

import asyncio
from pathlib import Path

from sqlalchemy import URL

from services.console.people import Role
from services.contracts import topics
from tests.archive.facts import BEGIN_MS, Said, deletion, submission, verdict
from tests.console.site import CLUSTER, ROLES, a_console
from tests.console.story import SONG, STORY, blocked

PERIOD = "since=2026-01-01&until=2026-12-31"
SEEN = {
    "/": ("u-song", "3"),
    "/uploads": ("u-clear", "u-song", "u-film"),
    "/uploads?verdict=HELD": ("u-held",),
    "/uploads/u-song": ("My Remix", "objects", "It is my own work"),
    "/works": ("song", "film"),
    "/works/label/song": ("A Song", "in force", "u-song"),
    "/reviews": ("Waits", "slow"),
    "/disputes": ("u-song", "OPEN"),
    "/standing": ("ann", "PROBATION"),
    f"/report?{PERIOD}": ("items restricted",),
}
OWN = {
    "/": ("u-song",),
    "/uploads": ("u-song", "u-back"),
    "/uploads/u-song": ("Taken down", "Uphold"),
    "/works": ("song",),
    "/disputes": ("u-song", "OPEN"),
}


def test_every_page_is_there_for_who_sees_everything(tmp_path: Path, database: URL) -> None:
    """With what was said, from lists and counters and lives."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY, database=database) as console:
            for path, words in SEEN.items():
                page = await console.get(path)
                assert page.status_code == 200, path
                assert [word for word in words if word not in page.text] == [], path

    asyncio.run(scenario())


def test_every_page_is_there_for_a_rightsholder(tmp_path: Path, database: URL) -> None:
    """With what concerns their works, and nothing of another's."""

    async def scenario() -> None:
        viewer = ROLES[Role.RIGHTSHOLDER]
        async with a_console(tmp_path, STORY, CLUSTER, viewer, database=database) as console:
            for path, words in OWN.items():
                page = await console.get(path)
                assert page.status_code == 200, path
                assert [word for word in words if word not in page.text] == [], path
                assert "u-film" not in page.text, path

    asyncio.run(scenario())


def test_what_was_deleted_and_comes_again_shows_no_old_verdict(tmp_path: Path, database: URL) -> None:
    """Whether or not the verdict was taken back meanwhile: it was about what is there no longer."""

    def was(upload: str) -> tuple[Said, ...]:
        return submission(upload), *blocked(upload, SONG), deletion(upload)

    anew = verdict("anew", at_ms=BEGIN_MS + 9_000, revision=3, submission_offset=99)
    said = (*was("deleted"), *was("again"), submission("again"), *was("anew"), submission("anew"), anew)
    taken_back = (*was("late"), (topics.VERDICTS_DECIDED, "late", None), submission("late"))
    shown = {
        "deleted": "Its owner deleted it.",
        "again": "It is being looked at.",
        "late": "It is being looked at.",
        "anew": "It can be shown.",
    }

    async def scenario() -> None:
        async with a_console(tmp_path, (*said, *taken_back), database=database) as console:
            for upload, words in shown.items():
                page = (await console.get(f"/uploads/{upload}")).text
                assert words in page, upload
                assert "It is not shown." not in page, upload

    asyncio.run(scenario())
