"""The notifier as a process: settings, logs, its page, its parts, its end. Exit codes are those of every service.

Without receivers it serves its page and does nothing else: it reads no topic and opens no database.
"""

import asyncio
import sys
import time
from pathlib import Path

import structlog
from sqlalchemy import URL

from services.archive.engine import archive_url, open_archive
from services.archive.migrating import migrate
from services.contracts.topics import NOTICES_ISSUED, VERDICTS_DECIDED
from services.notifier.intake import Intake
from services.notifier.lanes import lanes
from services.notifier.receivers import Directory, read_directory
from services.notifier.store import Store
from services.runtime.checking import TopicsError, differences
from services.runtime.ending import end_process
from services.runtime.health import health_page
from services.runtime.logs import configure_logs
from services.runtime.planning import plan
from services.runtime.run import EXIT_SETTINGS, heeded
from services.runtime.settings import Settings, kafka_of, read_settings
from services.runtime.tracing import open_tracing
from services.runtime.variables import SettingsError

NAME = "notifier"

log = structlog.get_logger()


def run() -> None:
    """Run until a signal ends it."""
    try:
        settings = read_settings()
        kafka_of(settings)
        directory = read_directory(settings.receivers)
        if directory.receivers:
            archive_url(settings.archive_url, settings.state_dir)
    except SettingsError as error:
        sys.stderr.write(f"{NAME}: {error}\n")
        sys.exit(EXIT_SETTINGS)
    configure_logs(NAME)
    try:
        asyncio.run(_serve(settings, directory))
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # not caught to go on: the process ends here
        end_process("the service failed", error)


async def _serve(settings: Settings, directory: Directory) -> None:
    stop = asyncio.Event()
    for number in heeded():
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    notifier = Notifier(settings, directory)
    async with health_page(settings, notifier.is_ready) as port:
        log.info("start", kafka=settings.kafka, receivers=len(directory.receivers), http_port=port)
        if directory.receivers:
            await notifier.run(stop)
        else:
            await stop.wait()
    log.info("stop")


class Notifier:
    """All its parts."""

    def __init__(self, settings: Settings, directory: Directory) -> None:
        self._settings = settings
        self._directory = directory
        self._intake: Intake | None = None

    def is_ready(self) -> bool:
        """Tell whether records are being taken, or there is nobody to tell of them."""
        return not self._directory.receivers or (self._intake is not None and self._intake.is_ready())

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, end what can be ended soon, and return; raise on any error."""
        await self._check()
        engine = open_archive(_archive(self._settings))
        await migrate(engine)
        store = Store(engine, self._settings.instance)
        await store.begin(self._directory.receivers, int(time.time() * 1000))
        tracing = open_tracing(NAME)
        async with lanes(self._directory, store, tracing=tracing) as running:
            receivers, is_traced = self._directory.receivers, tracing is not None
            self._intake = Intake(self._settings, receivers, store, running.nudge, traced=is_traced)
            await asyncio.gather(self._intake.run(stop), running.run(stop))
        await engine.dispose()
        if tracing is not None:
            tracing.close()

    async def _check(self) -> None:
        if found := await differences(kafka_of(self._settings), plan((), (NOTICES_ISSUED, VERDICTS_DECIDED))):
            raise TopicsError("; ".join(found))


def _archive(settings: Settings) -> URL:
    """Return the URL of the archive, whose folder is made if need be."""
    url = archive_url(settings.archive_url, settings.state_dir)
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    return url
