"""The console as an application: every page and form with what it needs, and what stands around all of them."""

import secrets
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from services.console.limiting import Kind
from services.console.measuring import Measured
from services.console.pages import (
    disputes,
    erasures,
    live,
    overview,
    report,
    reviews,
    signing_in,
    standing,
    uploads,
    works,
)
from services.console.people import May
from services.console.problems import handlers
from services.console.protecting import Headers, Settled
from services.console.sessions import SESSION_SECONDS_MAX
from services.console.settings import ConsoleSettings
from services.console.site import Site
from services.console.visiting import Page, route

SEE_ALL = (May.SEE_ALL,)
OBJECT = (May.ANSWER_OWN, May.SPEAK_FOR)
# What Starlette sees of [::1]:PORT is the bracket; no name that somebody could point here begins with one.
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[")

PAGES = (
    Page("/", overview.show),
    Page("/live", live.follow),
    Page("/find", overview.find),
    Page("/uploads", uploads.list_latest),
    Page("/uploads/{upload_id:path}", uploads.show),
    Page("/works", works.list_latest),
    Page("/works/{ids:path}", works.show),
    Page("/reviews", reviews.queue, SEE_ALL),
    Page("/reviews", reviews.decide, (May.DECIDE,), "POST", Kind.WRITE),
    Page("/disputes", disputes.list_open),
    Page("/disputes", disputes.take_step, OBJECT, "POST", Kind.WRITE),
    Page("/standing", standing.show, SEE_ALL),
    Page("/report", report.show, SEE_ALL),
    Page("/report.csv", report.as_csv, SEE_ALL),
    Page("/report.json", report.as_json, SEE_ALL),
    Page(erasures.PATH, erasures.show, (May.ERASE,)),
    Page(erasures.PATH, erasures.take, (May.ERASE,), "POST", Kind.WRITE),
    Page("/sign-in", signing_in.ask, ()),
    Page("/sign-in", signing_in.by_token, (), "POST"),
    Page("/sign-in/provider", signing_in.by_provider, ()),
    Page(signing_in.BACK, signing_in.come_back, ()),
    Page("/sign-out", signing_in.leave, (), "POST"),
)


def application(site: Site) -> Starlette:
    """Return the console."""
    answers = handlers(site)
    # Starlette would answer what is broken outside of everything else, without headers and uncounted.
    # What it was is in the log by then, and whoever serves us would log it once more, with what it says.
    broken = [Middleware(Settled), Middleware(ServerErrorMiddleware, handler=answers.pop(Exception))]
    files = Mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    return Starlette(
        routes=[*(route(site, page) for page in PAGES), files],
        middleware=[*_around(site.settings), *broken],
        exception_handlers=answers,
    )


def _around(settings: ConsoleSettings) -> list[Middleware]:
    is_https = settings.url.startswith("https:")
    return [
        Middleware(Headers, is_https=is_https),
        Middleware(Measured),
        # A name that somebody else's server gives to this machine must not lead a browser here (DNS rebinding).
        Middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings), www_redirect=False),
        Middleware(
            SessionMiddleware,
            secret_key=settings.secret or secrets.token_hex(32),
            session_cookie="__Host-staydown" if is_https else "staydown",
            max_age=SESSION_SECONDS_MAX,
            same_site="lax",
            https_only=is_https,
        ),
    ]


def _hosts(settings: ConsoleSettings) -> list[str]:
    own = settings.url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return [*([own.rpartition(":")[0] or own] if own else []), *(LOOPBACK_NAMES if settings.is_local else ())]
