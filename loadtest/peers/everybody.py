"""Who takes part in a stage, by name, in the table's order, and how a pass of each is run."""

import asyncio
import dataclasses
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec

from loadtest.cpu import Used
from loadtest.peers.draining import Pass, drain
from loadtest.peers.figures import FAUST, LOOP, PLAIN, SHORTEST, STAYDOWN
from loadtest.peers.loop import Took
from loadtest.peers.memory import KIB_PER_MIB
from loadtest.peers.subjects import Bench, Start, consumer, faust_agents, shortest_consumer, staydown
from loadtest.peers.tally import Answer, answer_of, tally
from loadtest.peers.task import ANSWERS, VARIABLE, Stage, Task, save_task
from loadtest.peers.uploads import Files, uploads
from loadtest.target import LoadTestError
from services.cluster.tether import tethered
from services.contracts.codec import decode

LOOP_COMMAND = (sys.executable, "-m", "loadtest.peers.loop")

Run = Callable[[str, Files], Awaitable[Pass]]
"""A pass: its name, unique in the run, and its files."""


def everybody(bench: Bench, task: Task) -> dict[str, Run]:
    """Return who takes part; a second agent that only hashes would tell nothing more of Faust."""
    is_whole = task.stage is Stage.PIPELINE
    return {
        STAYDOWN: partial(_staydown, bench, task.stage, () if is_whole else ("hasher",)),
        PLAIN: partial(_peer, bench, task, consumer),
        SHORTEST: partial(_peer, bench, task, shortest_consumer),
        **({FAUST: partial(_peer, bench, task, faust_agents)} if is_whole else {}),
        LOOP: partial(_loop, bench, task),
    }


async def _staydown(bench: Bench, stage: Stage, names: tuple[str, ...], name: str, files: Files) -> Pass:
    return await drain(bench.broker, staydown(bench, names), uploads(f"staydown-{name}", stage, files))


async def _peer(bench: Bench, task: Task, start: Start, name: str, files: Files) -> Pass:
    group = f"{start.__name__}-{name}"
    subject = await start(bench, dataclasses.replace(task, group=group))
    return await drain(bench.broker, subject, uploads(group, task.stage, files))


async def _loop(bench: Bench, task: Task, name: str, files: Files) -> Pass:
    """Run the loop as a process of its own, which takes its own time: there is no broker to be counted."""
    planned = uploads(f"loop-{name}", task.stage, files)
    path = bench.folder / f"loop-{name}.json"
    answers = bench.folder / f"loop-{name}.answers"
    given = tuple((upload.upload_id, upload.uri) for upload in planned)
    save_task(dataclasses.replace(task, uploads=given, answers=str(answers)), path)
    looping = await asyncio.create_subprocess_exec(
        *tethered(LOOP_COMMAND), stdout=asyncio.subprocess.PIPE, env={**os.environ, VARIABLE: str(path)}
    )
    said, _ = await looping.communicate()
    if looping.returncode:
        raise LoadTestError(f"The loop without Kafka ended with exit code {looping.returncode}.")
    took = msgspec.json.decode(said, type=Took)
    used = Used(took.seconds, {"loop": took.cpu_seconds}, 0.0, ())
    found = tally({upload.upload_id: upload.expected for upload in planned}, _answers(task.stage, answers))
    return Pass(len(planned), took.seconds, used, {"loop": took.memory_kib / KIB_PER_MIB}, {}, found)


def _answers(stage: Stage, path: Path) -> Iterator[tuple[str, Answer]]:
    for line in path.read_bytes().splitlines():
        fact = decode(ANSWERS[stage].fact, line)
        yield fact.upload_id, answer_of(fact)
