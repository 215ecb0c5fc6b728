"""A lane: threads that take work from one queue, and what to do about those that do not come back.

    submit ──► waiting ──► worker threads ──► results ──► collect (event loop) ──► answered

Promises: each piece of work is answered exactly once, on the event loop; work that takes longer than its time is
answered for its thread, which is left behind and replaced; one thread works as long as it keeps up, and others join
when work waits and they can help, since threads that want the interpreter at once cost twice the CPU.
"""

import asyncio
import resource
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

from services.runtime.helping import Spent, helpful_threads
from services.runtime.metrics import READS_WAITING, THREADS_ABANDONED

# Results are handed over in groups, as soon as nothing waits: each hand-over interrupts both threads, and costs
# batches on their way to Kafka, of which 1 MiB files at two in 5 ms made 800 a second. While more waits, `look_after`
# collects them, for all threads at once; should the loop be late with that, it is reminded, of small files every 20 ms.
GROUP_MAX = 500
GROUP_SECONDS_MAX = 0.2
# Work that waits for longer than that is worth another thread, if that can do something meanwhile.
WAITING_SECONDS_MAX = 0.1
# Where nothing was done for so long, it is one piece that takes its time; before, it may be a machine with much to do.
PIECE_SECONDS_MIN = 0.5
# A thread that hangs in the kernel cannot be ended. Beyond so many, the process is better started anew.
ABANDONED_MAX = 32
# A lane looks after its time itself, between pieces; only a thread that does not come back is later than that.
GRACE_SECONDS = 1.0
# Where the system does not count by thread, the process's waits are more than the lane's: then more threads join.
_THIS_THREAD = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)

Work = TypeVar("Work")
Result = TypeVar("Result")


class HangingError(Exception):
    """Too many threads hang in work that does not return."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a lane works: its name, how many threads start at once and at most, and the time of one piece of work."""

    name: str
    threads: int
    threads_max: int
    seconds: float


@dataclass(eq=False, slots=True)
class _Task(Generic[Work]):
    work: Work
    since: float
    answered: bool = False


