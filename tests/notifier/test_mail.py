"""Against a real mail server."""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Any

import pytest

from services.notifier.mail import TRY_SECONDS_MAX, MailSender
from services.notifier.matching import deliveries
from services.notifier.receivers import Directory, MailServer, Security
from services.notifier.schedule import Delivered, Failed, Outcome
from services.notifier.store import Claimed
from tests.notifier.facts import NOW, by_mail, notice
from tests.notifier.post import DEADLINE_SECONDS, PEM, Post, running_post

SENDER = "Staydown <staydown@example.org>"


@dataclass(frozen=True)
class Row:
    """A delivery as it stands in the database."""

    body: str


def claimed(*ids: str) -> Claimed:
    """Return what one letter tells."""
    rows: Any = tuple(Row(each.body) for name in ids for each in deliveries(notice(name), [by_mail()], NOW))
    return Claimed("0123abcd", rows)


async def send(
    port: int, *ids: str, host: str = "localhost", seconds_max: float = TRY_SECONDS_MAX, **server: Any
) -> Outcome:
    """Try once."""
    given = {"security": Security.NONE, **server}
    directory = Directory(server=MailServer(host, SENDER, port, **given), password="hush")  # noqa: S106  # a test's
    return await MailSender(by_mail(), directory, seconds_max).send(claimed(*(ids or ("n-1",))))


def test_a_letter_arrives_with_its_deliverys_id() -> None:
    """From and to whom it should, as text and HTML, and marked as a machine's."""

    async def scenario() -> Post:
        async with running_post() as post:
            assert isinstance(await send(post.port), Delivered)
            return post

    post = asyncio.run(scenario())
    (message,) = post.messages
    assert post.envelopes[0].rcpt_tos == ["person@example.org"]
    assert post.envelopes[0].mail_from == "staydown@example.org"
    assert message["Message-ID"] == "<0123abcd@example.org>"
    assert message["Subject"] == "Your upload is down"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    ("to", "data", "outcome"),
    [
        (["451 later"], [], Failed("451 later")),
        (["550 nobody here"], [], Failed("550 nobody here", for_good=True)),
        ([], ["452 full"], Failed("452 full")),
        ([], ["554 spam"], Failed("554 spam", for_good=True)),
    ],
)
def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not(
    to: list[str], data: list[str], outcome: Failed
) -> None:
    """RFC 5321: 4yz and 5yz, of the recipient and of the message."""

    async def scenario() -> Outcome:
        async with running_post() as post:
            post.to, post.data = to, data
            return await send(post.port)

    assert asyncio.run(scenario()) == outcome


@pytest.mark.parametrize(("trouble", "seconds_max"), [("drop", TRY_SECONDS_MAX), ("stall", 0.5)])
def test_a_server_that_drops_or_stalls_is_tried_again(trouble: str, seconds_max: float) -> None:
    """The whole of a try has an end."""

    async def scenario() -> None:
        async with running_post() as post, asyncio.timeout(DEADLINE_SECONDS):
            post.data = [trouble]
            outcome = await send(post.port, seconds_max=seconds_max)
            assert isinstance(outcome, Failed)
            assert not outcome.for_good
            post.data.clear()  # a try whose time was over before it came so far has not met it
            assert isinstance(await send(post.port), Delivered)

    asyncio.run(scenario())


def test_what_no_letter_can_be_made_of_is_given_up() -> None:
    """At once and with the kind of the trouble, since it would be no other the next time; and others are told."""
    outcome = asyncio.run(_send_body("{"))
    assert isinstance(outcome, Failed)
    assert outcome.for_good
    assert outcome.detail == "no letter can be made of it: DecodeError"


async def _send_body(body: str) -> Outcome:
    directory = Directory(server=MailServer("localhost", SENDER, 1, Security.NONE))
    rows: Any = (Row(body),)
    return await MailSender(by_mail(), directory).send(Claimed("0123abcd", rows))


def test_a_server_that_is_away_is_tried_again() -> None:
    """Nobody listens there."""

    async def scenario() -> Outcome:
        async with running_post() as post:
            port = post.port
        return await send(port)

    outcome = asyncio.run(scenario())
    assert isinstance(outcome, Failed)
    assert not outcome.for_good


def test_the_password_goes_through_tls_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """To a server that somebody vouches for; one that offers no TLS gets neither password nor letter."""
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))

    async def scenario() -> None:
        secured: dict[str, Any] = {"security": Security.STARTTLS, "username": "me", "password_file": "password"}
        async with running_post(tls=True) as post:
            assert isinstance(await send(post.port, **secured), Delivered)
            assert post.logins == ["me"]
            assert isinstance(await send(post.port, host="127.0.0.1", **secured), Failed)
            assert len(post.messages) == 1
        async with running_post() as plain:
            assert isinstance(await send(plain.port, **secured), Failed)
            assert plain.tries == 0

    asyncio.run(scenario())


def test_a_certificate_that_nobody_vouches_for_is_not_trusted() -> None:
    """The letter waits until that is cured."""

    async def scenario() -> None:
        async with running_post(tls=True) as post:
            outcome = await send(post.port, security=Security.STARTTLS)
            assert isinstance(outcome, Failed)
            assert not outcome.for_good
            assert post.tries == 0

    asyncio.run(scenario())


def test_a_wrong_password_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ours to cure, and no reason to give up what people are to be told."""
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))

    async def scenario() -> Outcome:
        async with running_post(tls=True) as post:
            server = MailServer("localhost", SENDER, post.port, Security.STARTTLS, "me", "password")
            return await MailSender(by_mail(), Directory(server=server, password="wrong")).send(claimed("n-1"))  # noqa: S106  # a test's

    outcome = asyncio.run(scenario())
    assert isinstance(outcome, Failed)
    assert outcome.detail.startswith("535")
    assert not outcome.for_good


def test_a_digest_is_one_letter() -> None:
    """It tells everything, in order, under one id."""

    async def scenario() -> Post:
        async with running_post() as post:
            assert isinstance(await send(post.port, "n-1", "n-2", "n-3"), Delivered)
            return post

    (message,) = asyncio.run(scenario()).messages
    assert message["Subject"] == "3 notices"
    text = message.get_body(("plain",))
    assert text is not None
    assert [f"{number}. Your upload is down" in text.get_content() for number in (1, 2, 3)] == [True] * 3


def test_tls_from_the_first_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """As port 465 has it: a server that speaks in the clear is none."""
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)

    async def scenario() -> None:
        async with running_post() as plain:
            assert isinstance(await send(plain.port, security=Security.TLS), Failed)
        async with running_post(wrapped=context) as post:
            assert isinstance(await send(post.port, security=Security.TLS), Delivered)

    asyncio.run(scenario())
