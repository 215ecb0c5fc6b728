import asyncio
import signal
from pathlib import Path

import pytest

from tests.kafka.engine import topics
from tests.kafka.engine.folds import check_outputs, check_state
from tests.kafka.engine.sample import Told
from tests.kafka.engine.workers import Worker, Workers, workers

pytestmark = pytest.mark.kafka


def test_members_come_and_go_without_loss(kafka: str, prefix: str, tmp_path: Path) -> None:
    """Scaling out to two members and back keeps what belongs together on one of them, and loses and doubles nothing."""
    told = [Told(f"k{n % 50}", f"i{n}", ("left", "right")[n % 2]) for n in range(3_000)]
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, tmp_path) as running:
        asyncio.run(_out_and_back(kafka, prefix, running, told))
    check_outputs(asyncio.run(topics.read(kafka, f"{prefix}.out")), told)
    check_state(asyncio.run(topics.read(kafka, f"{prefix}.state")), told)


async def _out_and_back(kafka: str, prefix: str, running: Workers, told: list[Told]) -> None:
    alone = running.start()
    await topics.tell(kafka, prefix, told[:1_000])
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= 1_000)
    second = running.start()
    await topics.tell(kafka, prefix, told[1_000:2_000])
    await topics.until("both have a half", lambda: _numbers(alone) + _numbers(second) == [2, 2])
    assert set(_last(alone)) | set(_last(second)) == {0, 1, 2, 3}
    second.send(signal.SIGTERM)
    await topics.tell(kafka, prefix, told[2_000:])
    assert await asyncio.to_thread(second.wait) == 0
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= len(told))
    await topics.until("it serves all again", lambda: _last(alone) == [0, 1, 2, 3])


def test_a_member_that_is_told_of_other_parts_than_the_others_is_not_let_in(
    kafka: str, prefix: str, tmp_path: Path
) -> None:
    """On a cluster that is new no state says in how many parts an index lies; and those that are there go on."""
    told = [Told(f"k{n}", f"i{n}", "left") for n in range(40)]
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, tmp_path) as running:
        asyncio.run(_two_that_differ(kafka, prefix, running, told))
    check_outputs(asyncio.run(topics.read(kafka, f"{prefix}.out")), told)


async def _two_that_differ(kafka: str, prefix: str, running: Workers, told: list[Told]) -> None:
    first = running.start(index_parts=2)
    await topics.until("it serves all", lambda: _last(first) == [0, 1, 2, 3])
    other = running.start(index_parts=1)
    assert await asyncio.to_thread(other.wait) != 0
    assert "InconsistentGroupProtocol" in other.path.read_text()
    await topics.tell(kafka, prefix, told)
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= len(told))
    assert _last(first) == [0, 1, 2, 3]


def _last(worker: Worker) -> list[int]:
    """Return the numbers that a member serves by its latest word."""
    said = worker.logged("assigned")
    return list(said[-1]["partitions"]) if said else []


def _numbers(worker: Worker) -> list[int]:
    return [len(_last(worker))]


def test_a_stopped_member_has_finished_what_it_began(kafka: str, prefix: str, tmp_path: Path) -> None:
    """SIGTERM in the middle of work ends a member with code 0, and its successor goes on at once where it was."""
    told = [Told(f"k{n % 50}", f"i{n}", "left") for n in range(20_000)]
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, tmp_path) as running:
        asyncio.run(_stop_and_succeed(kafka, prefix, running, told))
    check_outputs(asyncio.run(topics.read(kafka, f"{prefix}.out")), told)


async def _stop_and_succeed(kafka: str, prefix: str, running: Workers, told: list[Told]) -> None:
    await topics.tell(kafka, prefix, told)
    stopped = running.start()
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= 1)
    stopped.send(signal.SIGTERM)
    assert await asyncio.to_thread(stopped.wait) == 0
    assert stopped.logged("stop")
    running.start()
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= len(told))
