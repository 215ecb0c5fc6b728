"""What a registration costs, and what it costs to take a copy down: with every service running and nothing else to do.

A registration is by digest and has one reference; a takedown is of a copy that was up when its work was registered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from loadtest.capacity.coefficients import BROKER, PerEvent
from loadtest.capacity.growth import kept_bytes, topic_bytes
from loadtest.cpu import snapshot, used_between
from loadtest.even_load import expected_of
from loadtest.files import make_files
from loadtest.peers.draining import Upload, drain, running
from loadtest.peers.memory import KIB_PER_MIB, resident_mib
from loadtest.peers.subjects import Bench, staydown
from loadtest.session import Session, Status, session
from loadtest.target import LoadTestError, progress
from services.contracts.processor import Engine
from services.pipeline import PIPELINE

FILE_BYTES = 4096
KEEPERS = {processor.name for processor in PIPELINE if processor.engine is Engine.EXACTLY_ONCE}
# As many as a rightsholder sends before it waits; more only wait in the registry.
TOGETHER = 500


async def measure_registrations(bench: Bench, count: int, seed: int) -> PerEvent:
    """Measure so many registrations of contents that nobody has uploaded."""
    progress(f"{count:,} registrations")
    files = await asyncio.to_thread(make_files, bench.media / "registered", count, FILE_BYTES, seed)

    async def register(opened: Session) -> None:
        names = [f"cost-{number}" for number in range(count)]
        for begin in range(0, count, TOGETHER):
            for name, made in list(zip(names, files, strict=True))[begin : begin + TOGETHER]:
                await opened.register(name, made)
            await opened.acknowledged()
            await _came(opened, names[begin : begin + TOGETHER])

    return await _measured(bench, count, register)


async def measure_takedowns(bench: Bench, copies: int, seed: int) -> PerEvent:
    """Measure one registration that takes so many copies down."""
    progress(f"{copies:,} takedowns")
    (made,) = await asyncio.to_thread(make_files, bench.media / "copied", 1, FILE_BYTES, seed)
    ids = [f"copy-{number}" for number in range(copies)]
    up = [Upload(upload_id, made.uri, expected_of(made, None)) for upload_id in ids]
    await drain(bench.broker, staydown(bench), up)

    async def take_down(opened: Session) -> None:
        for upload_id in ids:
            opened.truth.expect(upload_id, expected_of(made, "copied"))
        await opened.register("copied", made)
        if not await opened.answered() or not opened.truth.tally().is_right:
            raise LoadTestError("Copies did not come down as they must.")
        await _came(opened, ["copied"])

    return await _measured(bench, copies, take_down)


async def _measured(bench: Bench, count: int, act: Callable[[Session], Awaitable[None]]) -> PerEvent:
    """Measure what is done by `act`, and return the cost of one of so many."""
    async with running(staydown(bench)) as pids, session(bench.broker.bootstrap) as opened:
        await opened.enroll()
        before_bytes, before_kept = topic_bytes(bench), await kept_bytes(bench)
        before_memory = _memory(pids())
        before = snapshot({**pids(), **bench.broker.pids()})
        await act(opened)
        used = used_between(before, snapshot({**pids(), **bench.broker.pids()}))
        memory, after, kept = _memory(pids()), topic_bytes(bench), await kept_bytes(bench)
    return PerEvent(
        cpu_us={
            BROKER if name.startswith("kafka") else name: 1e6 * seconds / count
            for name, seconds in used.by_process.items()
        },
        topic_bytes=_each(before_bytes, after, count),
        kept_bytes=_each(before_kept, kept, count),
        memory_bytes={name: each for name, each in _each(before_memory, memory, count).items() if name in KEEPERS},
    )


def _memory(pids: Mapping[str, int]) -> Mapping[str, float]:
    return {name: resident_mib(pid) * KIB_PER_MIB * KIB_PER_MIB for name, pid in pids.items()}


def _each(before: Mapping[str, float], after: Mapping[str, float], count: int) -> Mapping[str, float]:
    """Return what one of so many added to each, if anything."""
    added = {name: (value - before.get(name, 0.0)) / count for name, value in after.items()}
    return {name: each for name, each in added.items() if each > 0}


async def _came(opened: Session, work_ids: list[str]) -> None:
    if not await opened.receipts_came(work_ids, Status.ENFORCED):
        raise LoadTestError("Registrations were not enforced in time.")
