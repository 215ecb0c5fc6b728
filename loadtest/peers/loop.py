"""The in-process limit: the same work in a loop, on one thread, without Kafka. Prints what it took as JSON.

Lacks everything: nobody can hand it an upload, and what it answers is gone when the process ends.
"""

import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from loadtest.peers.task import Task, read_task
from loadtest.peers.work import Work
from services.contracts.codec import encode


@dataclass(frozen=True, slots=True)
class Took:
    """What one pass took. `memory_kib`: the most that the process held at once."""

    seconds: float
    cpu_seconds: float
    memory_kib: int


def run(task: Task) -> Took:
    """Answer all uploads; the answers are written to a file after the clock has stopped."""
    work = Work(task)
    began, began_cpu = time.monotonic(), time.process_time()
    answers = [encode(work.answer(upload_id, uri, 0)) for upload_id, uri in task.uploads]
    took = Took(
        time.monotonic() - began, time.process_time() - began_cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    )
    Path(task.answers).write_bytes(b"\n".join(answers))
    return took


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(run(read_task())))
