"""One pass: processes that are held still while a backlog is written, let go, and timed until the last answer.

Promises: the clock and the count of CPU begin when everything is started, assigned and readable, and nothing has been
answered; nobody's answers are decoded before the clock has stopped; what was started for the pass is ended.
"""

import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from aiokafka import TopicPartition

from loadtest.cpu import Used, snapshot, used_between
from loadtest.peers.memory import resident_mib
from loadtest.peers.records import Broker, Upload, backlog_of, collect, decoded, go_to_end, write
from loadtest.peers.tally import answer_of, tally
from loadtest.reading import lone_consumer
from loadtest.truth import Tally
from services.cluster.child import Child
from services.cluster.supervision import Supervisor
from services.contracts.topics import Topic

# The slowest peer answers some hundred uploads a second; what has not come by then is missed.
ANSWER_SECONDS_MAX = 120.0
# What has not come by then is no duplicate of what has.
LATECOMER_SECONDS = 0.5
STOP_SECONDS_MAX = 10.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: its processes, where it reads and writes, what its answers are, and when it is ready."""

    children: tuple[Child, ...]
    reads: str
    writes: str
    answers: Topic
    ready: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pass:
    """What came of it. `used`: CPU by process, the broker's and the reader's among them.

    `memory_mib`: of its own processes, after the last answer; `restored_mib`: before the first, with old state only.
    """

    uploads: int
    seconds: float
    used: Used
    memory_mib: Mapping[str, float]
    restored_mib: Mapping[str, float]
    tally: Tally


async def drain(broker: Broker, subject: Subject, uploads: Sequence[Upload]) -> Pass:
    """Measure one pass."""
    backlog = backlog_of(uploads, broker.partitions)
    outputs = [TopicPartition(subject.writes, number) for number in range(broker.partitions)]
    async with running(subject) as pids, lone_consumer(broker.bootstrap, outputs) as consumer:
        await go_to_end(consumer, outputs)

        def everybody() -> Mapping[str, int]:
            return {**pids(), **broker.pids(), "reader": os.getpid()}

        restored = _memory(pids())
        with held_still(pids().values()):
            await write(broker, subject.reads, backlog)
            before, began = snapshot(everybody()), time.monotonic()
        waiting = {upload.upload_id.encode() for upload in uploads}
        records = await collect(consumer, waiting, ANSWER_SECONDS_MAX)
        ended, after = time.monotonic(), snapshot(everybody())
        memory = _memory(pids())
        records += await collect(consumer, {b"whoever is late"}, LATECOMER_SECONDS)
    came = [(key, answer_of(fact)) for key, fact in decoded(subject.answers, records)]
    found = tally({upload.upload_id: upload.expected for upload in uploads}, came)
    return Pass(len(uploads), ended - began, used_between(before, after), memory, restored, found)


@asynccontextmanager
async def running(subject: Subject) -> AsyncIterator[Callable[[], Mapping[str, int]]]:
    """Run the subject's processes and give a way to learn their ids; inside, they are ready at first."""
    supervisor = Supervisor(lambda _: None)
    try:
        for child in subject.children:
            await supervisor.start(child)
        await subject.ready()
        yield lambda: supervisor.pids
    finally:
        await supervisor.stop(supervisor.pids, STOP_SECONDS_MAX)


def _memory(pids: Mapping[str, int]) -> Mapping[str, float]:
    return {name: resident_mib(pid) for name, pid in pids.items()}


@contextmanager
def held_still(pids: Iterable[int]) -> Iterator[None]:
    """Stop processes, and let them go on at the end, however it comes."""
    held = list(pids)
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in held:
            os.kill(pid, signal.SIGCONT)
