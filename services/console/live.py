"""The figures of the first page as they change: one question a second for all who look. An addition for scripts.

Promises: however many look, the archive is asked once a second at the most for each scope; readers are bounded, all of
them and of each viewer, so that nobody takes the places of others; whoever finds no place has the page as it was.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator

from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.queries.scope import Scope
from services.console.reading import overview as reading
from services.console.views.overview import counters
from services.runtime.metrics import LIVE_READERS

READERS_MAX = 500
# Of one person: as many tabs as two browsers keep open to one server.
READERS_OF_ONE_MAX = 12
EVERY_SECONDS = 1.0
# A session ends some time, and a role with it; the browser asks again by itself.
SECONDS_MAX = 600.0

Event = dict[str, str]


class Live:
    """The latest figures of each scope, and who follows them."""

    def __init__(self, archive: AsyncEngine) -> None:
        """Begin with none."""
        self._archive = archive
        self._lock = asyncio.Lock()
        self._known: dict[Scope, tuple[float, str]] = {}
        self.readers: Counter[str] = Counter()

    def is_full(self, who: str) -> bool:
        """Tell whether as many follow as may, or as many of this viewer."""
        return self.readers[who] >= READERS_OF_ONE_MAX or self.readers.total() >= READERS_MAX

    async def changes(self, scope: Scope, who: str) -> AsyncGenerator[Event, None]:
        """Give the figures, and again whenever they have changed."""
        deadline, before = time.monotonic() + SECONDS_MAX, ""
        self._count(who, 1)
        try:
            while time.monotonic() < deadline:
                text = await self._figures(scope)
                if text != before:
                    yield {"event": "counters", "data": text}
                before = text
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            self._count(who, -1)

    async def _figures(self, scope: Scope) -> str:
        """Return the figures as JSON, of the last second."""
        async with self._lock:
            at, text = self._known.get(scope, (-EVERY_SECONDS, ""))
            if time.monotonic() - at >= EVERY_SECONDS:
                async with self._archive.connect() as connection:
                    found = counters(await reading.figures(connection, scope), is_own=not scope.is_everything)
                text = json.dumps({each.name: each.text for each in found})
                self._keep(scope, text)
            return text

    def _keep(self, scope: Scope, text: str) -> None:
        """Keep the figures of a scope, and of no more than may follow."""
        self._known.pop(scope, None)
        self._known[scope] = (time.monotonic(), text)
        if len(self._known) > READERS_MAX:
            del self._known[next(iter(self._known))]

    def _count(self, who: str, more: int) -> None:
        self.readers[who] += more
        if not self.readers[who]:
            del self.readers[who]
        LIVE_READERS.set(self.readers.total())
