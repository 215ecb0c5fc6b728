"""What it costs to compare an upload: what is larger than 128 KiB has a sample, by which it is met with the references.

Everybody but the hasher is measured, whose gigabytes are counted apart: it reads all uploads while the others are held
still, so that these find full batches. Costs are fitted from samples of two sizes, each less what uploads without one
cost; and with the index in several parts, less what they cost with one.
"""

import asyncio
import shutil
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

from loadtest.capacity.coefficients import Comparing, PerEvent
from loadtest.capacity.fitting import Sized, besides, besides_first, by_name, fitted, shared
from loadtest.capacity.flows import service_of
from loadtest.capacity.growth import kept_bytes, topic_bytes
from loadtest.capacity.passes import check, grown, label
from loadtest.capacity.works import partitions_of
from loadtest.cpu import snapshot, used_between
from loadtest.files import MadeFile, make_files
from loadtest.peers.bench import running_bench
from loadtest.peers.draining import ANSWER_SECONDS_MAX, drain, held_still, running
from loadtest.peers.records import Upload, collect, decoded, go_to_end
from loadtest.peers.subjects import Bench, staydown
from loadtest.peers.tally import answer_of, tally
from loadtest.peers.uploads import verdict_on
from loadtest.peers.work import identify
from loadtest.reading import lone_consumer
from loadtest.references import Took, contents, contents_in_parts, measure_apart
from loadtest.target import LoadTestError, media_home, progress, scratch
from services.contracts.parts import PARTS_MAX
from services.contracts.sample import KEPT_MIN, digests_of
from services.contracts.topics import VERDICTS_DECIDED
from services.pipeline import PIPELINE
from services.runtime.division import VARIABLE

HASHER, RECOGNISER = "hasher", "recogniser"
OTHERS = tuple(processor.name for processor in PIPELINE if processor.name != HASHER)
# Without a sample, with some ten chunks, and with some forty, which are all kept. What is larger than 1 MiB the hasher
# puts off to its slow lane when too many wait (`runtime/reads.py`).
SIZES = NOT_COMPARED, SHORT, LONG = 4096, 256 * 1024, 1024 * 1024
PARTS = 4
CONTENTS = 3_000
# How many times as many of the smallest files warm up the broker's Java.
WARM_UP = 5
# Files of random bytes have as many chunks as one another, but for a few.
SOME = 10


async def measure_comparing(bench: Bench, count: int, rounds: int, seed: int) -> Comparing:
    """Measure so many uploads of each size, with the index in one part, and on another broker with it in several."""
    whole = await _of_all_sizes(bench, 1, count, rounds, seed)
    async with running_bench() as (other, _):
        divided = await _of_all_sizes(other, PARTS, count, rounds, seed)
    compared, chunk = fitted(*besides_first(whole))
    part, moved = fitted(*besides_first([besides(*each) for each in zip(divided, whole, strict=True)]))
    one, most = [await asyncio.to_thread(measure_apart, CONTENTS, each) for each in (contents, contents_in_parts)]
    more = Took(*(max(0.0, getattr(most, each.name) - getattr(one, each.name)) for each in fields(Took)))
    return Comparing(
        compared=_stored(compared),
        chunk=_stored(chunk, one, KEPT_MIN),
        part=_stored(shared(part, PARTS - 1), more, PARTS_MAX - 1),
        moved=_stored(shared(moved, 1 - 1 / PARTS)),
    )


async def _of_all_sizes(plain: Bench, parts: int, count: int, rounds: int, seed: int) -> list[Sized]:
    """Return what an upload of each size costs, with the index in so many parts; no disk is busy with their files."""
    with scratch(media_home(count * LONG)) as media:
        return await _rounds(replace(plain, media=media, settings={VARIABLE: str(parts)}), parts, count, rounds, seed)


