"""On SQLite and on PostgreSQL: what is kept of what was told once nobody needs it, or who it is about was erased."""

import asyncio

from msgspec.structs import replace

from services.archive.erasing import erase
from services.archivist.entries import Recorded
from services.contracts.decided import Subject
from services.contracts.topics import NOTICES_ISSUED, VERDICTS_DECIDED
from services.notifier.matching import deliveries
from services.notifier.store import Store
from tests.archive.facts import submission
from tests.archive.rows import write_all
from tests.notifier.facts import NOW, Kind, Verdict, by_webhook, notice, some, verdict
from tests.notifier.stores import done, given_up, opened, rows

HOOK = by_webhook("hook", verdicts=tuple(Verdict))


def test_what_was_delivered_is_not_kept(database_url: str) -> None:
    """That it was delivered is; what it said about whom is in other people's hands now."""

    async def scenario() -> None:
        async with opened(database_url) as engine:
            store = Store(engine)
            await store.begin([HOOK], NOW)
            await store.put(some(2, HOOK))
            first, second = await store.turn("hook", [], 2, NOW)
            await store.turn("hook", [*done(first), *given_up(second)], 0, NOW)
            assert {row.delivery_id: bool(row.body) for row in await rows(engine)} == {first.id: False, second.id: True}

    asyncio.run(scenario())


def test_what_was_given_up_about_who_is_erased_is_forgotten(database_url: str) -> None:
    """Of their uploads too, to whomever it was told; what concerns others can still be retried."""

    async def scenario() -> None:
        theirs = (notice("n-1", who="u"), notice("n-2", Kind.RIGHTSHOLDER, "label"), verdict())
        others = replace(notice("n-3", who="bob"), about=Subject("up-2"))
        async with opened(database_url) as engine:
            topic, key, upload = submission("up-1", "u")
            record = Recorded(topic, 0, 7, NOW, key, upload)
            told = [Recorded(NOTICES_ISSUED, 0, at, NOW, "k", fact) for at, fact in enumerate((*theirs[:2], others))]
            await write_all(engine, [record, *told, Recorded(VERDICTS_DECIDED, 0, 3, NOW, "up-1", theirs[2])])
            store = Store(engine)
            await store.begin([HOOK], NOW)
            await store.put([each for fact in (*theirs, others) for each in deliveries(fact, [HOOK], NOW)])
            taken = await store.turn("hook", [], 4, NOW)
            await store.turn("hook", [settled for each in taken for settled in given_up(each)], 0, NOW)
            await erase(engine, "u", "olga")
            assert [row.about for row in await rows(engine)] == ["notice.issued n-3"]

    asyncio.run(scenario())
