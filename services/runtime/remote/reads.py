"""Reads from elsewhere, on a thread with an event loop of its own.

    submit (the engine's loop) ─► lanes (ours) ─► streams; hashing on threads ─► answered (the engine's loop)

Promises: each question is answered exactly once, whatever its source does; no more than a bounded number of reads and
buffers at once; a host that fails again and again is left alone, so that it delays its own uploads only.
"""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic

import structlog

from services.contracts.reading import Failure, Outcome, Read
from services.runtime.metrics import READ_SECONDS, SOURCE_ERRORS, SOURCE_READS, SOURCES_PAUSED
from services.runtime.opening import UnreadableError
from services.runtime.question import Answers, Question
from services.runtime.remote.breaker import Breaker
from services.runtime.remote.http import Web
from services.runtime.remote.lane import Lane, Terms
from services.runtime.remote.pace import Pace
from services.runtime.remote.source import Scheme, Source, SourceError
from services.runtime.remote.stores import Stores
from services.runtime.remote.stream import Limits, Stream
from services.runtime.scanning import Buffer
from services.runtime.settings import Settings

# At 50 ms a file, 8 at once bring 160 files a second from one host beside others, and 56 bring 1,120 from one alone. A
# buffer is 1.2 MiB, so all together hold less than 100 MiB. What waits is some 2 KB each, 16 MiB in all, and for one
# host, on both lanes, half of a window of 2,000 records.
ORDINARY = Terms("remote", running_max=64, host_running_max=8, waiting_max=4096, host_waiting_max=512)
SLOW = Terms("remote slow", running_max=16, host_running_max=4, waiting_max=4096, host_waiting_max=512)
CLOSE_SECONDS = 2.0

log = structlog.get_logger()
_SCHEMES = {scheme.value: scheme for scheme in Scheme}


def scheme_of(uri: str) -> Scheme | None:
    """Return the scheme of a URI that is read here; None if it is not, as with most: so nothing is raised for it."""
    return _SCHEMES.get(uri.partition(":")[0].lower())


@dataclass(frozen=True, slots=True)
class _Asked(Generic[Question]):
    question: Question
    scheme: Scheme
    host: str
    source: Source


