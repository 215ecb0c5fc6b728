"""What every page needs: the archive, the way to say something to Kafka, templates, settings, and the time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.limiting import Limiter
from services.console.live import Live
from services.console.provider import Provider
from services.console.settings import ConsoleSettings
from services.contracts.topics import Topic

Say = Callable[[Topic, str, object, str], Awaitable[None]]
"""Says a fact about a key on a topic, by an author; returns when it is written, or raises `ClientError`."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages are served from."""

    settings: ConsoleSettings
    archive: AsyncEngine
    say: Say
    limiter: Limiter
    live: Live
    provider: Provider | None
    now: Callable[[], datetime]
