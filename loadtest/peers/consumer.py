"""The plain consumer: one process that does all of Staydown's work, and guarantees nothing of it.

It reads files as the hasher does, with all that makes this safe, decides by the very functions of Staydown's services,
and writes the same verdicts, receipts, takedowns and notices. Works are registered with it as with Staydown. What the
services say to one another is passed on as an object, and state is objects in memory: no inside topic, no transaction,
no changelog, nothing encoded that the world does not read. It is bound by the interpreter: to read files on another
thread meanwhile gained nothing.

Lacks what `polling.py` does not promise, and:
- A kill forgets every upload, listing and takedown. What comes after it is compared with nothing, no copy that was
  there comes down, nothing comes back, and revisions and the ids of records begin again.
- A takedown can be written without its verdict or its notices, or twice.
- A record that cannot be decoded, or decided, ends the process, and does again after a restart.
- One slow file, one popular work or one dead network drive holds up everything; there is no slow lane.
- Enrolments come first only among what was there when it started; later ones may be met after what they allow.
- It cannot be two processes: a digest's listings and its copies are met in one memory.
- Only `file:` is read.
"""

import asyncio
import gc
import time
from collections import defaultdict
from typing import Any

from loadtest.peers.chain import Chain
from loadtest.peers.polling import Answers, Records, serve
from loadtest.peers.task import Stage, Task, read_task
from services.contracts.topics import (
    RIGHTSHOLDERS_SUBMITTED,
    TOPICS,
    UPLOADS_READ,
    UPLOADS_SUBMITTED,
    WORKS_SUBMITTED,
    Topic,
)
from services.hasher import PROCESSOR as HASHER
from services.pipeline import PIPELINE
from services.runtime.reading import FileReader
from services.runtime.settings import Settings

# Who registers is enrolled before, and what is listed is compared with what comes after.
BEFORE = (RIGHTSHOLDERS_SUBMITTED, WORKS_SUBMITTED)
PUBLIC = tuple(topic for topic in TOPICS if topic.public and not topic.from_world)
# As Staydown's services: what is remembered about uploads is no garbage.
COLLECT_AFTER_ALLOCATIONS = 200_000


async def consume(task: Task) -> None:
    """Answer uploads for ever."""
    gc.set_threshold(COLLECT_AFTER_ALLOCATIONS)
    chain = chain_of(task)
    before = BEFORE if task.stage is Stage.PIPELINE else ()
    reads = {**{topic.name: topic for topic in before}, task.reads: UPLOADS_SUBMITTED}
    writes = {topic.name: task.own(topic) for topic in written_by(task.stage)}

    def answer(records: Records) -> Answers:
        of_topic: dict[str, list[Any]] = defaultdict(list)
        for at, of_partition in records.items():
            of_topic[at.topic] += of_partition
        found = chain.answer([(topic, of_topic[name]) for name, topic in reads.items()], time.time_ns() // 1_000_000)
        return {(writes[topic], partition): sent for (topic, partition), sent in found.items()}

    await serve(task, answer, [topic.name for topic in before])


def chain_of(task: Task) -> Chain:
    """Return the processors of a stage."""
    read = FileReader(Settings(media_roots=(task.media,))).read
    processors = PIPELINE if task.stage is Stage.PIPELINE else (HASHER,)
    return Chain(processors, written_by(task.stage), read, task.partitions)


def written_by(stage: Stage) -> tuple[Topic, ...]:
    """Return the topics that the world reads."""
    return PUBLIC if stage is Stage.PIPELINE else (UPLOADS_READ,)


if __name__ == "__main__":
    asyncio.run(consume(read_task()))
