import asyncio
import html
import re
from pathlib import Path

from services.archive.queries.scope import Mark
from services.console.people import Role
from services.console.reading.places import written
from tests.archive.facts import BEGIN_MS, Said, registration, submission, takedown, verdict
from tests.console.site import CLUSTER, ROLES, Console, a_console

MANY = 120
NAMES = [f"x-{number:03}" for number in range(MANY)]


def many() -> list[Said]:
    """Return more uploads, works and copies than a page holds, many of one time."""
    said: list[Said] = []
    for number, name in enumerate(NAMES):
        at_ms = BEGIN_MS + number // 7
        said += [submission(name), verdict(name, at_ms=at_ms), registration(name, f"s-{name}")]
        said += [takedown(name, name, at_ms=at_ms)]
    return said


async def walk(console: Console, path: str, pattern: str) -> list[str]:
    """Return what is found on a page and on all that follow it."""
    found: list[str] = []
    while path:
        page = (await console.get(path)).text
        found += re.findall(pattern, page)
        older = re.search(r'href="([^"]+before=[^"]+)"', page)
        path = html.unescape(older[1]) if older else ""
    return found


def test_a_long_list_is_walked_without_gap_or_repetition(tmp_path: Path) -> None:
    """Also where many rows are of one time, which ids tell apart."""

    async def scenario() -> None:
        async with a_console(tmp_path, many()) as console:
            assert await walk(console, "/uploads", 'href="/uploads/(x-[0-9]+)"') == sorted(NAMES, reverse=True)
            assert await walk(console, "/works", 'href="/works/label/(x-[0-9]+)"') == NAMES

    asyncio.run(scenario())


def test_a_rightsholder_walks_through_their_copies(tmp_path: Path) -> None:
    """The list of theirs goes on in the same way."""

    async def scenario() -> None:
        async with a_console(tmp_path, many(), CLUSTER, ROLES[Role.RIGHTSHOLDER]) as console:
            assert sorted(await walk(console, "/uploads", 'href="/uploads/(x-[0-9]+)"')) == NAMES

    asyncio.run(scenario())


def test_a_place_that_somebody_made_up_is_the_begin(tmp_path: Path) -> None:
    """An address is anybody's to write."""

    async def scenario() -> None:
        beyond = written(Mark(10**27, ("x",)))  # more than a database's integer
        async with a_console(tmp_path, many()) as console:
            for made_up in ("x", "%F0", "W10", "eyJtcyI6MSwiaWRzIjpbXX0", "a" * 5_000, beyond):
                for path in ("/uploads", "/works", "/disputes"):
                    assert (await console.get(f"{path}?before={made_up}")).status_code == 200, (path, made_up)
                assert (await console.get(f"/reviews?uploads={made_up}&works={made_up}")).status_code == 200

    asyncio.run(scenario())
