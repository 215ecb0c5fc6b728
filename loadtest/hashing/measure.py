"""A run of the hashing stage: rounds over all sizes, service and limit one after another, then memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from loadtest.hashing.files import Files
from loadtest.hashing.limit import CORES, compute_seconds, limit_seconds
from loadtest.hashing.report import Memory, SizeFigures, size_name, spread
from loadtest.hashing.service import Answers, Hasher, resident_bytes
from loadtest.target import progress

GB = 1_000_000_000
# Beyond that, more of the smallest files says nothing new.
READS_MAX = 20_000
# The limit varies less than the service, and is measured as often.
LIMIT_PART = 4
US_PER_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Round:
    """Files of one size in one round: CPU seconds a read."""

    service: float
    limit: float
    compute: float
    others_cores: float


async def measure_sizes(
    hasher: Hasher, files: Sequence[Files], total_bytes: int, rounds: int
) -> tuple[list[SizeFigures], list[Answers]]:
    """Return the figures of each size, of so many rounds of so many bytes each, and all that was answered."""
    found: dict[int, list[Round]] = {each.size: [] for each in files}
    every: list[Answers] = []
    for number in range(rounds):
        for each in files:
            reads = reads_of(each.size, total_bytes)
            progress(f"round {number + 1} of {rounds}: {reads:,} reads of {size_name(each.size)}")
            answers = await hasher.read(each, reads)
            few = max(reads // LIMIT_PART, CORES)
            limit = await asyncio.to_thread(limit_seconds, each, few)
            compute = await asyncio.to_thread(compute_seconds, each, few)
            found[each.size].append(Round(answers.cpu_seconds / reads, limit, compute, answers.others_cores))
            every.append(answers)
    return [_figures(size, reads_of(size, total_bytes), of_it) for size, of_it in found.items()], every


def reads_of(size: int, total_bytes: int) -> int:
    """Return how many reads are so many bytes: at least two a thread, and not too many."""
    return min(max(total_bytes // size, 2 * CORES), READS_MAX)


async def measure_memory(hasher: Hasher, files: Sequence[Files], gigabytes: float) -> tuple[Memory, list[Answers]]:
    """Have so much hashed, files of all sizes in turn, and look at the process after the first gigabyte and the last.

    A turn is a gigabyte, or as little more as two reads a thread of the largest files make.
    """
    every: list[Answers] = []
    hashed = first = 0
    while hashed < gigabytes * GB:
        for each in files:
            reads = max(GB // len(files) // each.size, 2 * CORES)
            every.append(await hasher.read(each, min(reads, READS_MAX)))
            hashed += min(reads, READS_MAX) * each.size
        first = first or resident_bytes(hasher.pid)
        progress(f"{hashed / GB:.0f} GB: {resident_bytes(hasher.pid) / 2**20:.1f} MiB")
    return Memory(hashed / GB, first, resident_bytes(hasher.pid)), every


def _figures(size: int, reads: int, rounds: Sequence[Round]) -> SizeFigures:
    return SizeFigures(
        size=size,
        reads=reads,
        service_gb=spread([size / one.service / GB for one in rounds]),
        limit_gb=spread([size / one.limit / GB for one in rounds]),
        compute_gb=spread([size / one.compute / GB for one in rounds]),
        ratio=spread([one.limit / one.service for one in rounds]),
        service_us=spread([one.service * US_PER_SECOND for one in rounds]),
        others_cores=spread([one.others_cores for one in rounds]),
    )
