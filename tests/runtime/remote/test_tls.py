"""TLS is verified: the chain, the name, and that no redirect leaves it.

`localhost.pem` is a key and a certificate for `localhost`, signed by itself and good for a hundred years:
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=localhost
-addext subjectAltName=DNS:localhost
"""

import asyncio
import ssl
from pathlib import Path

import pytest

from services.contracts.reading import Failure, Outcome, Read
from tests.runtime.remote.asking import asking, is_content
from tests.runtime.remote.site import Handler, Request, running_site

PEM = Path(__file__).with_name("localhost.pem")


async def _answer(request: Request) -> None:
    await request.whole(b"bytes")


async def _read(host: str, handler: Handler = _answer) -> Outcome:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    async with running_site({"/": handler}, context=context) as site:
        named = site.host.replace("127.0.0.1", host)
        async with asking(None, named) as own:
            return await own.outcome(Read(f"https://{named}/"))


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    """It may be cured, so it is UNREACHABLE and asked again."""
    assert asyncio.run(_read("localhost")) is Failure.UNREACHABLE


def test_a_certificate_of_another_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if somebody vouches for it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    assert is_content(asyncio.run(_read("localhost")), b"bytes")
    assert asyncio.run(_read("127.0.0.1")) is Failure.UNREACHABLE


def test_no_redirect_leaves_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever listens to the line could put any bytes behind it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))

    async def scenario() -> None:
        async with running_site({"/": _answer}) as plain:

            async def leave(request: Request) -> None:
                await request.head("302 Found", f"Location: {plain.uri('/')}", "Content-Length: 0")

            assert await _read("localhost", leave) is Failure.UNREACHABLE
            assert plain.connections == 0

    asyncio.run(scenario())
