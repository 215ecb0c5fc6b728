"""Measuring the coefficients: what uploads, comparing, gigabytes, registrations, takedowns and what comes back cost.

From backlogs, so at full batches: a cluster that is half idle pays more for each upload, and has the cores for it.
CPU per GB is the hasher's, fitted from two sizes of file: nobody else touches content.
"""

import asyncio
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from loadtest.capacity.coefficients import Coefficients, PerEvent
from loadtest.capacity.comparing import measure_comparing
from loadtest.capacity.growth import kept_bytes, topic_bytes
from loadtest.capacity.passes import check, grown, label
from loadtest.capacity.works import KEEPERS, measure_registrations, measure_turns
from loadtest.peers.draining import Pass, drain
from loadtest.peers.figures import READER
from loadtest.peers.subjects import Bench, staydown
from loadtest.peers.task import Stage
from loadtest.peers.uploads import make, uploads
from loadtest.references import measure_apart, references, shares
from loadtest.target import LoadTestError, progress
from services.contracts.parts import PARTS_MAX

SMALL, LARGE = 4096, 1024 * 1024
# A gigabyte: enough that hashing it stands out, little enough for a laptop's disk and page cache.
LARGE_UPLOADS = 1_000
REFERENCES = 10_000
GIGABYTE = 1e9
MIB = 1024 * 1024
# One in so many of a round's small uploads: by default 2,000, whose files of 1 MiB are 2 GB.
COMPARED = 10


LATER = "; later by "


class Only(StrEnum):
    """What can be measured anew, while the rest stays as it is known."""

    TURNS = "turns"
    COMPARING = "comparing"


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
    comparing = await measure_comparing(bench, count // COMPARED, rounds, seed + 30)
    gigabyte_us = await _gigabyte(bench, rounds, seed + 40)
    hasher_us = max(0.0, upload.cpu_us["hasher"] - gigabyte_us * SMALL / GIGABYTE)
    measured = Coefficients(
        machine=machine,
        how=f"python -m loadtest cost --measure --uploads {count} --rounds {rounds}",
        upload=PerEvent(
            {**upload.cpu_us, "hasher": hasher_us}, upload.topic_bytes, upload.kept_bytes, upload.memory_bytes
        ),
        comparing=comparing,
        registration=registration,
        takedown=takedown,
        reinstatement=reinstatement,
        gigabyte_cpu_us={"hasher": gigabyte_us},
    )
    return await _with_index(measured)


async def measure_again(
    bench: Bench, known: Coefficients, only: Only, *, count: int, rounds: int, seed: int, machine: str
) -> Coefficients:
    """Measure one thing alone, and leave the rest as it is known; on the machine that it is from."""
    if machine != known.machine:
        raise LoadTestError(f"The other coefficients are from another machine, {known.machine}; this is {machine}.")
    before = [each for each in known.how.split(LATER) if f"--only {only} " not in each]
    how = LATER.join((*before, f"--only {only} --uploads {count} --rounds {rounds}"))
    if only is Only.COMPARING:
        comparing = await measure_comparing(bench, count // COMPARED, rounds, seed)
        return await _with_index(replace(known, how=how, comparing=comparing))
    await measure_turns(bench, count // 2, seed)  # warms up the broker's Java
    takedown, reinstatement = await measure_turns(bench, count // 2, seed + 1)
    return replace(known, how=how, takedown=takedown, reinstatement=reinstatement)


async def _with_index(known: Coefficients) -> Coefficients:
    """Return the same, with what the recogniser keeps for a reference."""
    progress(f"{REFERENCES:,} references in a recogniser")
    whole = await asyncio.to_thread(measure_apart, REFERENCES, references)
    share = await asyncio.to_thread(measure_apart, REFERENCES, shares)
    return replace(
        known,
        index_bytes_per_reference=whole.memory_bytes,
        index_disk_bytes_per_reference=whole.disk_bytes,
        index_bytes_in_each_part=in_each_part(whole.memory_bytes, share.memory_bytes),
        index_disk_bytes_in_each_part=in_each_part(whole.disk_bytes, share.disk_bytes),
    )


def in_each_part(whole: float, share: float) -> float:
    """Return what each part has of a reference whatever their number, if so much is in one of as many as can be.

    A part has `fixed + (whole - fixed) / parts`.
    """
    return max(0.0, (PARTS_MAX * share - whole) / (PARTS_MAX - 1))


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
