"""Against a real server that does what it should not."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from services.notifier.receivers import Receiver
from services.notifier.schedule import Delivered, Failed, Outcome
from services.notifier.webhooks import ANSWER_BYTES_MAX, WebhookSender
from tests.notifier.facts import OTHER_SECRET, SECRET, by_webhook, whsec
from tests.runtime.remote.site import Handler, Request, running_site

BODY = '{"type":"notice.issued","data":{"subject":"Ünïcode ☃"}}'
PEM = Path(__file__).parents[1] / "runtime" / "remote" / "localhost.pem"


async def deliver(
    url: str,
    *,
    loopback: bool = True,
    secrets: tuple[bytes, ...] = (SECRET,),
    made_by: Callable[[Receiver], WebhookSender] = WebhookSender,
) -> Outcome:
    """Try once."""
    sender = made_by(by_webhook(url=url, loopback=loopback, secrets=secrets))
    try:
        return await sender.send("d-1", BODY)
    finally:
        await sender.close()


def answering(status: str, *lines: str, body: bytes = b"") -> Handler:
    """Return what reads a request and answers."""

    async def answer(request: Request) -> None:
        await request.content()
        await request.head(status, *lines, f"Content-Length: {len(body)}")
        await request.send(body)

    return answer


async def outcome_of(handler: Handler, sender: Callable[[Receiver], WebhookSender] = WebhookSender) -> Outcome:
    """Return what comes of a delivery to this handler."""
    async with running_site({"/hook": handler}) as site:
        return await deliver(site.uri("/hook"), made_by=sender)


def test_what_arrives_is_verified_by_the_librarys_own_means() -> None:
    """Id, time, signature by both secrets, and the very bytes that were signed."""
    seen: list[tuple[Mapping[str, str], bytes]] = []

    async def take(request: Request) -> None:
        seen.append((request.headers, await request.content()))
        await request.head("204 No Content")

    async def scenario() -> None:
        async with running_site({"/hook": take}) as site:
            assert await deliver(site.uri("/hook?a=%2F"), secrets=(OTHER_SECRET, SECRET)) == Delivered("204")
            assert site.seen[0].path == "/hook?a=%2F"

    asyncio.run(scenario())
    ((headers, body),) = seen
    assert headers["webhook-id"] == "d-1"
    assert headers["content-type"] == "application/json"
    for secret in (SECRET, OTHER_SECRET):
        Webhook(whsec(secret)).verify(body, dict(headers))
    assert body.decode() == BODY


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "204 No Content", "299 Whatever"])
def test_every_2xx_is_a_delivery(status: str) -> None:
    """Whatever else it says."""
    assert asyncio.run(outcome_of(answering(status))) == Delivered(status[:3])


@pytest.mark.parametrize(
    ("handler", "outcome"),
    [
        (answering("500 Oops", body=b"no\r\n\0 room"), Failed("500 no room")),
        (answering("404 Not Found"), Failed("404")),
        (answering("401 Unauthorized", body="ungültig \u202e".encode()), Failed("401 ungültig")),
        (answering("410 Gone"), Failed("410", is_gone=True)),
        (answering("429 Slow Down", "Retry-After: 90"), Failed("429", retry_after_ms=90_000)),
        (answering("503 Later", "Retry-After: never"), Failed("503")),
        (answering("304 Not Modified"), Failed("304")),
        (answering("500 Long", body=b"x" * 100_000), Failed(f"500 {'x' * 200}")),
    ],
)
def test_everything_else_is_a_failure_that_says_why(handler: Handler, outcome: Failed) -> None:
    """With the beginning of what was answered; 410 ends everything, and a time that is asked for is kept."""
    assert asyncio.run(outcome_of(handler)) == outcome


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(status: str) -> None:
    """It is a failure: who is told is what the settings say."""

    async def scenario() -> None:
        async with running_site({"/other": answering("200 OK")}) as other:
            outcome = await outcome_of(answering(status, f"Location: {other.uri('/other')}"))
            assert outcome == Failed(status[:3])
            assert other.connections == 0

    asyncio.run(scenario())


async def _reset(request: Request) -> None:
    await request.content()
    request.reset()


async def _half(request: Request) -> None:
    await request.content()
    await request.send("HTTP/1.1 200 O")


async def _garbage(request: Request) -> None:
    await request.content()
    await request.send(b"\0\1\2 not HTTP\r\n\r\n")


async def _large_head(request: Request) -> None:
    await request.content()
    await request.head("200 OK", f"X: {'x' * 100_000}")


@pytest.mark.parametrize("handler", [_reset, _half, _garbage, _large_head])
def test_a_connection_that_breaks_off_is_a_failure_and_no_error(handler: Handler) -> None:
    """Nothing that a stranger writes ends the process."""
    outcome = asyncio.run(outcome_of(handler))
    assert isinstance(outcome, Failed)
    assert outcome.detail.startswith("broken off: ")


async def _stall(_request: Request) -> None:
    await asyncio.Event().wait()


async def _drip_head(request: Request) -> None:
    await request.content()
    await request.send("HTTP/1.1 200 OK\r\n")
    for number in range(10_000):
        await request.send(f"X-{number}: 1\r\n")
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("handler", [_stall, _drip_head])
def test_who_stalls_or_drips_is_left_in_time(handler: Handler) -> None:
    """The whole of a try has an end, however little of it comes again and again."""

    async def scenario() -> None:
        async with asyncio.timeout(5):
            assert await outcome_of(handler, partial(WebhookSender, try_seconds_max=0.3)) == Failed(
                "no answer within 0.3 s"
            )

    asyncio.run(scenario())


def test_of_a_good_answer_nothing_is_waited_for_but_the_head() -> None:
    """Who has said 200 has taken it, and may drip on by itself."""

    async def drip(request: Request) -> None:
        await request.content()
        await request.head("200 OK", "Content-Length: 10000")
        await asyncio.Event().wait()

    assert asyncio.run(outcome_of(drip)) == Delivered("200")


def test_of_a_bad_answer_that_drips_only_the_beginning_is_waited_for() -> None:
    """It is kept for whoever looks why it failed, and not worth more than a moment."""

    async def drip(request: Request) -> None:
        await request.content()
        await request.head("500 Slow", "Content-Length: 10000")
        await request.send(b"x")
        await asyncio.Event().wait()

    assert asyncio.run(outcome_of(drip, partial(WebhookSender, answer_seconds_max=0.2))) == Failed("500 x")


def test_no_more_of_an_answer_is_read_than_what_is_kept() -> None:
    """A server that sends without end is cut off by us."""

    async def flood(request: Request) -> None:
        await request.content()
        await request.head("500 Flood", "Content-Length: 1000000000")
        for _ in range(1_000_000_000 // ANSWER_BYTES_MAX):
            await request.send(b"x" * ANSWER_BYTES_MAX)

    async def scenario() -> None:
        async with asyncio.timeout(10):
            assert await outcome_of(flood) == Failed(f"500 {'x' * 200}")

    asyncio.run(scenario())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254"])
def test_an_address_in_our_own_network_is_not_connected_to(host: str) -> None:
    """Unless the settings allow this very machine; then nothing but that."""

    async def scenario() -> None:
        async with running_site({"/": answering("200 OK")}) as site:
            port = site.host.partition(":")[2]
            assert await deliver(f"https://{host}:{port}/", loopback=False) == Failed("the address is not public")
            if host in ("10.0.0.1", "169.254.169.254"):
                assert await deliver(f"http://{host}:{port}/") == Failed("the address is not public")
            assert site.connections == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1"])
def test_an_address_in_another_notation_is_none(host: str) -> None:
    """The client knows them for what they are."""

    async def scenario() -> None:
        async with running_site({"/": answering("200 OK")}) as site:
            url = f"https://{host}:{site.host.partition(':')[2]}/"
            assert isinstance(await deliver(url, loopback=False), Failed)
            assert site.connections == 0

    asyncio.run(scenario())


def test_who_is_away_is_a_failure() -> None:
    """Nobody listens there."""

    async def scenario() -> None:
        async with running_site({}) as site:
            url = site.uri("/")
        assert await deliver(url) == Failed("cannot connect")

    asyncio.run(scenario())


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told is told to nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)

    async def scenario() -> Outcome:
        async with running_site({"/": answering("200 OK")}, context=context) as site:
            return await deliver(site.uri("/", "https").replace("127.0.0.1", "localhost"))

    assert asyncio.run(scenario()) == Failed("the certificate is not trusted")
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    assert asyncio.run(scenario()) == Delivered("200")
