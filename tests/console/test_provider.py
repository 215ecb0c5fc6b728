"""Signing in by a real OpenID Connect provider, on loopback."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import oidc_provider_mock
import pytest

from services.console.people import Role
from services.console.settings import ConsoleSettings
from tests.console.site import Console, a_console
from tests.console.story import STORY

# The provider's own, of the library that it is made with.
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")

ADDRESS = "http://console.example"


@pytest.fixture
def settings() -> Iterator[ConsoleSettings]:
    """Run a provider that knows some people, and return the settings of a console that trusts it."""
    claims = {
        "ann": {"groups": ["safety"]},
        "label-1": {"groups": "labels", "rightsholder_id": "label"},
        "nobody": {"groups": ["sales"]},
    }
    users = [oidc_provider_mock.User(sub=sub, claims=more) for sub, more in claims.items()]
    with oidc_provider_mock.run_server_in_thread(user_claims=users) as server:
        roles = (("safety", Role.REVIEWER), ("labels", Role.RIGHTSHOLDER))
        yield ConsoleSettings(
            url=ADDRESS,
            issuer=f"http://localhost:{server.server_port}",
            client_id="console",
            client_secret="secret",  # noqa: S106  # of this test
            roles_claim="groups",
            roles=roles,
        )


SEEN = {
    "ann": {"/reviews": 200, "/works/studio/film": 200},
    "label-1": {"/works/label/song": 200, "/works/studio/film": 403, "/reviews": 403},
}


@pytest.mark.parametrize("who", SEEN)
def test_who_signs_in_is_what_the_provider_says(tmp_path: Path, settings: ConsoleSettings, who: str) -> None:
    """By a claim of the provider's own name and values, to where one wanted to go."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY, settings) as console:
            answer = await sign_in(console, who)
            assert (answer.status_code, answer.headers["location"]) == (303, "/uploads/u-song")
            for path, status in SEEN[who].items():
                assert (await console.get(path)).status_code == status, path

    asyncio.run(scenario())


def test_who_has_no_role_here_stays_outside(tmp_path: Path, settings: ConsoleSettings) -> None:
    """Being known to the provider is not enough."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY, settings) as console:
            answer = await sign_in(console, "nobody")
            assert answer.status_code == 403
            assert "no role here" in answer.text
            assert (await console.get("/")).status_code == 303

    asyncio.run(scenario())


def test_an_answer_that_nobody_asked_for_signs_nobody_in(tmp_path: Path, settings: ConsoleSettings) -> None:
    """Somebody's own sign-in, sent to another browser, must not sign that one in."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY, settings) as console:
            back = await authorize(console, "ann")
        async with a_console(tmp_path, (), settings) as other:
            assert (await other.get(back)).status_code == 403
            assert (await other.get("/")).status_code == 303

    asyncio.run(scenario())


async def sign_in(console: Console, who: str) -> httpx2.Response:
    """Go to the provider, sign in there, and come back."""
    return await console.get(await authorize(console, who))


async def authorize(console: Console, who: str) -> str:
    """Go to the provider and sign in there; return where it leads back to."""
    away = await console.get("/sign-in/provider?next=/uploads/u-song")
    assert away.status_code == 302, away.text
    async with httpx2.AsyncClient() as browser:
        back = await browser.post(away.headers["location"], data={"sub": who})
    found = urlsplit(back.headers["location"])
    assert back.headers["location"].startswith(ADDRESS)
    return f"{found.path}?{found.query}"
