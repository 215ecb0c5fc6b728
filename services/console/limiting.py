"""How often one may ask: by who has signed in, or else by the address that asks.

The counts are this process's own, so several consoles allow as many times as much. Promises: what is counted is
forgotten after a minute, so memory is bounded by who asked within one.
"""

from dataclasses import dataclass, field
from enum import Enum

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

WINDOW_SECONDS = 60


class Kind(Enum):
    """What is asked for, and how often a minute: pages by a person who clicks, decisions by one who thinks."""

    READ = RateLimitItemPerMinute(300)
    WRITE = RateLimitItemPerMinute(30)
    # A token of 32 random bytes is not guessed at any rate; who is right is never counted.
    WRONG_TOKEN = RateLimitItemPerMinute(10)


@dataclass(frozen=True, slots=True)
class Limiter:
    """Counts what is asked for."""

    limits: dict[Kind, RateLimitItem] = field(default_factory=lambda: {kind: kind.value for kind in Kind})
    _window: FixedWindowRateLimiter = field(default_factory=lambda: FixedWindowRateLimiter(MemoryStorage()))

    async def allows(self, kind: Kind, who: str) -> bool:
        """Count one more, and tell whether it may be."""
        return await self._window.hit(self.limits[kind], kind.name, who)

    async def has_room(self, kind: Kind, who: str) -> bool:
        """Tell whether one more may be, and count nothing."""
        return await self._window.test(self.limits[kind], kind.name, who)
