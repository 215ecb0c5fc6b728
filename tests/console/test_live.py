import asyncio
import json
from pathlib import Path

from services.archive.queries.scope import EVERYTHING, Scope
from services.console.live import READERS_MAX, READERS_OF_ONE_MAX, Live
from tests.archive.facts import recorded, submission, verdict
from tests.archive.rows import write_all
from tests.console.site import a_console
from tests.console.story import STORY

SECONDS_MAX = 10.0


def test_figures_follow_the_record(tmp_path: Path) -> None:
    """Who follows hears of what is written next, without asking."""

    async def scenario() -> None:
        async with a_console(tmp_path) as console, asyncio.timeout(SECONDS_MAX):
            changes = Live(console.archive).changes(EVERYTHING, "ann")
            assert json.loads((await anext(changes))["data"])["clear"] == "0"
            await write_all(console.archive, recorded(submission("u-1"), verdict("u-1")))
            assert json.loads((await anext(changes))["data"])["clear"] == "1"
            await changes.aclose()

    asyncio.run(scenario())


def test_a_rightsholder_follows_their_own_figures(tmp_path: Path) -> None:
    """Kept apart from everybody's, however close together both ask."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            live = Live(console.archive)
            all_, own, none = (live.changes(scope, "ann") for scope in (EVERYTHING, Scope("label"), Scope("")))
            assert json.loads((await anext(all_))["data"])["blocked"] == "3"
            assert json.loads((await anext(own))["data"])["down_now"] == "2"
            assert json.loads((await anext(none))["data"])["down_now"] == "0"
            for each in (all_, own, none):
                await each.aclose()

    asyncio.run(scenario())


def test_no_more_follow_than_may(tmp_path: Path) -> None:
    """Who finds no place is told so, and who leaves makes room."""

    async def scenario() -> None:
        async with a_console(tmp_path) as console:
            live = Live(console.archive)
            of_ann = [live.changes(EVERYTHING, "ann") for _ in range(READERS_OF_ONE_MAX)]
            for each in of_ann:
                assert not live.is_full("ann")
                await anext(each)
            assert live.is_full("ann"), "nobody takes the places of others"
            assert not live.is_full("bob")
            others = [live.changes(EVERYTHING, f"other-{number}") for number in range(READERS_MAX - len(of_ann))]
            for each in others:
                await anext(each)
            assert live.is_full("bob")
            for each in (*of_ann, *others):
                await each.aclose()
            assert not live.is_full("bob")
            assert not live.readers

    asyncio.run(scenario())