class Lane(Generic[Work, Result]):
    """A queue and its threads. All methods but `post` are for the event loop's thread."""

    def __init__(
        self,
        terms: Terms,
        perform: Callable[[Work], Result],
        overdue: Callable[[Work], Result],
        answered: Callable[[Sequence[tuple[Work, Result]]], None],
        failed: Callable[[BaseException], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`perform` runs on threads and never raises; if it does, `failed` gets what it raised."""
        self.terms = terms
        self.clock = clock
        self.perform = perform
        self._overdue = overdue
        self._answered = answered
        self.failed = failed
        self._loop = asyncio.get_running_loop()
        self.waiting: deque[_Task[Work]] = deque()
        self.results: deque[tuple[_Task[Work], Result]] = deque()
        self.calls: SimpleQueue[bool] = SimpleQueue()  # True: there is work; False: end
        self._workers: list[_Worker[Work, Result]] = []
        self._abandoned: list[_Worker[Work, Result]] = []
        self._wanted = terms.threads
        self._looked = (clock(), Spent(0, 0, 0.0, time.process_time()))
        THREADS_ABANDONED.labels(terms.name)  # shown from the begin, or the first would be no rise

    @property
    def working(self) -> int:
        """How many threads work, or have been called and are not awake yet."""
        return sum(not worker.is_idle for worker in self._workers) + self.calls.qsize()

    def submit(self, works: Sequence[Work]) -> None:
        """Queue work. Whoever submits bounds how much waits."""
        now = self.clock()
        self.waiting.extend(_Task(work, now) for work in works)
        self._call()

    def collect(self) -> None:
        """Answer what threads have finished."""
        found = []
        while self.results:
            task, result = self.results.popleft()
            if not task.answered:
                task.answered = True
                found.append((task.work, result))
        if found:
            self._answered(found)

    def deliver(self) -> None:
        """Do the same as a callback, from which nothing may escape."""
        try:
            self.collect()
        except BaseException as error:  # noqa: BLE001  # handed on, and the process ends
            self.failed(error)

    def post(self, call: Callable[..., None], *arguments: object) -> None:
        """Have the event loop call; for threads. A loop that is closed wants nothing any more."""
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            if not self._loop.is_closed():
                raise

    def look_after(self) -> None:
        """Answer for threads that hang and let others join if work waits. To be called some ten times a second."""
        self.collect()
        now = self.clock()
        READS_WAITING.labels(self.terms.name).set(len(self.waiting))
        for worker in list(self._workers):
            self._replace_if_hanging(worker, now)
        helpful = self._helpful(now)
        waits = self.waiting and now - self.waiting[0].since > WAITING_SECONDS_MAX
        if waits and self._wanted < helpful:
            self._wanted += 1
        elif not self.waiting:
            self._wanted = self.terms.threads
        self._call()

    def forget(self) -> None:
        """Drop what waits; nobody wants its answer any more."""
        self.waiting.clear()

    def close(self) -> None:
        """Let the threads end after the work in their hands."""
        self.forget()
        for _ in self._workers:
            self.calls.put(False)

    def _call(self) -> None:
        """Wake one thread, or start one, if work waits and fewer work than are wanted."""
        working = self.working
        missing = min(self._wanted - working, len(self.waiting))
        for _ in range(missing):
            if len(self._workers) - working > 0:
                self.calls.put(True)
            else:
                self._workers.append(_Worker(self))
            working += 1

    def _helpful(self, now: float) -> int:
        """Return how many threads can be of help, by what was done since this was last asked."""
        then, before = self._looked
        pieces = sum(worker.pieces for worker in self._workers)
        if pieces == before.pieces and now - then < PIECE_SECONDS_MIN:
            return self._wanted
        waits = sum(worker.waits for worker in self._workers)
        spent = Spent(pieces, waits, sum(worker.cpu_seconds for worker in self._workers), time.process_time())
        self._looked = (now, spent)
        since = Spent(
            pieces - before.pieces,
            waits - before.waits,
            spent.thread_seconds - before.thread_seconds,
            spent.process_seconds - before.process_seconds,
        )
        return helpful_threads(since, now - then, self.terms.threads, self.terms.threads_max)

    def _replace_if_hanging(self, worker: "_Worker[Work, Result]", now: float) -> None:
        task, since = worker.busy
        if task is None or now - since < self.terms.seconds + GRACE_SECONDS:
            return
        worker.abandon()
        self._workers.remove(worker)
        self._abandoned = [each for each in self._abandoned if each.is_alive()] + [worker]
        THREADS_ABANDONED.labels(self.terms.name).inc()
        if not task.answered:
            task.answered = True
            self._answered([(task.work, self._overdue(task.work))])
        if len(self._abandoned) > ABANDONED_MAX:
            raise HangingError(f"{len(self._abandoned)} threads of the lane {self.terms.name} hang")


class _Worker(threading.Thread, Generic[Work, Result]):
    """One thread of a lane. A daemon: a thread that hangs must not keep the process from ending."""

    def __init__(self, lane: Lane[Work, Result]) -> None:
        super().__init__(name=f"lane-{lane.terms.name}", daemon=True)
        self._lane = lane
        self._abandoned = False
        self._told = 0.0
        self._untold = 0
        self.pieces = 0
        self.waits = 0
        self.cpu_seconds = 0.0
        self.is_idle = False
        self.busy: tuple[_Task[Work] | None, float] = (None, 0.0)
        self.start()

    def abandon(self) -> None:
        """Have it end when it comes back, if it ever does."""
        self._abandoned = True

    def run(self) -> None:
        """Work until told to end."""
        try:
            while self._serve():
                pass
        except BaseException as error:  # noqa: BLE001  # handed to the event loop, which ends the process
            self._lane.post(self._lane.failed, error)

    def _serve(self) -> bool:
        """Do what waits, then wait to be called; False if told to end."""
        self._empty_queue()
        if self._abandoned:
            return False
        self.is_idle = True
        if self._lane.waiting:  # came after the last look and before the lane could see that this thread is idle
            self.is_idle = False
            return True
        goes_on = self._lane.calls.get()
        self.is_idle = False
        return goes_on

    def _empty_queue(self) -> None:
        lane = self._lane
        while not self._abandoned:
            try:
                task = lane.waiting.popleft()
            except IndexError:
                break
            self.busy = (task, lane.clock())
            lane.results.append((task, lane.perform(task.work)))
            self.busy = (None, 0.0)
            self._untold += 1
            if self._untold >= GROUP_MAX or lane.clock() - self._told > GROUP_SECONDS_MAX:
                self._tell()
        self._tell()

    def _tell(self) -> None:
        if self._untold:
            self.pieces += self._untold
            self.waits = resource.getrusage(_THIS_THREAD).ru_nvcsw
            self.cpu_seconds = time.thread_time()
            self._untold = 0
            self._told = self._lane.clock()
            self._lane.post(self._lane.deliver)
