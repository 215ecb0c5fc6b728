"""A person in front of a real browser and a real cluster: everything that the pages promise, in one story.

`STAYDOWN_SCREENSHOTS=DIR` keeps the screenshots that README shows.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (  # the browser has a TimeoutError of its own
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    TimeoutError,  # noqa: A004
    ViewportSize,
)

from tests.console.browsing import PHONE, WIDE

pytestmark = [pytest.mark.kafka, pytest.mark.browser]

READY_SECONDS_MAX = 120.0
STOP_SECONDS_MAX = 30.0
SEEN_SECONDS_MAX = 60.0
# Who looks again faster is asked to wait.
LOOK_AGAIN_MS = 500
PAGES = (
    *("/", "/uploads", "/works", "/reviews", "/disputes", "/standing", "/report"),
    *("/erasures", "/sign-in", "/nowhere"),
)
ITEMS = ("/uploads/u-1", "/uploads/u-2", "/works/harbour-records/night-train")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running `staydown up` and the address of its console."""

    state: Path
    media: Path
    console: str

    def staydown(self, *arguments: str) -> None:
        """Run a command."""
        command = (sys.executable, "-m", "services.cli", *arguments, "--state", str(self.state))
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def upload(self, name: str, upload: str, title: str) -> None:
        """Submit a file and wait for its verdict."""
        about = ("--upload", upload, "--uploader", f"uploader-{upload}", "--title", title, "--wait")
        self.staydown("uploads", "submit", str(self.media / name), *about)

    def register(self, name: str, work: str, title: str, *more: str) -> None:
        """Register a work by one file, and wait until it is in force."""
        paper = ("--document", str(self.media / "contract.txt"), "--attest", "A. Person")
        about = ("--rightsholder", "harbour-records", "--work", work, "--title", title)
        self.staydown("works", "register", str(self.media / name), *about, *paper, *more)


@pytest.fixture(scope="module")
def cluster(browser: Browser) -> Iterator[Cluster]:  # noqa: ARG001  # no cluster where there is no browser
    """Run a whole cluster with some files of bytes that resemble one another, or do not."""
    with tempfile.TemporaryDirectory(prefix="staydown-browser-") as name:
        state, media = Path(name) / "state", Path(name) / "media"
        media.mkdir()
        make_files(media)
        command = (sys.executable, "-m", "services.cli", "up", "--state", str(state), "--media-root", str(media))
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as up:
            try:
                assert up.stdout is not None
                line = up.stdout.readline()
                assert "console=" in line, line
                yield Cluster(state, media, line.split("console=")[1].strip())
            finally:
                up.send_signal(signal.SIGINT)
                assert up.wait(STOP_SECONDS_MAX) == 0


def make_files(media: Path) -> None:
    """Write a song, a longer file that has most of it, another song, and a paper."""
    dice = random.Random(7)
    song, other = dice.randbytes(900_000), dice.randbytes(300_000)
    (media / "contract.txt").write_text("all of it is ours")
    (media / "song.wav").write_bytes(song)
    (media / "mix.wav").write_bytes(dice.randbytes(250_000) + song[150_000:] + dice.randbytes(120_000))
    (media / "other.wav").write_bytes(other)
    (media / "unknown.wav").write_bytes(dice.randbytes(200_000))


def test_a_person_walks_through_the_pages(browser: Browser, cluster: Cluster) -> None:
    """An upload comes down, is disputed and comes back; another waits for a reviewer, who lets it pass."""
    page = browser.new_page(viewport=WIDE)
    errors = noted(page)
    cluster.staydown("rightsholders", "enroll", "harbour-records", "--name", "Harbour Records", "--standing", "TRUSTED")
    cluster.upload("song.wav", "u-1", "Night Train (full)")
    cluster.upload("unknown.wav", "u-0", "Rain on the roof")
    cluster.register("song.wav", "night-train", "Night Train")
    see(page, cluster, "/uploads/u-1", "Taken down for night-train of harbour-records")
    cluster.upload("mix.wav", "u-2", "midnight mix vol. 3")
    see(page, cluster, "/uploads/u-2", "of the shorter file's data is in both")
    sign_in(page, cluster)
    dispute(page, cluster)
    keep(page, cluster, "/uploads/u-2", "upload")
    keep(page, cluster, "/works/harbour-records/night-train", "work")
    page.goto(f"{cluster.console}/uploads/u-2")
    page.get_by_role("button", name="Give the claim up").click()
    see(page, cluster, "/uploads/u-2", "Came back for night-train of harbour-records")
    see(page, cluster, "/uploads/u-2", "It can be shown.")
    assert page.get_by_text("CLEAR", exact=True).first.is_visible()
    cluster.register("other.wav", "blue-room", "Blue Room", "--policy", "REVIEW")
    cluster.upload("other.wav", "u-3", "a quiet room")
    see(page, cluster, "/reviews", "a quiet room")
    decide(page)
    see(page, cluster, "/uploads/u-3", "Reviewed by local")
    see(page, cluster, "/uploads/u-3", "It can be shown.")
    assert errors == []
    page.close()


