"""The at-least-once engine (being written)."""

import asyncio

from services.contracts.processor import Processor
from services.runtime.settings import Settings


class AtLeastOnce:
    """Runs one processor, at least once and out of order."""

    def __init__(self, processor: Processor, settings: Settings) -> None:
        self._processor = processor
        self._settings = settings

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set."""
        await stop.wait()

    def is_ready(self) -> bool:
        """Tell whether records are being taken."""
        return False
