"""Signing in by a provider that fails in every way that it can: each is a page, and none an error of ours."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from services.console.pages.signing_in import NEXT_CHARACTERS_MAX
from services.console.provider import Provider, provider_of
from services.console.settings import ConsoleSettings
from tests.console.site import a_console
from tests.runtime.remote.site import Handler, Request, running_site

METADATA = "/.well-known/openid-configuration"
STALL_SECONDS = 0.5
COOKIE_BYTES_MAX = 4_096


def says(body: object, status: str = "200 OK") -> Handler:
    """Return what answers with JSON, or with text as it is."""
    said = body.encode() if isinstance(body, str) else json.dumps(body).encode()

    async def answer(request: Request) -> None:
        await request.head(status, "Content-Type: application/json", f"Content-Length: {len(said)}")
        await request.send(said)

    return answer


async def reset(request: Request) -> None:
    """End the connection."""
    request.reset()


async def stall(_request: Request) -> None:
    """Answer nothing."""
    await asyncio.Event().wait()


async def describe(request: Request) -> None:
    """Say where everything is, as a good provider does."""
    here = f"http://{request.headers['host']}"
    places = {"authorization_endpoint": "/go", "token_endpoint": "/token", "jwks_uri": "/keys"}
    await says({"issuer": here, **{name: f"{here}{path}" for name, path in places.items()}})(request)


KEYS = {"keys": [{"kty": "oct", "kid": "1", "k": "c2VjcmV0c2VjcmV0c2VjcmV0"}]}
TOKEN = {"access_token": "a", "token_type": "Bearer"}
BEFORE = {
    "is away": reset,
    "stalls": stall,
    "fails": says({}, "500 Oh"),
    "says no JSON": says("<html>"),
    "says a list": says([]),
    "says no place to go": says({"issuer": "x"}),
}
AFTER: Mapping[str, tuple[Mapping[str, Handler], int]] = {
    "is away": ({"/token": reset}, 503),
    "stalls": ({"/token": stall}, 503),
    "fails": ({"/token": says({}, "500 Oh")}, 503),
    "says no JSON": ({"/token": says("<html>")}, 503),
    "says a list": ({"/token": says([])}, 503),
    "refuses": ({"/token": says({"error": "invalid_grant"}, "400 Bad")}, 403),
    "does not say who it is": ({"/token": says(TOKEN)}, 503),
    "says it in no token": ({"/token": says({**TOKEN, "id_token": "x"}), "/keys": says(KEYS)}, 403),
    "says it in a token of nobody's": (
        {"/token": says({**TOKEN, "id_token": "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"}), "/keys": says(KEYS)},
        403,
    ),
    "has no keys": ({"/token": says({**TOKEN, "id_token": "a.b.c"}), "/keys": says({}, "500 Oh")}, 503),
}


def settings_of(host: str) -> ConsoleSettings:
    """Return settings of a console that trusts a provider."""
    return ConsoleSettings(url="http://console.example", issuer=f"http://{host}", client_id="console")


async def went(path: Path, handlers: Mapping[str, Handler], *, to_the_end: bool) -> httpx2.Response:
    """Sign in as far as it goes, with a provider that is waited for shortly if it stalls."""
    async with running_site(handlers) as site:
        settings = settings_of(site.host)
        provider = provider_of(settings)
        assert provider is not None
        if stall in handlers.values():
            provider = replace(provider, seconds_max=STALL_SECONDS)
        return await _went(path, settings, provider, to_the_end=to_the_end)


async def _went(path: Path, settings: ConsoleSettings, provider: Provider, *, to_the_end: bool) -> httpx2.Response:
    async with a_console(path, (), settings, provider=provider) as console:
        away = await console.get("/sign-in/provider")
        if not to_the_end:
            return away
        (state,) = parse_qs(urlsplit(away.headers["location"]).query)["state"]
        return await console.get(f"/sign-in/back?code=c&state={state}")


@pytest.mark.parametrize("how", BEFORE)
def test_a_provider_that_does_not_say_where_to_go_is_told(tmp_path: Path, how: str) -> None:
    """By a page with the status for what does not work at the moment."""

    async def scenario() -> None:
        answer = await went(tmp_path, {METADATA: BEFORE[how]}, to_the_end=False)
        assert answer.status_code == 503
        assert "The provider cannot be asked now." in answer.text

    asyncio.run(scenario())


@pytest.mark.parametrize("how", AFTER)
def test_a_provider_that_does_not_say_who_somebody_is_is_told(tmp_path: Path, how: str) -> None:
    """Whatever it answers: nobody is signed in, and what it refuses is told apart from what it fails in."""
    handlers, status = AFTER[how]

    async def scenario() -> None:
        answer = await went(tmp_path, {METADATA: describe, **handlers}, to_the_end=True)
        assert answer.status_code == status, answer.text
        assert "The provider" in answer.text

    asyncio.run(scenario())


def test_sign_ins_that_are_given_up_fill_no_cookie(tmp_path: Path) -> None:
    """However often, and wherever one wanted to go; and however many people sign in from one address."""

    async def scenario() -> None:
        async with (
            running_site({METADATA: describe}) as site,
            a_console(tmp_path, (), settings_of(site.host)) as console,
        ):
            for length in (10, NEXT_CHARACTERS_MAX, 10 * NEXT_CHARACTERS_MAX) * 10:
                away = await console.get("/sign-in/provider", params={"next": f"/{'x' * (length - 1)}"})
                assert away.status_code == 302, away.text
                assert len(away.headers["set-cookie"]) < COOKIE_BYTES_MAX

    asyncio.run(scenario())
