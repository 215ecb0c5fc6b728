"""`hashing`: what the hashing stage makes of a core, by file size, against what the same libraries make of it alone."""

import asyncio
import os
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from loadtest.hashing.files import Files, disk_bytes, make
from loadtest.hashing.measure import measure_memory, measure_sizes
from loadtest.hashing.report import HashingReport, Memory, goals, save, show
from loadtest.hashing.service import EXAMPLES_MAX, Answers, running_hasher
from loadtest.machine import describe
from loadtest.options import FILES_BYTES_MAX
from loadtest.target import Cluster, progress
from loadtest.truth import Tally

KIB, MIB, GIB = 1024, 1024**2, 1024**3
SIZES = (4 * KIB, 64 * KIB, MIB, 16 * MIB, 256 * MIB, GIB)
SIZE_MAX = 4 * GIB
PROFILED = "the hasher ran under a profiler"


def check_size(_kind: Any, sizes: tuple[int, ...] | None) -> None:
    """Refuse files that no disk is to hold."""
    for size in sizes or ():
        if not 1 <= size <= SIZE_MAX:
            raise ValueError(f"A size is from 1 to {SIZE_MAX:,} bytes.")
    if len(set(sizes or ())) != len(sizes or ()):
        raise ValueError("Each size is measured once.")
    if sum(map(disk_bytes, sizes or ())) > FILES_BYTES_MAX:
        raise ValueError(f"The files would take more than {FILES_BYTES_MAX:,} bytes.")


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How much is hashed."""

    sizes: Annotated[
        tuple[int, ...], Parameter(validator=check_size, negative="", help="Bytes of the files, one size or several.")
    ] = SIZES
    total: Annotated[
        int, Parameter(validator=Number(gte=1, lte=64 * GIB), help="Bytes of each size in each round, about.")
    ] = 2 * GIB
    rounds: Annotated[
        int, Parameter(validator=Number(gte=1, lte=100), help="How often all sizes are gone through.")
    ] = 3
    memory_gb: Annotated[
        float, Parameter(validator=Number(gte=0, lte=10_000), help="Hash so much more, and look at the memory.")
    ] = 0.0


def hashing(
    *,
    work: Work = Work(),
    profile: Annotated[Path | None, Parameter(help="A file for the profile of the hasher's loop, for pstats.")] = None,
    seed: Annotated[int | None, Parameter(help="Draws the files; another each time unless given.")] = None,
    json: Annotated[Path | None, Parameter(help="A file to be written with all figures.")] = None,
) -> HashingReport:
    """Measure the hasher alone, on a Kafka of its own: GB per second of CPU by file size, and the limit beside it."""
    if seed is None:
        seed = random.SystemRandom().randrange(2**32)
    report = asyncio.run(_run(work, profile, seed))
    show(report, Console())
    if json is not None:
        save(report, json)
    return report


async def _run(work: Work, profile: Path | None, seed: int) -> HashingReport:
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="staydown-load-") as name:
        folder = Path(name)
        (folder / "media").mkdir()
        files = await asyncio.to_thread(_make_all, folder / "media", work.sizes, seed)
        async with running_hasher(folder, folder / "media", profile) as hasher:
            sizes, answers = await measure_sizes(hasher, files, work.total, work.rounds)
            memory: Memory | None = None
            if work.memory_gb:
                memory, more = await measure_memory(hasher, files, work.memory_gb)
                answers += more
            machine = describe(Cluster("", folder, hasher.broker, dict), load_before)
    return HashingReport(
        profile="hashing",
        seed=seed,
        rounds=work.rounds,
        machine=machine,
        void=() if profile is None else (PROFILED,),
        truth=_tally(answers),
        sizes=tuple(sizes),
        memory=memory,
        goals=goals(sizes, memory),
    )


def _make_all(media: Path, sizes: Sequence[int], seed: int) -> list[Files]:
    progress(f"making {sum(map(disk_bytes, sizes)):,} bytes of files")
    return [make(media / str(size), size, seed + number) for number, size in enumerate(sizes)]


def _tally(answers: Sequence[Answers]) -> Tally:
    examples = [example for one in answers for example in one.examples]
    return Tally(
        uploads=sum(one.reads for one in answers),
        missed=sum(one.missed for one in answers),
        wrong=sum(one.wrong for one in answers),
        duplicate=sum(one.duplicate for one in answers),
        examples=tuple(examples[:EXAMPLES_MAX]),
    )
