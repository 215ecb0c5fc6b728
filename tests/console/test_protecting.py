import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from prometheus_client import REGISTRY

from services.console.limiting import Kind
from services.console.pages.signing_in import inside
from services.console.people import Role
from tests.console.site import CLUSTER, ROLES, TOKEN, a_console
from tests.console.story import STORY
from tests.console.test_deciding import OPENING, REVIEW

STATIC = {"/static/console.css": True, "/static/none.css": False, "/static/": False}
PATHS = ("/", "/uploads/u-song", "/uploads/none", "/static/console.css", "/report.csv", "/sign-in", "/broken")


def test_every_answer_has_the_headers(tmp_path: Path) -> None:
    """Also errors and files: nothing inline, nothing from elsewhere, in no frame, and no address told to others."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            for path in PATHS:
                headers = (await console.get(path)).headers
                policy = headers["content-security-policy"]
                assert "default-src 'none'" in policy, path
                assert "frame-ancestors 'none'" in policy
                assert "unsafe" not in policy
                assert headers["x-content-type-options"] == "nosniff"
                assert headers["referrer-policy"] == "no-referrer"
                is_file = path.startswith("/static/")
                assert ("immutable" in headers["cache-control"]) is is_file, path
                assert ("no-store" in headers["cache-control"]) is not is_file, path
            for path in ("/", "/uploads/u-song", "/reviews", "/report", "/sign-in"):
                page = (await console.get(path)).text
                assert " style=" not in page, path
                assert " onclick=" not in page, path

    asyncio.run(scenario())


def test_a_file_that_is_missing_is_not_kept(tmp_path: Path) -> None:
    """It may be there after the next start; a browser that kept its absence for a year would show no colours."""

    async def scenario() -> None:
        async with a_console(tmp_path) as console:
            kept = {path: (await console.get(path)).headers["cache-control"] for path in STATIC}
            assert {path: "immutable" in said for path, said in kept.items()} == STATIC

    asyncio.run(scenario())


def test_a_page_that_fails_is_counted(tmp_path: Path) -> None:
    """What is not counted raises no alert."""

    def failed() -> float:
        return REGISTRY.get_sample_value("staydown_pages_total", {"page": "/broken", "answer": "5xx"}) or 0.0

    async def scenario() -> None:
        async with a_console(tmp_path) as console:
            before = failed()
            answer = await console.get("/broken")
            assert answer.status_code == 500
            assert "Something went wrong on our side" in answer.text
            assert failed() == before + 1

    asyncio.run(scenario())


@pytest.mark.parametrize("length", ["600000", f"{600_000:020}", "0x9", "", "99999999999999999999"])
def test_a_form_that_is_too_long_is_not_read(tmp_path: Path, length: str) -> None:
    """However its length is written: nobody needs to sign in to send one."""

    async def scenario() -> None:
        async with a_console(tmp_path) as console:
            csrf = await console.csrf()
            body = f"csrf={csrf}&token={'x' * 600_000}".encode()
            kind = {"content-type": "application/x-www-form-urlencoded", "content-length": length}
            answer = await console.browser.post("/sign-in", content=body, headers=kind)
            assert answer.status_code == 413

    asyncio.run(scenario())


def test_a_form_from_elsewhere_is_refused(tmp_path: Path) -> None:
    """Without the token of the session, or with that of another one, nothing is said."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            await console.sign_in()
            for token in ({}, {"csrf": ""}, {"csrf": "guessed"}):
                answer = await console.post("/disputes", {**OPENING, **token}, csrf=False)
                assert answer.status_code == 403
                assert "This form is too old" in answer.text
            as_json = await console.browser.post("/reviews", json=REVIEW)
            assert as_json.status_code == 415
            assert not console.said

    asyncio.run(scenario())


