"""What a registration costs, and taking a copy down and bringing it back: with every service running, and nothing else.

A registration is by digest and has one reference; a takedown is of a copy that was up when its work was registered, a
reinstatement of one that comes back when the work is released. Each copy has an uploader of its own. The count ends
when the verdicts are there and the ledger has heard of every strike.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from aiokafka import TopicPartition

from loadtest.capacity.coefficients import BROKER, PerEvent
from loadtest.capacity.growth import kept_bytes, topic_bytes
from loadtest.capacity.state import LEDGER
from loadtest.cpu import snapshot, used_between
from loadtest.files import make_files
from loadtest.peers.draining import ANSWER_SECONDS_MAX, drain, running
from loadtest.peers.memory import KIB_PER_MIB, resident_mib
from loadtest.peers.records import Upload, collect, decoded, go_to_end
from loadtest.peers.rightsholder import Status, rightsholder
from loadtest.peers.subjects import Bench, staydown
from loadtest.peers.tally import Said, answer_of, tally
from loadtest.peers.uploads import verdict_on
from loadtest.reading import lone_consumer
from loadtest.target import LoadTestError, progress
from services.contracts.processor import Engine
from services.contracts.topics import STRIKES_INCURRED, VERDICTS_DECIDED, changelog
from services.pipeline import PIPELINE
from services.runtime.checking import admin_client

FILE_BYTES = 4096
# A service that keeps less for an event keeps nothing: two starts of a process differ by megabytes.
KEPT_BYTES_MIN = 1.0
KEEPERS = {processor.name for processor in PIPELINE if processor.engine is Engine.EXACTLY_ONCE}
# As many as a rightsholder sends before it waits; more only wait in the registry.
TOGETHER = 500
# A record that is there comes sooner.
NOTHING_MS = 500
POLL_SECONDS = 0.2


async def measure_registrations(bench: Bench, count: int, seed: int) -> PerEvent:
    """Measure so many registrations of contents that nobody has uploaded."""
    progress(f"{count:,} registrations")
    files = await asyncio.to_thread(make_files, bench.media / "registered", count, FILE_BYTES, seed)

    works = {f"cost-{number}": made for number, made in enumerate(files)}

    async with rightsholder(bench.broker) as opened:

        async def register() -> None:
            for begin in range(0, count, TOGETHER):
                await opened.register(dict(list(works.items())[begin : begin + TOGETHER]), Status.ENFORCED)

        return await _measured(bench, count, register)


async def measure_turns(bench: Bench, copies: int, seed: int) -> tuple[PerEvent, PerEvent]:
    """Measure one registration that takes so many copies down, and the release that brings them back."""
    progress(f"{copies:,} takedowns, and as many reinstatements")
    (made,) = await asyncio.to_thread(make_files, bench.media / f"copied-{seed}", 1, FILE_BYTES, seed)
    ids = [f"copy-{seed}-{number}" for number in range(copies)]
    up = [Upload(upload_id, made.uri, verdict_on(made, None)) for upload_id in ids]
    await drain(bench.broker, staydown(bench), up)
    async with rightsholder(bench.broker) as opened:

        async def down() -> None:
            registering = opened.register({"copied": made}, Status.ENFORCED)
            await _turn(bench, registering, dict.fromkeys(ids, verdict_on(made, "copied")))

        async def back() -> None:
            await _turn(bench, opened.release("copied"), dict.fromkeys(ids, verdict_on(made, None)))

        return await _measured(bench, copies, down), await _measured(bench, copies, back)


async def _turn(bench: Bench, acting: Awaitable[None], expected: Mapping[str, Said]) -> None:
    """Do what turns the verdicts on copies, and return when all are as expected and every strike is counted."""
    partitions = partitions_of(bench, VERDICTS_DECIDED.name)
    async with lone_consumer(bench.broker.bootstrap, partitions) as consumer:
        await go_to_end(consumer, partitions)
        await acting
        records = await collect(consumer, {upload_id.encode() for upload_id in expected}, ANSWER_SECONDS_MAX)
    said = [(key, answer_of(fact)) for key, fact in decoded(VERDICTS_DECIDED, records)]
    if not tally(expected, said).is_right:
        raise LoadTestError("Copies did not come down, or back, as they must.")
    await _counted(bench)


async def _counted(bench: Bench) -> None:
    """Return when the ledger has read every strike: behind what its group was told, which is once a second, is none."""
    partitions, deadline = partitions_of(bench, STRIKES_INCURRED.name), time.monotonic() + ANSWER_SECONDS_MAX
    async with (
        lone_consumer(bench.broker.bootstrap, partitions) as consumer,
        admin_client(bench.broker.bootstrap) as admin,
    ):
        while time.monotonic() < deadline:
            told = await admin.list_consumer_group_offsets(LEDGER)
            for at in partitions:
                consumer.seek(at, told[at].offset if at in told else 0)
            if not await consumer.getmany(timeout_ms=NOTHING_MS):
                return
            await asyncio.sleep(POLL_SECONDS)
    raise LoadTestError("The ledger has not counted every strike in time.")


def partitions_of(bench: Bench, topic: str) -> list[TopicPartition]:
    """Return all partitions of a topic."""
    return [TopicPartition(topic, number) for number in range(bench.broker.partitions)]


async def _measured(bench: Bench, count: int, act: Callable[[], Awaitable[None]]) -> PerEvent:
    """Measure what is done by `act`, and return the cost of one of so many; memory before and after is restored."""
    async with running(staydown(bench)) as pids:
        before_bytes, before_kept = topic_bytes(bench), await kept_bytes(bench)
        before_memory = _memory(pids())
        before = snapshot({**pids(), **bench.broker.pids()})
        await act()
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
