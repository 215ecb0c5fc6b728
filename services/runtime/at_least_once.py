"""The at-least-once engine: many pieces of work in flight on threads, in any order, and no record skipped.

    take ─► admit ─► work (lanes of threads) ─► decide ─► write ─► finished ─► committed as the contiguous prefix
                └─► dead letter ───────────────────────────┘

Promises: a record's offset is committed only when all that it led to is acknowledged, so that after a kill whatever
was not is done again; nothing slow delays what is quick; any error but a refused record ends the process.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, NamedTuple

import structlog

from services.contracts.processor import HEAD, Event, Processor, Worked
from services.contracts.reading import Outcome, Read
from services.runtime.clients import group_consumer, idempotent_producer
from services.runtime.intake import DeadLetter, admit
from services.runtime.metrics import DEAD_LETTERS, RECORDS_IN
from services.runtime.outgoing import traced
from services.runtime.outlets import Outlets
from services.runtime.pacing import Pace
from services.runtime.question import Answers
from services.runtime.reading import FileReader
from services.runtime.reads import Reads
from services.runtime.settings import Settings
from services.runtime.spans import Span, Tracing
from services.runtime.taking import Taking
from services.runtime.window import Window

# What is done again after a kill: at 5,000 records/s some 750. A commit costs the broker as much as a small batch.
COMMIT_SECONDS = 0.15
# Within this time hanging threads are noticed, waiting work gets more threads, and results of a backlog are collected:
# in half of it, with twice as many batches on their way to Kafka, a file of 1 MiB cost 3 % more.
LOOK_SECONDS = 0.1
MEASURE_SECONDS = 1.0
# A broker that is away must not keep the process from ending: by now everything is committed that can be.
CLOSE_SECONDS = 5.0
# Thousands of records in flight are no garbage: looking through them every 700 objects cost 2 µs a record. Looked
# through twenty times more seldom than now, garbage grew to 40 MiB.
COLLECT_OBJECTS = (10_000, 5, 5)

log = structlog.get_logger()


class _Question(NamedTuple):
    """A record whose work is to be done, and the window that waits for it."""

    job: Read
    event: Event
    window: Window
    span: Span | None = None


class AtLeastOnce:
    """Runs one processor until told to stop."""

    def __init__(self, processor: Processor, settings: Settings, tracing: Tracing | None = None) -> None:
        self._processor = processor
        self._tracing = tracing
        self._settings = settings
        self._topics = {topic.name: topic for topic in processor.reads}
        self._failure: asyncio.Future[None]
        self._reads: Reads[_Question]
        self._outlets: Outlets
        self._taking: Taking | None = None

    def is_ready(self) -> bool:
        """Tell whether records are being taken."""
        return self._taking is not None and self._taking.is_assigned

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, finish what can be finished soon, commit, and return; raise on any error."""
        gc.freeze()
        gc.set_threshold(*COLLECT_OBJECTS)
        self._failure = asyncio.get_running_loop().create_future()
        self._reads = Reads(self._settings, FileReader(self._settings), self._decide_all, self._fail)
        producer = idempotent_producer(self._settings)
        consumer = group_consumer(self._settings, self._processor.name)
        await producer.start()
        await consumer.start()
        pace = Pace(consumer)
        consumer._fetcher._fetch_task.add_done_callback(self._end_of_fetching)  # noqa: SLF001  # else nothing tells
        counts = await producer.partitions_for(self._processor.writes[0].name)
        self._outlets = Outlets(producer, len(counts), self._fail)
        self._taking = Taking(consumer, self._reads.forget, self._fail)
        consumer.subscribe(list(self._topics), listener=self._taking)
        await self._serve(self._taking, pace, stop)
        self._taking = None
        async with asyncio.timeout(CLOSE_SECONDS):
            await consumer.stop()
            await producer.stop()

    async def _serve(self, taking: Taking, pace: Pace, stop: asyncio.Event) -> None:
        """Do everything at once until told to stop, then drain; raise the first error."""
        tasks = {
            asyncio.create_task(_until(stop)),
            asyncio.create_task(self._take(taking, pace)),
            asyncio.create_task(_every(COMMIT_SECONDS, taking.commit)),
            asyncio.create_task(_every(LOOK_SECONDS, self._look_after)),
            asyncio.create_task(_every(MEASURE_SECONDS, taking.measure)),
        }
        done, _ = await asyncio.wait({self._failure, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for other in tasks - done:
            other.cancel()
        for ended in done:
            await ended
        await taking.drain()
        self._reads.close()
        if self._failure.done():
            await self._failure

    async def _take(self, taking: Taking, pace: Pace) -> None:
        while True:
            questions = [
                question for window, records in await taking.take() for question in self._questions(window, records)
            ]
            pace.note(len(questions))
            self._reads.submit(questions)

    def _questions(self, window: Window, records: Sequence[Any]) -> list[_Question]:
        """Return the work that records ask for; what asks for none is finished, or a dead letter."""
        now = int(time.time() * 1000)
        found = []
        if records:
            RECORDS_IN.labels(records[0].topic).inc(len(records))
        for record in records:
            admitted = admit(self._processor, self._topics[record.topic], record, now)
            if isinstance(admitted, DeadLetter):
                self._bury(admitted, record, window)
            elif (job := self._processor.work(admitted.fact)) is None:
                window.finish(record.offset)
            else:
                tracing, topic = self._tracing, self._topics[record.topic]
                span = tracing.begin(topic, admitted.key, record) if tracing else None
                found.append(_Question(job, admitted, window, span))
        return found

    def _bury(self, letter: DeadLetter, record: Any, window: Window) -> None:
        DEAD_LETTERS.labels(record.topic).inc()
        log.warning(
            "dead_letter", topic=record.topic, partition=record.partition, offset=record.offset, reason=letter.reason
        )
        self._outlets.bury(letter, lambda: window.finish(record.offset))

    def _decide_all(self, answers: Answers[_Question]) -> None:
        now = int(time.time() * 1000)
        for question, outcome in answers:
            self._decide(question, outcome, now)

    def _decide(self, question: _Question, outcome: Outcome, now: int) -> None:
        asked = question.event
        event = Event(asked.key, Worked(asked.fact, outcome), now, asked.partition, asked.offset)
        emit = self._processor.decide(_NOTHING, event).emit
        finished = _Countdown(len(emit), question)
        headers = traced(question.span.traceparent if question.span else None)
        self._outlets.emit(emit, finished.one_written, headers)

    async def _look_after(self) -> None:
        self._reads.look_after()

    def _end_of_fetching(self, task: asyncio.Task[None]) -> None:
        """Fail when the consumer's own task ends: getmany() would return nothing for ever while heartbeats go on."""
        if not task.cancelled() and self._taking is not None:
            self._fail(task.exception() or ConnectionError("the consumer no longer fetches"))

    def _fail(self, error: BaseException) -> None:
        if not self._failure.done():
            self._failure.set_exception(error)


class _Countdown:
    """Finishes a question's record when as many records as it led to are written."""

    def __init__(self, count: int, question: _Question) -> None:
        self._left = count + 1
        self._question = question
        self.one_written()

    def one_written(self) -> None:
        """Count one."""
        self._left -= 1
        if self._left == 0:
            self._question.window.finish(self._question.event.offset)
            if self._question.span is not None:
                self._question.span.end()


class _Nothing:
    """The state of a processor that keeps none."""

    def get(self, _name: str = HEAD) -> None:
        return None

    def after(self, _name: str, _limit: int) -> tuple[tuple[str, Any], ...]:
        return ()

    def at(self, _key: str) -> "_Nothing":
        return self

    def find(self, _term: int, _after: str, _limit: int) -> tuple[str, ...]:
        return ()

    def having(self, _terms: Collection[int]) -> frozenset[int]:
        return frozenset()


_NOTHING = _Nothing()


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()


async def _every(seconds: float, call: Callable[[], Awaitable[None]]) -> None:
    """Call again and again, so long after the last call ended."""
    while True:
        await asyncio.sleep(seconds)
        await call()
