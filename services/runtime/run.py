"""Run one processor as a process: settings, logs, health page, topics checked, engine, exit code.

Exit codes: 0 after SIGTERM, or after SIGINT unless that was ignored at the start; 78 for a setting that means nothing;
75 for anything else, at once (see `ending`). Broken infrastructure and bugs end the process before more is committed;
the restart is the recovery.
"""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import NoReturn, Protocol

import structlog
from aiokafka.errors import KafkaError

from services.contracts.processor import Engine, Processor
from services.runtime.checking import TopicsError, differences
from services.runtime.ending import end_process
from services.runtime.health import health_page
from services.runtime.labels import begin_at_zero
from services.runtime.logs import configure_logs
from services.runtime.planning import plan
from services.runtime.settings import Settings, kafka_of, read_settings
from services.runtime.spans import Tracing
from services.runtime.tracing import open_tracing
from services.runtime.variables import SettingsError

EXIT_SETTINGS = 78  # EX_CONFIG
# Often enough that a changed number of partitions does little harm, seldom enough to cost nothing.
RECHECK_SECONDS = 60.0

log = structlog.get_logger()


class RunningEngine(Protocol):
    """What both engines are to this module."""

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, drain, and return; raise on any error."""

    def is_ready(self) -> bool:
        """Tell whether records are being taken."""


Serve = Callable[[Settings, asyncio.Event], Coroutine[None, None, None]]
"""What a service does until the event is set."""


def run(processor: Processor) -> None:
    """Run a processor until a signal ends it."""

    async def serve(settings: Settings, stop: asyncio.Event) -> None:
        parts = settings.index_parts if processor.is_divided else 1
        await _serve(replace(processor, rules=settings.rules, parts=parts), settings, stop)

    run_service(processor.name, serve)


def run_service(name: str, serve: Serve) -> None:
    """Run a service until a signal ends it."""
    try:
        settings = read_settings()
        kafka_of(settings)  # what cannot be read is refused before anything begins
    except SettingsError as error:
        _refuse(name, error)
    configure_logs(name)
    try:
        asyncio.run(_until_told(settings, serve))
    except SettingsError as error:
        _refuse(name, error)
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # not caught to go on: the process ends here
        end_process("the service failed", error)


def _refuse(name: str, error: SettingsError) -> NoReturn:
    sys.stderr.write(f"{name}: {error}\n")
    sys.exit(EXIT_SETTINGS)


async def _until_told(settings: Settings, serve: Serve) -> None:
    stop = asyncio.Event()
    for number in heeded():
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(settings, stop)


async def _serve(processor: Processor, settings: Settings, stop: asyncio.Event) -> None:
    tracing = open_tracing(processor.name)
    engine = _engine(processor, settings, tracing)
    begin_at_zero(topic.name for topic in (*processor.reads, *processor.broadcasts))
    async with health_page(settings, engine.is_ready) as port:
        log.info("start", kafka=settings.kafka, instance=settings.instance, http_port=port)
        await _check(processor, settings)
        await until_first(engine.run(stop), recheck(lambda: _check(processor, settings, running=True)))
    if tracing is not None:
        tracing.close()
    log.info("stop")


def heeded() -> tuple[signal.Signals, ...]:
    """Return the signals that stop a service. Who had SIGINT ignored stops it by SIGTERM, in its turn."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        return (signal.SIGTERM,)
    return (signal.SIGTERM, signal.SIGINT)


def _engine(processor: Processor, settings: Settings, tracing: Tracing | None) -> RunningEngine:
    """Make the engine. Each brings libraries of its own, and a restart is to be short, so only one is imported."""
    match processor.engine:
        case Engine.EXACTLY_ONCE:
            from services.runtime.exactly_once import ExactlyOnce  # noqa: PLC0415

            return ExactlyOnce(processor, settings, tracing)
        case Engine.AT_LEAST_ONCE:
            from services.runtime.at_least_once import AtLeastOnce  # noqa: PLC0415

            return AtLeastOnce(processor, settings, tracing)


async def until_first(*running: Coroutine[None, None, None]) -> None:
    """Run all until one of them ends, and end as it did; the others are cancelled."""
    tasks = [asyncio.ensure_future(each) for each in running]
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    for task in done:
        await task


async def _check(processor: Processor, settings: Settings, *, running: bool = False) -> None:
    if found := await differences(kafka_of(settings), plan([processor]), running=running):
        raise TopicsError("; ".join(found))


async def recheck(check: Callable[[], Awaitable[None]], seconds: float = RECHECK_SECONDS) -> None:
    """Check again and again until that raises. No answer is none: a broker in trouble is the engine's matter."""
    while True:
        await asyncio.sleep(seconds)
        with suppress(KafkaError, TimeoutError):
            await check()
