"""On SQLite and on PostgreSQL."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import event, text

from services.archive.migrating import check_schema
from services.notifier.receivers import Every
from services.notifier.schedule import DAY_MS, HOUR_MS, TRIED_MS, State
from services.notifier.store import (
    DELIVERED_KEPT_MS,
    GIVEN_UP_KEPT_MS,
    LEASE_MS,
    TOGETHER_MAX,
    Outlook,
    Store,
)
from tests.notifier.facts import NOW, by_mail, by_webhook, some
from tests.notifier.stores import a_store, done, failed, given_up, ids, opened, rows

HOOK = by_webhook("hook")
OTHER = by_webhook("other")
DAILY = by_mail("box", every=Every.DAY)


def test_what_is_put_again_stays_as_it_is(database_url: str) -> None:
    """Neither doubled nor waiting anew, however often its record is read."""

    async def scenario() -> None:
        async with opened(database_url) as engine:
            store = Store(engine)
            await store.begin([HOOK], NOW)
            many = some(TOGETHER_MAX + 3, HOOK)
            await store.put(many)
            (first,) = await store.turn("hook", [], 1, NOW)
            await store.turn("hook", done(first), 0, NOW)
            await store.put(many)
            found = await rows(engine)
            assert len(found) == len(many)
            assert [row.delivery_id for row in found if row.state == State.DELIVERED] == [first.id]

    asyncio.run(scenario())


def test_what_waits_for_who_is_told_no_more_is_said_so_and_expires(database_url: str) -> None:
    """Not before it would have been given up, since a name may be missing from a file by mistake."""

    async def scenario() -> None:
        async with a_store(database_url, HOOK, OTHER) as store, opened(database_url) as engine:
            await store.put([*some(2, HOOK), *some(3, OTHER)])
            assert await store.expire(["other"], NOW + TRIED_MS) == 0
            waits = {row.detail for row in await rows(engine) if row.receiver == "hook"}
            assert waits == {"its receiver is in the file no more"}
            assert await store.expire(["other"], NOW + TRIED_MS + 1) == 2
            found = await rows(engine)
            assert {row.receiver: row.state for row in found} == {"hook": State.GIVEN_UP, "other": State.WAITING}
            assert {row.detail for row in found if row.receiver == "other"} == {""}

    asyncio.run(scenario())


def test_a_delivery_is_tried_by_one_at_a_time(database_url: str) -> None:
    """Another process takes what is left, and this only when its time is over."""

    async def scenario() -> None:
        async with a_store(database_url, HOOK) as one, a_store(database_url, HOOK, holder="1") as other:
            await one.put(some(5, HOOK))
            first = await one.turn("hook", [], 3, NOW)
            second = await other.turn("hook", [], 10, NOW)
            assert (len(first), len(second)) == (3, 2)
            assert not set(ids(first)) & set(ids(second))
            assert await other.turn("hook", [], 10, NOW + LEASE_MS - 1) == []
            assert len(await other.turn("hook", [], 10, NOW + LEASE_MS)) == 5

    asyncio.run(scenario())


def test_who_starts_again_under_its_name_goes_on_at_once(database_url: str) -> None:
    """What it tried when it was killed is tried again; what another one tries is not."""

    async def scenario() -> None:
        async with a_store(database_url, HOOK) as one, a_store(database_url, HOOK, holder="1") as other:
            await one.put(some(4, HOOK))
            mine = await one.turn("hook", [], 2, NOW)
            await other.turn("hook", [], 2, NOW)
            async with a_store(database_url, HOOK) as again:
                assert ids(await again.turn("hook", [], 10, NOW)) == ids(mine)

    asyncio.run(scenario())


def test_what_failed_waits_for_its_time_and_counts_its_tries(database_url: str) -> None:
    """In the transaction that takes the next."""

    async def scenario() -> None:
        async with a_store(database_url, HOOK) as store:
            await store.put(some(1, HOOK))
            (first,) = await store.turn("hook", [], 1, NOW)
            assert await store.turn("hook", failed(first, NOW + 5_000), 1, NOW) == []
            assert await store.turn("hook", [], 1, NOW + 4_999) == []
            (again,) = await store.turn("hook", [], 1, NOW + 5_000)
            assert (again.id, again.rows[0].attempts) == (first.id, 1)

    asyncio.run(scenario())


def test_who_took_too_long_has_no_say_any_more(database_url: str) -> None:
    """A process that was frozen while it tried does not undo what another one has done meanwhile."""

    async def scenario() -> None:
        async with a_store(database_url, HOOK) as frozen, a_store(database_url, HOOK, holder="1") as other:
            await frozen.put(some(1, HOOK))
            (mine,) = await frozen.turn("hook", [], 1, NOW)
            (theirs,) = await other.turn("hook", [], 1, NOW + LEASE_MS)
            await other.turn("hook", done(theirs), 0, NOW + LEASE_MS)
            assert await frozen.turn("hook", failed(mine, NOW), 1, NOW + LEASE_MS) == []

    asyncio.run(scenario())


def test_receivers_have_their_own(database_url: str) -> None:
    """Nobody is given another's, and each one's outlook is its own."""

    async def scenario() -> None:
        async with a_store(database_url, HOOK, OTHER) as store:
            await store.put([*some(2, HOOK), *some(1, OTHER, NOW + 7)])
            assert len(await store.turn("other", [], 10, NOW + 7)) == 1
            await store.disable("hook", NOW)
            assert sorted(await store.outlooks(), key=lambda each: each.receiver) == [
                Outlook("hook", True, NOW, NOW),
                Outlook("other", False, NOW + 7 + LEASE_MS, NOW + 7),
            ]

    asyncio.run(scenario())


def test_what_was_finished_long_ago_is_removed(database_url: str) -> None:
    """A month after its delivery, three after it was given up; what waits is never."""

    async def scenario() -> None:
        async with opened(database_url) as engine:
            store = Store(engine)
            await store.begin([HOOK], NOW)
            await store.put(some(3, HOOK))
            first, second, third = await store.turn("hook", [], 3, NOW)
            await store.turn("hook", [*done(first), *given_up(second), *failed(third, NOW + HOUR_MS)], 0, NOW)
            assert await store.prune(NOW + DELIVERED_KEPT_MS) == 0
            assert await store.prune(NOW + DELIVERED_KEPT_MS + 1) == 1
            assert await store.prune(NOW + GIVEN_UP_KEPT_MS + 1) == 1
            assert await store.prune(NOW + 3_650 * DAY_MS) == 0
            assert [row.delivery_id for row in await rows(engine)] == [third.id]

    asyncio.run(scenario())


def test_letting_go_makes_it_due(database_url: str) -> None:
    """What was broken off at a stop is tried at once by whoever comes next."""

    async def scenario() -> None:
        async with a_store(database_url, HOOK) as one, a_store(database_url, HOOK, holder="1") as other:
            await one.put(some(2, HOOK))
            await one.turn("hook", [], 2, NOW)
            await one.let_go(NOW)
            assert len(await other.turn("hook", [], 2, NOW)) == 2

    asyncio.run(scenario())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_looking_for_what_is_due_reads_nothing_that_is_done(database_url: str) -> None:
    """Every look goes into an index of what waits alone, or all that was ever delivered would be read each second."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    async def scenario() -> None:
        async with opened(database_url) as engine:
            store = Store(engine)
            event.listen(engine.sync_engine, "before_cursor_execute", note)
            await store.outlooks()
            await store.turn("hook", [], 3, NOW)
            await store.turn_of_letters("box", [], 1, NOW)
            event.remove(engine.sync_engine, "before_cursor_execute", note)
            async with engine.connect() as connection:
                for statement, parameters in asked:
                    steps = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                    plan = [step[-1] for step in steps if "deliveries" in step[-1]]
                    assert plan
                    assert all(
                        "INDEX ix_deliveries_due" in step or "INDEX ix_deliveries_oldest" in step for step in plan
                    )

    asyncio.run(scenario())
    assert len(asked) == 4


def test_the_tables_are_those_of_the_migrations(database_url: str) -> None:
    """What the steps make is what is written to."""

    async def scenario() -> None:
        async with opened(database_url) as engine:
            await check_schema(engine)
            async with engine.connect() as connection:
                assert (await connection.execute(text("SELECT count(*) FROM deliveries"))).scalar() == 0

    asyncio.run(scenario())
