"""Lanes on a real database_url, against real servers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from services.notifier import webhooks
from services.notifier.lane import HELD_MAX, TRIES_MAX
from services.notifier.lanes import Lanes, Pace, lanes
from services.notifier.receivers import Directory, Every, MailServer, Receiver, Security
from services.notifier.retrying import retry
from services.notifier.schedule import State
from services.notifier.store import Store
from tests.notifier.facts import by_mail, by_webhook, some
from tests.notifier.post import running_post
from tests.notifier.stores import opened, rows
from tests.runtime.remote.site import Handler, Request, running_site

DEADLINE_SECONDS = 8.0
# Milliseconds where a notifier waits seconds.
QUICK = Pace(watch_seconds=0.02, pauses_ms=(10, 20, 30))


@dataclass
class Hook:
    """A receiver's server: notes which deliveries it took, and answers what it is told, in turn.

    The first answer comes when so many as `together` are asked at once, and `are_together` is set then.
    """

    answers: list[str] = field(default_factory=list)
    always: str = "204 No Content"
    seen: Counter[str] = field(default_factory=Counter)
    together: int = 1
    most_at_once: int = 0
    are_together: asyncio.Event = field(default_factory=asyncio.Event)
    _now: int = 0

    async def answer(self, request: Request) -> None:
        """Answer one request."""
        await request.content()
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        self.seen[request.headers["webhook-id"]] += 1
        if self._now >= self.together:
            self.are_together.set()
        await self.are_together.wait()
        status = self.answers.pop(0) if self.answers else self.always
        try:
            if status == "stall":
                await asyncio.Event().wait()
            await request.head(status, "Content-Length: 0")
        finally:
            self._now -= 1


@dataclass
class Running:
    """Lanes that run."""

    engine: AsyncEngine
    store: Store
    lanes: Lanes

    async def put(self, count: int, *receivers: Receiver) -> None:
        """Put deliveries and nudge, as the intake does."""
        await self.store.put([each for receiver in receivers for each in some(count, receiver, 0)])
        self.lanes.nudge(receiver.id for receiver in receivers)

    async def states(self, receiver: Receiver) -> Counter[str]:
        """Return how many deliveries of a receiver stand how."""
        return Counter(row.state for row in await rows(self.engine) if row.receiver == receiver.id)

    async def until(self, receiver: Receiver, **counts: int) -> None:
        """Wait until a receiver's deliveries stand so."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while await self.states(receiver) != counts:  # noqa: ASYNC110  # a database tells only when asked
                await asyncio.sleep(0.01)


@asynccontextmanager
async def serving(
    database_url: str, *receivers: Receiver, server: MailServer | None = None, holder: str = "0", pace: Pace = QUICK
) -> AsyncIterator[Running]:
    """Serve these receivers while the context lasts."""
    async with opened(database_url) as engine:
        store = Store(engine, holder)
        await store.begin(receivers, 0)
        async with lanes(Directory(receivers, server), store, pace) as running:
            stop = asyncio.Event()
            task = asyncio.create_task(running.run(stop))
            yield Running(engine, store, running)
            stop.set()
            await task


def hooked(name: str, site_uri: Callable[[str], str]) -> Receiver:
    """Return a receiver at a path of a site of its own name."""
    return by_webhook(name, url=site_uri(f"/{name}"), loopback=True)


def test_everything_is_delivered_once(database_url: str) -> None:
    """More than is tried at once, and no more than that at once."""

    async def scenario() -> None:
        hook = Hook(together=TRIES_MAX)
        async with running_site({"/a": hook.answer}) as site:
            receiver = hooked("a", site.uri)
            async with serving(database_url, receiver) as running:
                await running.put(100, receiver)
                await running.until(receiver, DELIVERED=100)
        assert set(hook.seen.values()) == {1}
        assert hook.most_at_once == TRIES_MAX

    asyncio.run(scenario())


def test_what_failed_is_tried_again_under_its_id(database_url: str) -> None:
    """Until it goes well."""

    async def scenario() -> None:
        hook = Hook(answers=["500 No", "503 Later", "302 Elsewhere"])
        async with running_site({"/a": hook.answer}) as site:
            receiver = hooked("a", site.uri)
            async with serving(database_url, receiver) as running:
                await running.put(1, receiver)
                await running.until(receiver, DELIVERED=1)
                (row,) = await rows(running.engine)
        assert hook.seen == {row.delivery_id: 4}
        assert (row.attempts, row.detail, row.holder) == (4, "204", None)

    asyncio.run(scenario())


def test_what_fails_for_days_is_given_up_and_can_be_retried(database_url: str) -> None:
    """It stands there with what was answered last, and a command has it tried again."""

    async def scenario() -> None:
        hook = Hook(always="500 No")
        async with running_site({"/a": hook.answer}) as site:
            receiver = hooked("a", site.uri)
            async with serving(database_url, receiver) as running:
                await running.put(2, receiver)
                await running.until(receiver, GIVEN_UP=2)
                assert {(row.attempts, row.detail) for row in await rows(running.engine)} == {(4, "500")}
                assert set(hook.seen.values()) == {4}
                hook.always = "200 OK"
                assert await retry(running.engine, 0) == 2
                await running.until(receiver, DELIVERED=2)

    asyncio.run(scenario())