class RemoteReads(Generic[Question]):
    """All sources that are not files. `answered` gets answers, `failed` what must not happen, on the caller's loop."""

    def __init__(
        self,
        settings: Settings,
        answered: Callable[[Answers[Question]], None],
        failed: Callable[[BaseException], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` measures the pauses of the breakers, in seconds."""
        self._settings = settings
        self._answered = answered
        self._failed = failed
        self._clock = clock
        self._callers = asyncio.get_running_loop()
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._closing = asyncio.Event()
        self._hashing = ThreadPoolExecutor(os.cpu_count() or 1, "remote-hashing")
        self._buffers: list[Buffer] = []
        # By scheme and host or bucket, at most twice as many as the allow-lists name: who asks by https: a host that
        # speaks no TLS shall not have it left alone.
        self._breakers: dict[tuple[Scheme, str], Breaker] = {}
        self._ordinary: Lane[_Asked[Question]] = Lane(ORDINARY, self._perform)
        self._slow: Lane[_Asked[Question]] = Lane(SLOW, self._perform)
        self._web: Web
        self._stores: Stores
        self._thread = threading.Thread(target=self._run, name="remote", daemon=True)
        self._thread.start()
        self._started.wait()  # some milliseconds, once

    def submit(self, questions: Sequence[Question]) -> None:
        """Read what is asked for; each has a scheme that is read here."""
        self._call(self._take, questions)

    def forget(self) -> None:
        """Drop what waits."""
        self._call(self._forget)

    def close(self) -> None:
        """End; what is not answered by then never will be."""
        self._call(self._closing.set)

    def join(self, seconds: float) -> bool:
        """Wait after `close` until its threads have ended; tell whether they have."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _call(self, call: Callable[..., object], *arguments: object) -> None:
        """Have our loop call; for the caller's thread."""
        self._post(self._loop, call, *arguments)

    def _tell(self, call: Callable[..., object], *arguments: object) -> None:
        """Have the caller's loop call; for our thread."""
        self._post(self._callers, call, *arguments)

    def _post(self, loop: asyncio.AbstractEventLoop, call: Callable[..., object], *arguments: object) -> None:
        """Have a loop call, and whoever runs us learn what that raises. A closed loop wants nothing any more."""

        def guarded() -> None:
            try:
                call(*arguments)
            except BaseException as error:  # noqa: BLE001  # handed on, and the process ends
                self._tell(self._failed, error)

        try:
            loop.call_soon_threadsafe(guarded)
        except RuntimeError:
            if not loop.is_closed():
                raise

    def _run(self) -> None:
        try:
            with self._hashing, asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001  # handed on, and the process ends
            self._tell(self._failed, error)

    async def _serve(self) -> None:
        """Own the clients until told to close."""
        try:
            self._stores = Stores(self._settings)
            self._web = Web(self._settings)
        finally:
            self._started.set()
        await self._closing.wait()
        self._forget()
        for task in (running := [*self._ordinary.tasks, *self._slow.tasks]):
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=CLOSE_SECONDS)
        await self._web.close()

    def _forget(self) -> None:
        self._ordinary.forget()
        self._slow.forget()

    def _take(self, questions: Sequence[Question]) -> None:
        """Give each question to its lane, or answer it at once."""
        answers: list[tuple[Question, Outcome]] = []
        for question in questions:
            try:
                asked = self._find(question)
            except UnreadableError as error:
                answers.append((question, error.failure))
                continue
            lane = self._slow if question.job.slow else self._ordinary
            if not lane.submit(asked.host, asked):
                answers.append((question, Failure.BUSY))
        self._answer(answers)

    def _find(self, question: Question) -> _Asked[Question]:
        """Return where to ask; raise UnreadableError if that is not allowed."""
        uri = question.job.uri
        scheme = scheme_of(uri)
        assert scheme is not None, "only such questions are submitted"  # noqa: S101  # an invariant
        if scheme in (Scheme.HTTP, Scheme.HTTPS):
            return _Asked(question, scheme, self._web.host_of(uri), self._web)
        return _Asked(question, scheme, self._stores.bucket_of(uri), self._stores)

    async def _perform(self, asked: _Asked[Question]) -> None:
        try:
            outcome = await self._read(asked)
        except BaseException as error:  # handed on, and the process ends
            if not self._closing.is_set():
                self._tell(self._failed, error)
            raise
        self._answer([(asked.question, outcome)])

    async def _read(self, asked: _Asked[Question]) -> Outcome:
        """Return what came of one read, within its limits."""
        breaker = self._breaker(asked)
        if not breaker.admits():
            return Failure.UNREACHABLE
        job = asked.question.job
        seconds, limits = self._limits(asked.scheme, job)
        buffer = self._buffers.pop() if self._buffers else Buffer()
        began = time.monotonic()
        try:
            async with asyncio.timeout(None) as timeout:
                pace = Pace(timeout, seconds, self._settings.remote_rate_min, asked.scheme, breaker)
                return await Stream(asked.source, job, limits, pace).run(buffer, self._on_thread)
        except UnreadableError as error:
            breaker.succeeded()
            return error.failure
        except SourceError:
            SOURCE_ERRORS.labels(asked.scheme).inc()
            breaker.failed()
            return Failure.UNREACHABLE
        except TimeoutError:
            if not pace.has_begun:
                breaker.failed()
            return Failure.TIMED_OUT if job.slow else Failure.SLOW
        finally:
            self._buffers.append(buffer)
            READ_SECONDS.labels("remote slow" if job.slow else "remote").observe(time.monotonic() - began)

    def _limits(self, scheme: Scheme, job: Read) -> tuple[float, Limits]:
        """Return the seconds and bytes that a read may take: those of its lane and of its kind of source."""
        settings = self._settings
        if scheme in (Scheme.HTTP, Scheme.HTTPS):
            slow_ms, bytes_max = settings.http_read_ms, settings.http_read_bytes_max
        else:
            slow_ms, bytes_max = settings.store_read_ms, settings.store_read_bytes_max
        if job.slow:
            return slow_ms / 1000, Limits(bytes_max, None)
        return settings.ordinary_read_ms / 1000, Limits(bytes_max, settings.ordinary_read_bytes)

    def _breaker(self, asked: _Asked[Question]) -> Breaker:
        at = (asked.scheme, asked.host)
        if at not in self._breakers:
            self._breakers[at] = Breaker(self._clock, lambda is_open: _tell_paused(*at, is_open=is_open))
        return self._breakers[at]

    async def _on_thread(self, call: Callable[[], Outcome | None]) -> Outcome | None:
        """Have a thread call. A read that is cancelled ends after that, since the thread has its buffer."""
        called = self._loop.run_in_executor(self._hashing, call)
        try:
            return await asyncio.shield(called)
        except asyncio.CancelledError:
            await asyncio.wait([called])
            raise

    def _answer(self, answers: Answers[Question]) -> None:
        for question, outcome in answers:
            name = outcome.value if isinstance(outcome, Failure) else "CONTENT"
            SOURCE_READS.labels(scheme_of(question.job.uri), name).inc()
        if answers:
            self._tell(self._answered, answers)


def _tell_paused(scheme: Scheme, host: str, *, is_open: bool) -> None:
    """Count a host that is left alone, or asked again, and name it: as a label there would be too many."""
    SOURCES_PAUSED.labels(scheme).inc(1 if is_open else -1)
    log.warning("source_paused" if is_open else "source_back", scheme=scheme, host=host)
