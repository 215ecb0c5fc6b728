"""The canary as a process: its page and its rounds. Without a source it serves its page and does nothing else."""

import asyncio
import math
from argparse import ArgumentParser
from pathlib import Path

import structlog

from services.canary.metrics import UP
from services.canary.placing import place, write_contents
from services.canary.rounds import Canary
from services.canary.settings import read_canary_settings
from services.runtime.health import health_page
from services.runtime.run import run_service
from services.runtime.settings import Settings

NAME = "canary"

log = structlog.get_logger()


def run() -> None:
    """Run until a signal ends it; with a folder as argument write the two contents there instead."""
    options = ArgumentParser(prog="python -m services.canary", description=__doc__)
    options.add_argument("folder", type=Path, nargs="?", help="write the two contents there, and do nothing else")
    folder: Path | None = options.parse_args().folder
    if folder is None:
        run_service(NAME, _serve)
    else:
        write_contents(folder)


async def _serve(settings: Settings, stop: asyncio.Event) -> None:
    own = read_canary_settings()
    place(own.source)
    canary = Canary(settings, own)
    async with health_page(settings, lambda: canary.is_registered or not own.source) as port:
        log.info("start", kafka=settings.kafka, source=own.source, http_port=port)
        if own.source:
            await canary.run(stop)
        else:
            UP.set(math.nan)
            await stop.wait()
    log.info("stop")
