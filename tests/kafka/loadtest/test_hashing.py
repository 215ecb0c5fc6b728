"""On a real Kafka: the hasher under load answers rightly, and neither memory nor files nor threads grow."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from loadtest.hashing.files import Files, make
from loadtest.hashing.measure import measure_memory
from loadtest.hashing.report import Memory
from loadtest.hashing.service import Hasher, running_hasher
from services.runtime.reads import SMALL_THREADS_MAX

pytestmark = pytest.mark.kafka

MIB = 1024 * 1024
SMALL = 4096
LARGE = 3 * MIB
READS = 500
GIGABYTES = 100.0
# The loop, the small lane, the large and the slow one; resolving names takes one more.
THREADS_MAX = 1 + SMALL_THREADS_MAX + 2 * (os.cpu_count() or 1) + 1


def _run(folder: Path, scenario: Callable[[Hasher], Awaitable[None]]) -> None:
    async def run() -> None:
        async with running_hasher(folder, folder / "media") as hasher:
            await scenario(hasher)

    asyncio.run(run())


def _make(folder: Path, size: int) -> Files:
    (folder / "media").mkdir(exist_ok=True)
    return make(folder / "media" / str(size), size, size)


def _spoil(files: Files) -> None:
    """Overwrite a file, and remove another."""
    Path(files.made[0].path).write_bytes(b"other")
    Path(files.made[1].path).unlink()


def _count(pid: int, what: str) -> int:
    return len(list(Path(f"/proc/{pid}/{what}").iterdir()))


def test_every_read_is_compared_with_the_truth(tmp_path: Path) -> None:
    """A file that is not what it was is told as wrong, and one that is gone too."""
    small, large = _make(tmp_path, SMALL), _make(tmp_path, LARGE)

    async def scenario(hasher: Hasher) -> None:
        for files in (small, large):
            answers = await hasher.read(files, READS)
            assert (answers.reads, answers.missed, answers.wrong, answers.duplicate) == (READS, 0, 0, 0)
            assert answers.cpu_seconds > 0
        _spoil(small)
        answers = await hasher.read(small, len(small.made))
        assert (answers.missed, answers.wrong) == (0, 2)
        assert len(answers.examples) == 2

    _run(tmp_path, scenario)


def test_neither_open_files_nor_threads_are_left_behind(tmp_path: Path) -> None:
    """After thousands of reads of either kind, and of files that are not there."""
    small, large = _make(tmp_path, SMALL), _make(tmp_path, LARGE)

    async def scenario(hasher: Hasher) -> None:
        await hasher.read(small, READS)
        before = _count(hasher.pid, "fd")
        _spoil(small)
        for _ in range(3):
            await hasher.read(small, 2 * len(small.made))
            await hasher.read(large, READS)
        assert _count(hasher.pid, "fd") <= before
        assert _count(hasher.pid, "task") <= THREADS_MAX

    _run(tmp_path, scenario)


@pytest.mark.nightly
def test_memory_is_the_same_after_100_gigabytes(tmp_path: Path) -> None:
    """Within 5 % of what it was after the first."""
    files = [_make(tmp_path, size) for size in (MIB, 16 * MIB, 256 * MIB)]
    found: list[Memory] = []

    async def scenario(hasher: Hasher) -> None:
        memory, answers = await measure_memory(hasher, files, GIGABYTES)
        assert not any(one.missed or one.wrong for one in answers)
        found.append(memory)

    _run(tmp_path, scenario)
    (memory,) = found
    assert memory.gigabytes >= GIGABYTES
    assert memory.change <= 0.05, memory
