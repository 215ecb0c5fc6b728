"""Measuring the coefficients: what uploads, gigabytes, registrations, takedowns and reinstatements cost here.

From backlogs, so at full batches: a cluster that is half idle pays more for each upload, and has the cores for it.
CPU per GB is the hasher's, fitted from two sizes of file: nobody else touches content.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from loadtest.capacity.coefficients import BROKER, Coefficients, PerEvent
from loadtest.capacity.growth import kept_bytes, topic_bytes
from loadtest.capacity.works import KEEPERS, measure_registrations, measure_turns
from loadtest.peers.draining import Pass, drain
from loadtest.peers.figures import READER
from loadtest.peers.subjects import Bench, staydown
from loadtest.peers.task import Stage
from loadtest.peers.uploads import make, uploads
from loadtest.references import Took
from loadtest.references import measure as measure_references
from loadtest.target import LoadTestError, progress

SMALL, LARGE = 4096, 1024 * 1024
# A gigabyte: enough that hashing it stands out, little enough for a laptop's disk and page cache.
LARGE_UPLOADS = 1_000
REFERENCES = 10_000
GIGABYTE = 1e9
MIB = 1024 * 1024
AGAIN = "; takedowns and reinstatements later, by --measure --turns-only"


@dataclass(frozen=True, slots=True)
class Measured:
    """A pass, and how much the topics grew by it."""

    done: Pass
    grown: Mapping[str, float]


async def measure(bench: Bench, count: int, rounds: int, seed: int, machine: str) -> Coefficients:
    """Measure everything; the first round warms up the broker's Java and is not counted."""
    upload = await _uploads(bench, count, rounds, seed)
    registration = await measure_registrations(bench, count // 4, seed + 10)
    takedown, reinstatement = await measure_turns(bench, count // 2, seed + 20)
    gigabyte_us = await _gigabyte(bench, rounds, seed + 30)
    reference = await asyncio.to_thread(_references, REFERENCES)
    hasher_us = max(0.0, upload.cpu_us["hasher"] - gigabyte_us * SMALL / GIGABYTE)
    return Coefficients(
        machine=machine,
        how=f"python -m loadtest cost --measure --uploads {count} --rounds {rounds}",
        upload=PerEvent(
            {**upload.cpu_us, "hasher": hasher_us}, upload.topic_bytes, upload.kept_bytes, upload.memory_bytes
        ),
        registration=registration,
        takedown=takedown,
        reinstatement=reinstatement,
        gigabyte_cpu_us={"hasher": gigabyte_us},
        index_bytes_per_reference=reference.memory_bytes,
        index_disk_bytes_per_reference=reference.disk_bytes,
    )


async def measure_again(bench: Bench, known: Coefficients, count: int, seed: int, machine: str) -> Coefficients:
    """Measure takedowns and reinstatements alone, and leave the rest as it is known; on the machine that it is from."""
    if machine != known.machine:
        raise LoadTestError(f"The other coefficients are from another machine, {known.machine}; this is {machine}.")
    await measure_turns(bench, count // 2, seed)  # warms up the broker's Java
    takedown, reinstatement = await measure_turns(bench, count // 2, seed + 1)
    how = f"{known.how.partition(AGAIN)[0]}{AGAIN} --uploads {count}"
    return replace(known, how=how, takedown=takedown, reinstatement=reinstatement)


async def _uploads(bench: Bench, count: int, rounds: int, seed: int) -> PerEvent:
    """Measure uploads of nothing that is listed."""
    files = await asyncio.to_thread(make, bench, count, SMALL, 0.0, seed)
    measured = []
    for number in range(rounds + 1):
        progress(f"uploads, {'round ' + str(number) if number else 'warm-up'}")
        before = topic_bytes(bench)
        done = await drain(bench.broker, staydown(bench), uploads(f"cost-{number}", Stage.PIPELINE, files))
        check(done)
        measured.append(Measured(done, grown(before, topic_bytes(bench))))
    counted = measured[1:]
    names = counted[0].done.used.by_process
    return PerEvent(
        cpu_us={
            label(name): statistics.median(1e6 * one.done.used.by_process[name] / count for one in counted)
            for name in names
            if name != READER
        },
        topic_bytes={name: size / count for name, size in counted[-1].grown.items()},
        kept_bytes={name: size / (count * len(measured)) for name, size in (await kept_bytes(bench)).items()},
        memory_bytes=_memory([one.done for one in measured]),
    )


def _memory(passes: list[Pass]) -> Mapping[str, float]:
    """Return by how many bytes a service's memory grows with an upload: the slope over the passes.

    Taken when a process has restored what the passes before it left: then it holds no buffers of what is under way.
    """
    kept_uploads = [sum(one.uploads for one in passes[:number]) for number in range(len(passes))]
    found = {}
    for name in KEEPERS & passes[0].restored_mib.keys():
        slope = statistics.linear_regression(kept_uploads, [one.restored_mib[name] * MIB for one in passes]).slope
        found[name] = max(0.0, slope)
    return found


async def _gigabyte(bench: Bench, rounds: int, seed: int) -> float:
    """Return the hasher's CPU in µs for a gigabyte; it runs alone, so it must come last."""
    cost = {}
    for number, size in enumerate((SMALL, LARGE)):
        files = await asyncio.to_thread(make, bench, LARGE_UPLOADS, size, 0.0, seed + 10 * number)
        used = []
        for this in range(rounds):
            progress(f"hashing {LARGE_UPLOADS} files of {size:,} bytes, round {this + 1}")
            name = f"cost-{size}-{this}"
            done = await drain(bench.broker, staydown(bench, ["hasher"]), uploads(name, Stage.HASHING, files))
            check(done)
            used.append(1e6 * done.used.by_process["hasher"] / LARGE_UPLOADS)
        cost[size] = statistics.median(used)
    return max(0.0, (cost[LARGE] - cost[SMALL]) / (LARGE - SMALL) * GIGABYTE)


def _references(count: int) -> Took:
    """Return what the recogniser keeps for a reference; measured in a fresh process."""
    progress(f"{count:,} references in a recogniser")
    with (
        tempfile.TemporaryDirectory(prefix="staydown-references-") as folder,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process,
    ):
        return process.submit(measure_references, count, Path(folder)).result()


def label(process: str) -> str:
    """Return the name under which a process's CPU is put down."""
    return BROKER if process.startswith("kafka") else process


def grown(before: Mapping[str, float], after: Mapping[str, float]) -> Mapping[str, float]:
    """Return by how much each topic grew, if it did."""
    return {name: size - before.get(name, 0.0) for name, size in after.items() if size > before.get(name, 0.0)}


def check(done: Pass) -> None:
    """Refuse to take coefficients from a pass that went wrong."""
    if not done.tally.is_right or done.used.restarted:
        raise LoadTestError(f"A pass went wrong: {'; '.join((*done.tally.examples, *done.used.restarted))}.")
