"""No URI of a stranger leads into our own network, by whatever way."""

import asyncio
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.contracts.reading import Failure, Outcome, Read
from services.runtime.opening import UnreadableError
from services.runtime.remote.addresses import is_public
from services.runtime.remote.http import REDIRECTS_MAX, Web
from services.runtime.settings import Settings
from tests.runtime.remote.asking import Asking, asking, is_content
from tests.runtime.remote.site import Handler, Request, running_site

PRIVATE = (
    "127.0.0.1", "127.9.9.9", "0.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1",
    "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1", "2001::1",
    "2001:db8::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%1", "fec0::1", "ff02::1",
)  # fmt: skip
PUBLIC = (
    "8.8.8.8",
    "1.1.1.1",
    "151.101.1.69",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
)


def test_only_addresses_of_the_public_internet_are_public() -> None:
    """Neither loopback, private, shared, link-local, metadata, multicast and reserved ones, nor those within others."""
    assert [each for each in PRIVATE if is_public(each)] == []
    assert [each for each in PUBLIC if not is_public(each)] == []


def test_a_private_address_is_not_allowed_in_any_notation() -> None:
    """The host is on the allow-list, and still nothing connects: what counts is the address, when connecting."""

    async def scenario() -> None:
        async with running_site({"/": _answer}) as site:
            port = site.host.partition(":")[2]
            hosts = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::1]")]
            hosts += [f"[::ffff:127.0.0.1]:{port}", "169.254.169.254", "10.0.0.1", "[fd00:ec2::254]"]
            own = Asking(Settings(http_hosts=tuple(hosts)))
            outcomes = await own.outcomes([Read(f"http://{host}/") for host in hosts])
            own.reads.close()
            assert set(outcomes.values()) == {Failure.NOT_ALLOWED}
            assert site.connections == 0

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "uri",
    [
        "http://{host}.evil.example/", "http://evil.example/{host}", "http://{host}@evil.example/",
        "http://evil.example#@{host}/", "http://user@{host}/", "http://user:secret@{host}/", "http://127.0.0.1:1/",
        "http://127.0.0.1/", "http:///x", "http:x", "http://", "http://[/", "http://[::1/", "https://{host}:99999/",
        "http://evil.example\\@{host}/", "http://\u2024{host}/", "http://\x00/", "http:\r\n//{host}/", "HTTP://evil/",
    ],
)  # fmt: skip
def test_a_uri_that_only_looks_allowed_is_not(uri: str) -> None:
    """The host is told by the same parser that connects, and must be on the list with its port."""

    async def scenario() -> None:
        async with running_site({"/": _answer}) as site, asking(None, site.host) as own:
            assert await own.outcome(Read(uri.format(host=site.host))) is Failure.NOT_ALLOWED
            assert site.connections == 0

    asyncio.run(scenario())


def test_a_uri_is_asked_for_as_it_was_written() -> None:
    """A signature may cover every character; only what no request may contain is quoted."""

    async def scenario() -> None:
        async with running_site({"/a%2Fb/%c3%BC": _answer, "/%20%C3%BC": _answer, "/x": _answer}) as site:
            async with asking(None, site.host) as own:
                outcomes = await own.outcomes(
                    [
                        Read(site.uri("/a%2Fb/%c3%BC?sign=a%2Fb%20c+d#part")),
                        Read(site.uri("/ ü")),
                        Read(f"HTTP://{site.host}/x"),
                    ]
                )
            assert all(is_content(outcome, b"bytes") for outcome in outcomes.values()), outcomes
            assert {request.path for request in site.seen} == {"/a%2Fb/%c3%BC?sign=a%2Fb%20c+d", "/%20%C3%BC", "/x"}

    asyncio.run(scenario())


@example("//[]@/")  # at which yarl looks behind the end
@given(st.text() | st.text("h:/[]@%.#?0a \\\ud800"))
def test_no_uri_is_more_than_refused(text: str) -> None:
    """Nobody ends the process by a URI that no parser thought of."""
    web = Web.__new__(Web)  # without a client, which would need an event loop
    web._hosts = frozenset()  # noqa: SLF001  # see above
    for uri in (text, f"http:{text}", f"https://{text}", f"http://a:{text}", f"http://[{text}"):
        with pytest.raises(UnreadableError):
            web.host_of(uri)


def _to(*locations: str) -> Handler:
    """Redirect to one place after another, and to the last for ever."""
    places: Iterator[str] = chain(locations[:-1], iter(lambda: locations[-1], None))

    async def redirect(request: Request) -> None:
        await request.head("302 Found", f"Location: {next(places)}", "Set-Cookie: a=b", "Content-Length: 0")

    return redirect


async def _answer(request: Request) -> None:
    await request.whole(b"bytes")


async def _no_location(request: Request) -> None:
    await request.head("302 Found", "Content-Length: 0")


async def _redirected(handler: Handler, *more: str) -> tuple[Outcome, int]:
    """Return what came of a read that this answers first, and how often it was asked."""
    async with running_site({"/": handler, "/next": _answer}) as site, asking(None, site.host, *more) as own:
        outcome = await own.outcome(Read(site.uri("/")))
        assert not any("cookie" in request.headers or "authorization" in request.headers for request in site.seen)
        return outcome, site.connections


def test_redirects_are_followed_a_bounded_number_of_times() -> None:
    """Relative ones too; a loop ends, and so does a redirect to nowhere."""

    async def scenario() -> None:
        outcome, connections = await _redirected(_to("/next"))
        assert is_content(outcome, b"bytes")
        assert connections == 2
        assert await _redirected(_to("/")) == (Failure.UNREACHABLE, REDIRECTS_MAX + 1)
        assert await _redirected(_no_location) == (Failure.UNREACHABLE, 1)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "location",
    [
        "http://evil.example/", "//evil.example/", "file:///etc/passwd", "ftp://127.0.0.1/", "http://a:b@127.0.0.1/",
        "gopher://x", "http://[", "http://169.254.169.254/latest/meta-data", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_every_hop_must_be_allowed(location: str) -> None:
    """A host that is allowed cannot lend that to another."""
    assert asyncio.run(_redirected(_to(location))) == (Failure.NOT_ALLOWED, 1)


def test_a_redirect_to_a_private_address_is_not_followed() -> None:
    """The second host is on the allow-list too, and its address is checked all the same; only the first may be."""

    async def scenario() -> None:
        async with running_site({"/": _answer}, "127.0.0.2") as inside:
            async with running_site({"/": _to(inside.uri("/"))}) as outside:
                web = Web(Settings(http_hosts=(inside.host, outside.host)), lambda address: address == "127.0.0.1")
                with pytest.raises(UnreadableError) as caught:
                    async with web.open(Read(outside.uri("/")), 0, None):
                        pytest.fail("it was read")
                await web.close()
            assert caught.value.failure is Failure.NOT_ALLOWED
            assert (outside.connections, inside.connections) == (1, 0)

    asyncio.run(scenario())


def test_no_proxy_and_no_credentials_of_ours_are_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the environment says is meant for others: a proxy would connect where we may not, netrc give passwords."""
    (tmp_path / "netrc").write_text("default login somebody password something\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    async def scenario() -> None:
        async with running_site({"/": _answer}) as site, asking(None, site.host) as own:
            assert is_content(await own.outcome(Read(site.uri("/"))), b"bytes")
            assert set(site.seen[0].headers) == {"host", "accept", "accept-encoding", "user-agent", "connection"}
            assert site.seen[0].headers["accept-encoding"] == "identity"

    asyncio.run(scenario())
