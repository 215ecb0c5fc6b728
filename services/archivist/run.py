"""The archivist as a process: the database brought up to date, topics checked, Faust started, watched and stopped."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import faust
import structlog
from faust.types import TP

from services.archive.engine import archive_url, open_archive
from services.archive.migrating import migrate
from services.archivist import ARCHIVIST
from services.archivist.agent import application
from services.archivist.consumer import OwnConsumer
from services.archivist.expired import tell_expired
from services.archivist.recording import Recording
from services.runtime.checking import TopicsError, differences
from services.runtime.clients import idempotent_producer
from services.runtime.ending import end_process, leave_process
from services.runtime.health import health_page
from services.runtime.labels import begin_at_zero
from services.runtime.measuring import Lag
from services.runtime.metrics import ARCHIVE_LATE_SECONDS, UNITS_ASSIGNED
from services.runtime.planning import plan
from services.runtime.run import recheck, until_first
from services.runtime.settings import Settings, kafka_of
from services.runtime.tracing import open_tracing

LOOK_SECONDS = 0.5
# The rows of a batch are no garbage: looking through them every 700 objects cost a tenth of what writing them did.
COLLECT_OBJECTS = (10_000, 5, 5)
# Faust can stand still without an error, as after the loss of a broker. Longer than any broker is away for a restart.
STALLED_SECONDS_MAX = 60.0
# A broker that is away must not keep the process from ending; what is not committed will be written again.
STOP_SECONDS_MAX = 5.0

log = structlog.get_logger()


class StalledError(Exception):
    """Records wait, and nothing has been written for a minute."""


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Write what topics say until `stop` is set; raise on any error."""
    gc.freeze()
    gc.set_threshold(*COLLECT_OBJECTS)
    engine = open_archive(archive_url(settings.archive_url, settings.state_dir))
    begin_at_zero(topic.name for topic in ARCHIVIST.reads)
    async with idempotent_producer(settings) as producer:
        tracing = open_tracing(ARCHIVIST.name)
        recording = Recording(engine, producer, tracing)
        app = application(settings, recording)
        watch = Watch(app, recording)
        async with health_page(settings, lambda: watch.is_ready) as port:
            log.info("start", kafka=settings.kafka, instance=settings.instance, http_port=port)
            await _check(settings)
            await migrate(engine)
            await tell_expired(engine, settings)
            async with _started(app):
                await until_first(_until(stop), recording.run(), watch.run(), recheck(lambda: _check(settings, True)))
    await engine.dispose()
    if tracing is not None:
        tracing.close()
    log.info("stop")
    leave_process()


class Watch:
    """Looks at the application: what is assigned, how much waits, and whether anything goes on."""

    def __init__(self, app: faust.App, recording: Recording) -> None:
        self._app = app
        self._recording = recording
        self._lags: dict[TP, Lag] = {}
        self.is_ready = False

    async def run(self) -> None:
        """Look again and again; raise what Faust broke of, or if it stands still."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._app.crashed or self._app.should_stop:
                raise self._app.crash_reason or ConnectionError("Faust has stopped")
            await self._look()

    async def _look(self) -> None:
        waiting = {} if self._app.rebalancing else await cast(OwnConsumer, self._app.consumer).waiting()
        oldest = self._recording.oldest()
        for at, (position, _, end) in waiting.items():
            place, since_ms = oldest.get(at, (position, None))
            self._lags.setdefault(at, Lag(at.topic, at.partition)).show(place, end, since_ms)
        for gone in () if self._app.rebalancing else self._lags.keys() - waiting.keys():
            self._lags.pop(gone).forget()
        UNITS_ASSIGNED.set(len({at.partition for at in waiting}))
        # A member that has no partition is as ready as can be; what it could read others do.
        self.is_ready = not self._app.rebalancing and self._app.consumer_generation_id > 0
        if not oldest and all(each.position >= each.stable for each in waiting.values()):
            ARCHIVE_LATE_SECONDS.set(0)
            self._recording.written_at = time.monotonic()
        if time.monotonic() - self._recording.written_at > STALLED_SECONDS_MAX:
            raise StalledError


@asynccontextmanager
async def _started(app: faust.App) -> AsyncIterator[None]:
    """Run the application while the context lasts; an error there ends the process, since Faust may not let go."""
    try:
        await app.start()
        yield
    except Exception as error:  # noqa: BLE001  # not caught to go on
        end_process("the service failed", error)
    await asyncio.wait({asyncio.ensure_future(app.stop())}, timeout=STOP_SECONDS_MAX)


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()


async def _check(settings: Settings, running: bool = False) -> None:
    if found := await differences(kafka_of(settings), plan((), (), (ARCHIVIST,)), running=running):
        raise TopicsError("; ".join(found))
