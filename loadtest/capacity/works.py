"""What a registration costs, and what it costs to take a copy down: with every service running and nothing else to do.

A registration is by digest and has one reference; a takedown is of a copy that was up when its work was registered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiokafka import TopicPartition

from loadtest.capacity.coefficients import BROKER, PerEvent
from loadtest.capacity.growth import kept_bytes, topic_bytes
from loadtest.cpu import snapshot, used_between
from loadtest.files import make_files
from loadtest.peers.draining import ANSWER_SECONDS_MAX, drain, running
from loadtest.peers.memory import KIB_PER_MIB, resident_mib
from loadtest.peers.records import Upload, collect, decoded, go_to_end
from loadtest.peers.rightsholder import Rightsholder, Status, rightsholder
from loadtest.peers.subjects import Bench, staydown
from loadtest.peers.tally import answer_of, tally
from loadtest.peers.uploads import verdict_on
from loadtest.reading import lone_consumer
from loadtest.target import LoadTestError, progress
from services.contracts.processor import Engine
from services.contracts.topics import VERDICTS_DECIDED, changelog
from services.pipeline import PIPELINE

FILE_BYTES = 4096
# A service that keeps less for an event keeps nothing: two starts of a process differ by megabytes.
KEPT_BYTES_MIN = 1.0
KEEPERS = {processor.name for processor in PIPELINE if processor.engine is Engine.EXACTLY_ONCE}
# As many as a rightsholder sends before it waits; more only wait in the registry.
TOGETHER = 500


async def measure_registrations(bench: Bench, count: int, seed: int) -> PerEvent:
    """Measure so many registrations of contents that nobody has uploaded."""
    progress(f"{count:,} registrations")
    files = await asyncio.to_thread(make_files, bench.media / "registered", count, FILE_BYTES, seed)

    works = {f"cost-{number}": made for number, made in enumerate(files)}

    async def register(opened: Rightsholder) -> None:
        for begin in range(0, count, TOGETHER):
            await opened.register(dict(list(works.items())[begin : begin + TOGETHER]), Status.ENFORCED)

    return await _measured(bench, count, register)


async def measure_takedowns(bench: Bench, copies: int, seed: int) -> PerEvent:
    """Measure one registration that takes so many copies down."""
    progress(f"{copies:,} takedowns")
    (made,) = await asyncio.to_thread(make_files, bench.media / "copied", 1, FILE_BYTES, seed)
    ids = [f"copy-{number}" for number in range(copies)]
    up = [Upload(upload_id, made.uri, verdict_on(made, None)) for upload_id in ids]
    await drain(bench.broker, staydown(bench), up)
    partitions = [TopicPartition(VERDICTS_DECIDED.name, number) for number in range(bench.broker.partitions)]

    async def take_down(opened: Rightsholder) -> None:
        async with lone_consumer(bench.broker.bootstrap, partitions) as consumer:
            await go_to_end(consumer, partitions)
            await opened.register({"copied": made}, Status.ENFORCED)
            waiting = {upload_id.encode() for upload_id in ids}
            records = await collect(consumer, waiting, ANSWER_SECONDS_MAX)
        said = [(key, answer_of(fact)) for key, fact in decoded(VERDICTS_DECIDED, records)]
        if not tally(dict.fromkeys(ids, verdict_on(made, "copied")), said).is_right:
            raise LoadTestError("Copies did not come down as they must.")

    return await _measured(bench, copies, take_down)


async def _measured(bench: Bench, count: int, act: Callable[[Rightsholder], Awaitable[None]]) -> PerEvent:
    """Measure what is done by `act`, and return the cost of one of so many; memory before and after is restored."""
    async with running(staydown(bench)) as pids, rightsholder(bench.broker) as opened:
        before_bytes, before_kept = topic_bytes(bench), await kept_bytes(bench)
        before_memory = _memory(pids())
        before = snapshot({**pids(), **bench.broker.pids()})
        await act(opened)
        used = used_between(before, snapshot({**pids(), **bench.broker.pids()}))
        after, kept = topic_bytes(bench), await kept_bytes(bench)
    async with running(staydown(bench)) as pids:
        memory = _memory(pids())
    kept_each = _each(before_kept, kept, count)
    return PerEvent(
        cpu_us={
            BROKER if name.startswith("kafka") else name: 1e6 * seconds / count
            for name, seconds in used.by_process.items()
        },
        topic_bytes=_each(before_bytes, after, count),
        kept_bytes=kept_each,
        memory_bytes={
            name: each
            for name, each in _each(before_memory, memory, count).items()
            if kept_each.get(changelog(name), 0.0) >= KEPT_BYTES_MIN
        },
    )


def _memory(pids: Mapping[str, int]) -> Mapping[str, float]:
    return {name: resident_mib(pid) * KIB_PER_MIB * KIB_PER_MIB for name, pid in pids.items()}


def _each(before: Mapping[str, float], after: Mapping[str, float], count: int) -> Mapping[str, float]:
    """Return what one of so many added to each, if anything."""
    added = {name: (value - before.get(name, 0.0)) / count for name, value in after.items()}
    return {name: each for name, each in added.items() if each > 0}
