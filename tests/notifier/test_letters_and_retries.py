"""On SQLite and on PostgreSQL: what a letter gathers, who is gone, and what is tried anew."""

import asyncio

from services.notifier.receivers import Every
from services.notifier.retrying import retry
from services.notifier.store import (
    LETTER_MAX,
    Outlook,
    Store,
)
from tests.notifier.facts import NOW, by_mail, by_webhook, some
from tests.notifier.stores import a_store, done, failed, given_up, ids, opened

HOOK = by_webhook("hook")
OTHER = by_webhook("other")
DAILY = by_mail("box", every=Every.DAY)


def test_a_letter_gathers_what_is_due_and_is_the_same_when_it_failed(database_url: str) -> None:
    """What comes later goes into the next one, so that a repeat under one id says one thing."""

    async def scenario() -> None:
        async with a_store(database_url, DAILY) as store:
            many = some(4, DAILY)
            due = many[0].next_ms
            assert due > NOW
            await store.put(many[:2])
            assert await store.turn_of_letters("box", [], 1, NOW) == []
            (letter,) = await store.turn_of_letters("box", [], 1, due)
            assert len(letter.rows) == 2
            await store.put(many[2:])
            (second,) = await store.turn_of_letters("box", failed(letter, due + 5_000), 1, due + 1)
            assert len(second.rows) == 2
            assert second.id != letter.id
            await store.turn_of_letters("box", done(second), 0, due + 2)
            (again,) = await store.turn_of_letters("box", [], 1, due + 5_000)
            assert again.id == letter.id
            assert [row.delivery_id for row in again.rows] == [row.delivery_id for row in letter.rows]

    asyncio.run(scenario())


def test_a_letter_that_was_being_sent_when_its_sender_was_killed_is_sent_as_it_was(database_url: str) -> None:
    """Under the id that it had."""

    async def scenario() -> None:
        async with a_store(database_url, DAILY) as store:
            many = some(3, DAILY)
            due = many[0].next_ms
            await store.put(many[:2])
            (letter,) = await store.turn_of_letters("box", [], 1, due)
            await store.put(many[2:])
        async with a_store(database_url, DAILY) as store:
            found = [each for _ in range(2) for each in await store.turn_of_letters("box", [], 1, due)]
            assert {each.id: len(each.rows) for each in found}[letter.id] == 2
            assert sum(len(each.rows) for each in found) == 3

    asyncio.run(scenario())


def test_a_letter_has_an_end(database_url: str) -> None:
    """The rest goes into the next one at once."""

    async def scenario() -> None:
        async with a_store(database_url, DAILY) as store:
            many = some(LETTER_MAX + 1, DAILY)
            await store.put(many)
            (first,) = await store.turn_of_letters("box", [], 1, many[0].next_ms)
            (second,) = await store.turn_of_letters("box", done(first), 1, many[0].next_ms)
            assert (len(first.rows), len(second.rows)) == (LETTER_MAX, 1)

    asyncio.run(scenario())


def test_who_is_gone_gets_nothing_until_enabled_again(database_url: str) -> None:
    """What waits is given up and stays visible; a retry brings all of it back, and the receiver."""

    async def scenario() -> None:
        async with opened(database_url) as engine:
            store = Store(engine, "0")
            await store.begin([HOOK, OTHER], NOW)
            await store.put([*some(2, HOOK), *some(1, OTHER)])
            await store.disable("hook", NOW)
            assert await store.give_up("hook", NOW) == 2
            await store.begin([HOOK, OTHER], NOW)
            outlook = {each.receiver: each for each in await store.outlooks()}
            assert outlook["hook"] == Outlook("hook", True, None, None)
            assert not outlook["other"].is_disabled
            assert await retry(engine, NOW + 9, receiver="hook") == 2
            outlook = {each.receiver: each for each in await store.outlooks()}
            assert outlook["hook"] == Outlook("hook", False, NOW + 9, NOW)

    asyncio.run(scenario())


def test_another_address_is_another_receiver(database_url: str) -> None:
    """Whoever had gone from the old one is told at the new one."""

    async def scenario() -> None:
        async with a_store(database_url, HOOK) as store:
            await store.disable("hook", NOW)
            await store.begin([by_webhook("hook", url="https://new.example/")], NOW)
            assert not (await store.outlooks())[0].is_disabled

    asyncio.run(scenario())


def test_a_retry_is_of_what_was_given_up_and_begins_anew(database_url: str) -> None:
    """By ids, or all of it; what was delivered is not sent again."""

    async def scenario() -> None:
        async with opened(database_url) as engine:
            store = Store(engine)
            await store.begin([HOOK], NOW)
            await store.put(some(3, HOOK))
            first, second, third = await store.turn("hook", [], 3, NOW)
            await store.turn("hook", [*given_up(first), *given_up(second), *done(third)], 0, NOW)
            assert await retry(engine, NOW, ids=[first.id, third.id]) == 1
            (again,) = await store.turn("hook", [], 3, NOW)
            assert (again.id, again.rows[0].attempts) == (first.id, 0)
            assert await retry(engine, NOW) == 1
            assert ids(await store.turn("hook", [], 3, NOW)) == [second.id]

    asyncio.run(scenario())