@pytest.mark.parametrize(
    ("scheme", "size"), [("light", WIDE), ("dark", PHONE)], ids=["wide and light", "phone and dark"]
)
def test_every_page_can_be_used_by_everybody(
    browser: Browser, cluster: Cluster, scheme: Literal["light", "dark"], size: ViewportSize
) -> None:
    """No page has anything that axe finds wrong, and none is wider than its screen."""
    context = browser.new_context(color_scheme=scheme, viewport=size)
    page = context.new_page()
    sign_in(page, cluster)
    problems = []
    for path in (*PAGES, *ITEMS):
        page.goto(f"{cluster.console}{path}")
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        found = Axe().run(page)
        problems += [f"{path}: {found.generate_report()}"] if found.violations_count else []
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        problems += [f"{path} is {over} pixels too wide"] if over > 0 else []
    assert problems == []
    context.close()


def test_everything_is_reached_by_keyboard(browser: Browser, cluster: Cluster) -> None:
    """The first key leads past the navigation, and what has the focus is seen to have it."""
    page = browser.new_page(viewport=WIDE)
    page.goto(f"{cluster.console}/uploads")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()


def test_pages_work_without_scripts(browser: Browser, cluster: Cluster) -> None:
    """Reading, signing in, and the forms."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, cluster)
    page.goto(f"{cluster.console}/uploads/u-1")
    page.get_by_label("It is my own work").check()
    page.get_by_label("Statement").first.fill("I made it.")
    page.get_by_role("button", name="Object for the uploader").click()
    page.get_by_role("status").wait_for()
    context.close()


def noted(page: Page) -> list[str]:
    """Return what goes wrong in a page, from now on.

    That there is no page yet is none of it, see `see`; nor what the browser gives up to go elsewhere.
    """
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("requestfailed", lambda asked: errors.append(f"{asked.url}: {asked.failure}") if is_lost(asked) else None)
    page.on("response", lambda got: errors.append(f"{got.url}: {got.status}") if is_refused(got) else None)
    page.on("console", lambda said: errors.append(said.text) if is_complaint(said) else None)
    return errors


def is_lost(asked: Request) -> bool:
    """Say whether a request had no answer though the page still wanted one."""
    return asked.failure != "net::ERR_ABORTED"


def is_refused(got: Response) -> bool:
    """Say whether something that a page needs was not to be had."""
    return not got.request.is_navigation_request() and got.status >= HTTPStatus.BAD_REQUEST


def is_complaint(said: ConsoleMessage) -> bool:
    """Say whether a page says of itself that something went wrong; what could not be loaded, its responses say."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")


def see(page: Page, cluster: Cluster, path: str, words: str) -> None:
    """Look at a page until it says something; the record follows what happens by a moment."""
    deadline = time.monotonic() + SEEN_SECONDS_MAX
    while True:
        page.goto(f"{cluster.console}{path}")
        try:
            page.get_by_text(words).first.wait_for(timeout=LOOK_AGAIN_MS)
        except TimeoutError:
            assert time.monotonic() < deadline, f"{path} does not say: {words}"
        else:
            return


def sign_in(page: Page, cluster: Cluster) -> None:
    """Sign in by the token of the cluster."""
    page.goto(f"{cluster.console}/sign-in")
    page.get_by_label("Token").fill((cluster.state / "console.token").read_text().strip())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()


def dispute(page: Page, cluster: Cluster) -> None:
    """Object for the uploader, and see that the claimant is asked, until when."""
    page.goto(f"{cluster.console}/uploads/u-2")
    page.get_by_label("I have a licence").check()
    page.get_by_label("Statement").first.fill("The label gave me a licence for this mix in March.")
    page.get_by_role("button", name="Object for the uploader").click()
    see(page, cluster, "/uploads/u-2", "Uphold the claim")
    assert page.get_by_text("days left").is_visible()
    see(page, cluster, "/disputes", "The label gave me a licence")


def decide(page: Page) -> None:
    """Let what waits pass, with a note."""
    page.get_by_text("Decide on a quiet room").click()
    page.get_by_label("REJECT").check()
    page.get_by_label("Note").fill("Only the title is alike.")
    page.get_by_role("button", name="Decide").click()


def keep(page: Page, cluster: Cluster, path: str, name: str) -> None:
    """Keep a screenshot, if that is asked for."""
    if folder := os.environ.get("STAYDOWN_SCREENSHOTS"):
        page.goto(f"{cluster.console}{path}")
        page.screenshot(path=Path(folder) / f"{name}.png")