async def _rounds(bench: Bench, parts: int, count: int, rounds: int, seed: int) -> list[Sized]:
    progress(f"index in {parts}, warm-up")
    await _pass(bench, "warm", WARM_UP * count, NOT_COMPARED, seed)
    found: dict[int, list[Sized]] = {size: [] for size in SIZES}
    for number in range(rounds):
        for size in SIZES:
            progress(f"index in {parts}, {count:,} uploads of {size:,} bytes, round {number + 1}")
            seed += 1
            found[size].append(await _pass(bench, f"{size:07}-{number}", count, size, seed))
    return [Sized(each[0].chunks, by_name(_median, *(one.cost for one in each))) for each in found.values()]


def _median(*values: float) -> float:
    return statistics.median(values)


async def _pass(bench: Bench, name: str, count: int, size: int, seed: int) -> Sized:
    """Measure uploads of one size, and remove their files."""
    folder = bench.media / name
    files = await asyncio.to_thread(make_files, folder, count, size, seed)
    try:
        chunks = await asyncio.to_thread(_chunks, folder)
        return Sized(chunks, await _deciding(bench, name, files))
    finally:
        await asyncio.to_thread(shutil.rmtree, folder)


def _chunks(folder: Path) -> float:
    """Return how many chunks a sample of these files has, on average of some."""
    samples = [identify(str(path)).sample for path in islice(folder.iterdir(), SOME)]
    return statistics.mean(0 if sample is None else len(digests_of(sample)) for sample in samples)


async def _deciding(bench: Bench, name: str, files: Sequence[MadeFile]) -> PerEvent:
    """Have the hasher read all uploads while the others are held still, and measure these until the last verdict."""
    of_upload = {f"{name}-{number:05}": made for number, made in enumerate(files)}
    partitions = partitions_of(bench, VERDICTS_DECIDED.name)
    async with running(staydown(bench, OTHERS)) as pids, lone_consumer(bench.broker.bootstrap, partitions) as consumer:
        await go_to_end(consumer, partitions)
        kept, bytes_before = await kept_bytes(bench), topic_bytes(bench)
        with held_still(pids().values()):
            await _hash(bench, of_upload)
            before = snapshot({**pids(), **bench.broker.pids()})
        records = await collect(consumer, {upload_id.encode() for upload_id in of_upload}, ANSWER_SECONDS_MAX)
        used = used_between(before, snapshot({**pids(), **bench.broker.pids()}))
        _check_verdicts(of_upload, records)
        return shared(
            PerEvent(
                cpu_us={label(process): 1e6 * seconds for process, seconds in used.by_process.items()},
                topic_bytes=grown(bytes_before, topic_bytes(bench)),
                kept_bytes=grown(kept, await kept_bytes(bench)),
            ),
            len(files),
        )


async def _hash(bench: Bench, of_upload: Mapping[str, MadeFile]) -> None:
    """Have the hasher read all of them."""
    reads = [Upload(upload_id, made.uri, made.content.blake3) for upload_id, made in of_upload.items()]
    check(await drain(bench.broker, staydown(bench, [HASHER]), reads))


def _check_verdicts(of_upload: Mapping[str, MadeFile], records: Sequence[Any]) -> None:
    expected = {upload_id: verdict_on(made, None) for upload_id, made in of_upload.items()}
    found = tally(expected, [(key, answer_of(fact)) for key, fact in decoded(VERDICTS_DECIDED, records)])
    if not found.is_right:
        raise LoadTestError(f"Uploads that are compared have wrong verdicts: {'; '.join(found.examples)}.")


def _stored(event: PerEvent, took: Took | None = None, among: int = 1) -> PerEvent:
    """Add what state takes in memory: what entries keep more, but in the recogniser what contents took, among so many.

    There each chunk is found by, which is more than its entry.
    """
    kept = {service_of(topic): each for topic, each in event.kept_bytes.items()}
    memory = {service: each for service, each in kept.items() if service not in {"", RECOGNISER}}
    if took is None:
        return replace(event, memory_bytes=memory)
    found_by = max(0.0, took.disk_bytes - took.entry_bytes) / among
    memory[RECOGNISER] = took.memory_bytes / among
    return replace(event, memory_bytes=memory, found_by_bytes={RECOGNISER: found_by})
