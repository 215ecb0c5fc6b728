"""Templates: escaped without exception, and strict about what they name."""

from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.templating import Jinja2Templates

from services.console.paths import path_to
from services.console.views.words import bytes_in_words, plain

HERE = Path(__file__).parent
STATIC = HERE / "static"


def _fresh(name: str) -> str:
    """Return the address of a file, which changes with it, so that it can be kept for ever."""
    digest = blake2b((STATIC / name).read_bytes(), digest_size=6).hexdigest()
    return f"/static/{name}?{digest}"


def _date(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%H:%M:%S}"


def _count(number: int) -> str:
    return f"{number:,}"


ENVIRONMENT = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.filters.update(date=_date, clock=_clock, count=_count, plain=plain, size=bytes_in_words)
ENVIRONMENT.globals.update(
    path_to=path_to, files={name: _fresh(name) for name in ("console.css", "live.js", "mark.svg")}
)
TEMPLATES = Jinja2Templates(env=ENVIRONMENT)