def test_signing_in_begins_a_session_of_its_own(tmp_path: Path) -> None:
    """What was there before, its token for forms too, is worth nothing afterwards."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            before = await console.csrf()
            await console.sign_in()
            assert await console.csrf() != before
            cookie = console.browser.cookies.jar
            (session,) = [each for each in cookie if each.name == "staydown"]
            assert session.has_nonstandard_attr("httponly") or session.has_nonstandard_attr("HttpOnly")
            assert (await console.post("/sign-out", {})).status_code == 303
            assert (await console.post("/disputes", OPENING)).status_code == 403

    asyncio.run(scenario())


def test_a_wrong_token_signs_nobody_in(tmp_path: Path) -> None:
    """And is told kindly."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            for token in ("", "wrong", f"{TOKEN} "[:-2]):
                answer = await console.post("/sign-in", {"token": token})
                assert answer.status_code == 403
                assert "not the token" in answer.text
            assert (await console.post("/disputes", OPENING)).status_code == 403

    asyncio.run(scenario())


def test_where_there_is_a_provider_no_token_signs_in(tmp_path: Path) -> None:
    """Also if one was set by mistake."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY, CLUSTER) as console:
            page = await console.get("/sign-in")
            assert 'name="token"' not in page.text
            assert (await console.post("/sign-in", {"token": TOKEN})).status_code == 403

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\evil", "/a\nb", "javascript:alert(1)", ""],
)
def test_after_signing_in_one_stays_here(path: str) -> None:
    """A link that signs somebody in must not lead them to a page that looks like this one."""
    assert inside(path) == "/"


def test_after_signing_in_one_comes_to_where_one_wanted() -> None:
    """Whatever the id on the way holds."""
    assert inside("/uploads/a%2Fb?x=1") == "/uploads/a%2Fb?x=1"


def test_another_name_for_this_machine_is_refused(tmp_path: Path) -> None:
    """A page elsewhere could have its own name lead here, and read what needs no signing in (DNS rebinding)."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            answer = await console.get("/", headers={"host": "evil.example"})
            assert answer.status_code == 400
            assert "u-song" not in answer.text
            assert (await console.get("/", headers={"host": "localhost:8000"})).status_code == 200

    asyncio.run(scenario())


def test_who_asks_too_often_is_told_to_wait(tmp_path: Path) -> None:
    """By a page, with the time after which one may ask again; and the token cannot be guessed at by trying."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            csrf = await console.csrf()
            for _ in range(Kind.WRONG_TOKEN.value.amount):
                assert (await console.browser.post("/sign-in", data={"csrf": csrf, "token": "x"})).status_code == 403
            answer = await console.browser.post("/sign-in", data={"csrf": csrf, "token": TOKEN})
            assert answer.status_code == 429
            assert answer.headers["retry-after"] == "60"
            assert "Wait a minute" in answer.text

    asyncio.run(scenario())


def test_who_has_the_token_is_never_asked_to_wait(tmp_path: Path) -> None:
    """Only what is wrong is counted: a machine's owner may sign in as often as they like."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            for _ in range(Kind.WRONG_TOKEN.value.amount + 1):
                await console.sign_in()

    asyncio.run(scenario())


def test_signing_in_leads_to_the_address_that_was_asked_for(tmp_path: Path) -> None:
    """An id with a slash in it is no two parts afterwards, and what is asked for beside is not lost."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY, CLUSTER) as console:
            for path in ("/uploads/a%2Fb", "/uploads?verdict=HELD&before=x", "/works/l%C3%A9/%3F"):
                led = urlsplit((await console.get(path)).headers["location"])
                assert led.path == "/sign-in"
                assert parse_qs(led.query) == {"next": [path]}
                assert inside(path) == path

    asyncio.run(scenario())


def test_a_form_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """Nobody fills memory by it."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            await console.sign_in()
            answer = await console.post("/disputes", {**OPENING, "statement": "x" * 600_000})
            assert answer.status_code == 413

    asyncio.run(scenario())


def test_a_session_by_https_is_never_sent_by_http(tmp_path: Path) -> None:
    """Nor read by a script, set by a neighbouring host, or sent along by a form elsewhere."""

    async def scenario() -> None:
        async with a_console(tmp_path, settings=CLUSTER, viewer=ROLES[Role.REVIEWER]) as console:
            headers = (await console.get("/")).headers
            name, *attributes = headers["set-cookie"].split("; ")
            assert name.startswith("__Host-")
            assert {"secure", "httponly", "samesite=lax", "path=/"} <= {each.lower() for each in attributes}
            assert headers["strict-transport-security"].startswith("max-age=")
        async with a_console(tmp_path) as console:
            assert "strict-transport-security" not in (await console.get("/")).headers

    asyncio.run(scenario())
