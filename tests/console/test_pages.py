import asyncio
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import pytest

from services.console.people import Role
from services.console.views.upload import MOMENTS_MAX
from tests.archive.facts import submission
from tests.console.site import CLUSTER, ROLES, Console, a_console
from tests.console.story import HOSTILE, STORY

EVERYTHING = ("/", "/uploads", "/uploads?verdict=BLOCKED", "/works", "/reviews", "/disputes", "/standing", "/report")
FILES = ("/report.csv", "/report.json")
ITEMS = (
    "/uploads/u-clear",
    "/uploads/u-song",
    "/uploads/u-held",
    "/works/label/song",
    "/works/label/slow",
    f"/uploads/{quote(HOSTILE.replace(chr(0), chr(0x2400)), safe='')}",
    f"/works/label/{quote(HOSTILE.replace(chr(0), chr(0x2400)), safe='')}",
)


def test_every_page_shows_what_was_said(tmp_path: Path) -> None:
    """Without signing in, on one machine."""
    words = {
        "/": ("uploads shown", "What came down last", "u-song"),
        "/uploads": ("u-clear", "My Remix", "u-film"),
        "/uploads/u-song": ("BLOCKED", "Evidence", "1.0 KiB to 2.0 KiB of 4.0 KiB", "It is my own work", "days left"),
        "/works/label/song": ("A Song", "It is in force", "Latest copies"),
        "/reviews": ("Waits", "REVIEW_POLICY", "Another", "finds 2 copies"),
        "/disputes": ("u-song", "I made it.", "OPEN"),
        "/standing": ("ann", "WATCHED", "label", "PROBATION"),
        "/report": ("requests received", "items restricted", "Article 15(1)(c)"),
    }

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            for path, expected in words.items():
                page = await console.get(path)
                assert page.status_code == 200, path
                for word in expected:
                    assert word in page.text, (path, word)

    asyncio.run(scenario())


def test_an_empty_archive_is_shown_too(tmp_path: Path) -> None:
    """A page that needs a first record would greet everybody with an error."""

    async def scenario() -> None:
        async with a_console(tmp_path) as console:
            for path in (*EVERYTHING, *FILES):
                assert (await console.get(path)).status_code == 200, path

    asyncio.run(scenario())


def test_hostile_words_are_shown_and_never_run(tmp_path: Path) -> None:
    """Titles, ids and addresses that would like to be markup stay words on every page, and turn no text around."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            for path in (*EVERYTHING, *ITEMS):
                page = await console.get(path)
                assert page.status_code == 200, path
                assert "<script>alert" not in page.text
                assert 'onmouseover="alert' not in page.text
                assert "\u202e" not in page.text
            assert "&lt;script&gt;alert" in page.text

    asyncio.run(scenario())


def test_what_is_not_there_is_said_kindly(tmp_path: Path) -> None:
    """With a way on, in the form of every other page, and with the words that were asked for in none."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            for path in ("/uploads/none", "/works/label/none", "/works/label", "/nowhere", "/uploads/a/b"):
                page = await console.get(path)
                assert page.status_code == 404, path
                assert "There is nothing here" in page.text
                assert 'href="/"' in page.text

    asyncio.run(scenario())


def test_a_search_leads_to_the_upload(tmp_path: Path) -> None:
    """Whatever its id holds."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            found = await console.get("/find", params={"upload": "a/b?c"})
            assert (found.status_code, found.headers["location"]) == (303, "/uploads/a%2Fb%3Fc")

    asyncio.run(scenario())


ALL = (*EVERYTHING, *FILES, "/uploads/u-song", "/uploads/u-film", "/works/label/song", "/works/studio/film")


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_what_is_theirs(tmp_path: Path, role: Role) -> None:
    """The table of who sees what: role by route to status."""
    refused = ("/reviews", "/standing", "/report", "/report.csv", "/report.json")
    expected = dict.fromkeys(ALL, 200)
    if role is Role.RIGHTSHOLDER:
        expected |= dict.fromkeys(refused, 403)
        expected |= {"/works/studio/film": 403, "/uploads/u-film": 404, "/uploads/u-clear": 404}

    async def scenario() -> None:
        async with a_console(tmp_path, STORY, CLUSTER, ROLES[role]) as console:
            assert await statuses(console, expected) == expected

    asyncio.run(scenario())


def test_a_rightsholder_is_shown_nothing_of_others(tmp_path: Path) -> None:
    """Neither in lists nor in figures."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY, CLUSTER, ROLES[Role.RIGHTSHOLDER]) as console:
            for path in ("/", "/uploads", "/works", "/disputes", "/uploads/u-song"):
                page = (await console.get(path)).text
                assert "studio" not in page, path
                assert "u-film" not in page, path
                assert "u-clear" not in page, path
            assert "u-song" in (await console.get("/uploads")).text

    asyncio.run(scenario())


def test_who_has_not_signed_in_in_a_cluster_is_led_to_where_one_does(tmp_path: Path) -> None:
    """And sees nothing before."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY, CLUSTER) as console:
            for path in (*ALL, "/live"):
                page = await console.get(path)
                assert page.status_code == 303, path
                assert page.headers["location"].startswith("/sign-in?next=/"), path
                assert not page.text

    asyncio.run(scenario())


def test_an_upload_that_comes_every_day_makes_no_endless_page(tmp_path: Path) -> None:
    """The latest moments are shown, and how many there were before them."""

    async def scenario() -> None:
        said = [submission("u-1")] * (MOMENTS_MAX + 7)
        async with a_console(tmp_path, said) as console:
            page = (await console.get("/uploads/u-1")).text
            assert page.count("<h3>") == MOMENTS_MAX
            assert "7 earlier moments are not shown." in page

    asyncio.run(scenario())


async def statuses(console: Console, paths: Iterable[str]) -> dict[str, int]:
    """Return how each page is answered."""
    return {path: (await console.get(path)).status_code for path in paths}