def test_a_receiver_that_is_gone_is_asked_no_more(database_url: str) -> None:
    """What comes later is given up as well, until a person enables it again."""

    async def scenario() -> None:
        hook = Hook(always="410 Gone")
        async with running_site({"/a": hook.answer}) as site:
            receiver = hooked("a", site.uri)
            async with serving(database_url, receiver) as running:
                await running.put(1, receiver)
                await running.until(receiver, GIVEN_UP=1)
                asked = hook.seen.total()
                await running.put(40, receiver)
                await running.until(receiver, GIVEN_UP=40)
                assert hook.seen.total() == asked
                hook.always = "200 OK"
                await retry(running.engine, 0, receiver="a")
                await running.until(receiver, DELIVERED=40)

    asyncio.run(scenario())


def test_whoever_says_that_they_are_gone_is_asked_for_no_more_than_was_asked_already(database_url: str) -> None:
    """What was being tried ends as it ends, and nothing else is begun."""

    async def scenario() -> None:
        hook = Hook(answers=["410 Gone"], together=TRIES_MAX)
        async with running_site({"/a": hook.answer}) as site:
            receiver = hooked("a", site.uri)
            async with serving(database_url, receiver) as running:
                await running.put(100, receiver)
                await running.until(receiver, DELIVERED=TRIES_MAX - 1, GIVEN_UP=100 - TRIES_MAX + 1)
        assert hook.seen.total() == TRIES_MAX

    asyncio.run(scenario())


async def _reset(request: Request) -> None:
    request.reset()


async def _stall(_request: Request) -> None:
    await asyncio.Event().wait()


async def _drip(request: Request) -> None:
    await request.content()
    for byte in b"HTTP/1.1 200 OK\r\n" * 1_000:
        await request.send(bytes([byte]))
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("bad", [_reset, _stall, _drip])
def test_a_bad_receiver_delays_nobody_else(database_url: str, bad: Handler) -> None:
    """However much waits for it, and however many of its tries hang."""

    async def scenario() -> None:
        hook = Hook()
        async with running_site({"/bad": bad, "/good": hook.answer}) as site:
            worse, good = hooked("bad", site.uri), hooked("good", site.uri)
            async with serving(database_url, worse, good, pace=replace(QUICK, drain_seconds=0.1)) as running:
                await running.put(200, worse)
                async with asyncio.timeout(webhooks.TRY_SECONDS_MAX / 3):
                    await running.put(50, good)
                    await running.until(good, DELIVERED=50)
                assert (await running.states(worse))[State.DELIVERED] == 0

    asyncio.run(scenario())


def test_a_stop_waits_for_what_is_being_tried_and_lets_go_of_the_rest(database_url: str) -> None:
    """Whoever comes next has it at once, also under another name, and nothing that was delivered is sent again."""

    async def scenario() -> None:
        hook = Hook(answers=["stall", "stall"])
        async with running_site({"/a": hook.answer}) as site:
            receiver = hooked("a", site.uri)
            async with serving(database_url, receiver, pace=replace(QUICK, drain_seconds=0.2)) as running:
                await running.put(TRIES_MAX, receiver)
                await running.until(receiver, DELIVERED=TRIES_MAX - 2, WAITING=2)
            async with serving(database_url, receiver, holder="1") as running:
                await running.until(receiver, DELIVERED=TRIES_MAX)
        assert sorted(hook.seen.values()) == [1] * (TRIES_MAX - 2) + [2, 2]

    asyncio.run(scenario())


def test_mail_is_refused_for_now_and_for_good(database_url: str) -> None:
    """A letter has the id of its delivery each time."""

    async def scenario() -> None:
        async with running_post() as post:
            box = by_mail("box")
            server = MailServer("127.0.0.1", "s@example.org", post.port, Security.NONE)
            async with serving(database_url, box, server=server) as running:
                post.to = ["451 later"]
                post.data = ["drop"]
                await running.put(1, box)
                await running.until(box, DELIVERED=1)
                (row,) = await rows(running.engine)
                assert row.attempts == 3
                assert post.messages[0]["Message-ID"] == f"<{row.delivery_id}@example.org>"
                post.to = ["550 nobody"] * 2
                await running.put(3, box)
                await running.until(box, DELIVERED=1, GIVEN_UP=2)

    asyncio.run(scenario())


def test_a_digest_that_was_refused_for_now_comes_as_it_was(database_url: str) -> None:
    """All that it gathers at once: a part under the same Message-ID would be taken for the whole, and dropped."""
    pace = replace(QUICK, pauses_ms=(1_000, 1_000))

    async def scenario() -> None:
        async with running_post() as post:
            box = by_mail("box", every=Every.DAY)
            server = MailServer("127.0.0.1", "s@example.org", post.port, Security.NONE)
            async with serving(database_url, box, server=server, pace=pace) as running:
                post.to = ["451 later"]
                await running.put(20, box)
                await running.until(box, DELIVERED=20)
            assert [message["Subject"] for message in post.messages] == ["20 notices"]

    asyncio.run(scenario())


def test_what_is_held_and_not_tried_is_let_go_at_a_stop(database_url: str) -> None:
    """Whoever comes next tries it at once, and for the first time."""

    async def scenario() -> None:
        held = HELD_MAX - TRIES_MAX
        hook = Hook(answers=["stall"] * TRIES_MAX, together=TRIES_MAX)
        async with running_site({"/a": hook.answer}) as site:
            receiver = hooked("a", site.uri)
            async with serving(database_url, receiver, pace=replace(QUICK, drain_seconds=0.1)) as running:
                await running.put(HELD_MAX, receiver)
                await hook.are_together.wait()
            async with serving(database_url, receiver, holder="1") as running:
                await running.until(receiver, DELIVERED=HELD_MAX)
        assert sorted(hook.seen.values()) == [1] * held + [2] * TRIES_MAX

    asyncio.run(scenario())
