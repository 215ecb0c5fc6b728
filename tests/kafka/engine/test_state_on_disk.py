import asyncio
import re
import signal
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import msgspec
import pytest

from services.contracts.codec import encode
from services.runtime.changelog import UnitRecord
from services.runtime.disk_store import DiskStore
from services.runtime.partitioning import partition_of
from services.runtime.planning import STATE_REMOVALS_MS
from services.runtime.store import Mark, pack
from tests.kafka.engine import topics
from tests.kafka.engine.folds import check_outputs, check_state
from tests.kafka.engine.sample import Chain, Told
from tests.kafka.engine.workers import Worker, Workers, workers

pytestmark = pytest.mark.kafka

KEY = "k"
WRITTEN_SECONDS_MAX = 30.0
POLL_SECONDS = 0.1
PARTITION = partition_of(KEY.encode(), topics.PARTITIONS)
WRONG = {(KEY, ""): pack(encode(Chain(left=70)), None)}
"""What no changelog has said: who believes it counts on from 70."""


def _told(begin: int, end: int) -> list[Told]:
    return [Told(KEY, f"i{n}", "left") for n in range(begin, end)]


def _measured(worker: Worker, name: str) -> int:
    """Return what a worker says of itself, of all its units together."""
    (started,) = worker.logged("start")
    with closing(HTTPConnection("127.0.0.1", started["http_port"], timeout=10)) as page:
        page.request("GET", "/metrics")
        found = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", page.getresponse().read().decode(), re.MULTILINE)
    assert found
    return sum(int(float(each)) for each in found)


async def _is_written(worker: Worker) -> None:
    """Return when all that a worker has committed is on disk."""
    async with asyncio.timeout(WRITTEN_SECONDS_MAX):
        while _measured(worker, "staydown_state_unwritten"):  # noqa: ASYNC110  # another process has no event of ours
            await asyncio.sleep(POLL_SECONDS)


async def _served(kafka: str, prefix: str, running: Workers, told: list[Told], count: int) -> Worker:
    """Start a worker, have it serve what is told, and return it when so many facts have come out in all."""
    worker = running.start("a")
    await topics.tell(kafka, prefix, told)
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= count)
    return worker


@pytest.mark.parametrize("end", ["kill", "kill at rest", "stop"])
def test_a_start_reads_the_tail_alone(kafka: str, prefix: str, tmp_path: Path, end: str) -> None:
    """However a worker ended, the next reads of the changelog what is not on disk yet: after a rest, nothing new."""
    asyncio.run(topics.create(kafka, prefix))
    told = [Told(f"k{n}", f"i{n}", "left") for n in range(4_000)]
    with workers(kafka, prefix, tmp_path, state=tmp_path / "state") as running:
        first = asyncio.run(_served(kafka, prefix, running, told[:3_000], 3_000))
        if end == "kill at rest":
            asyncio.run(_is_written(first))
        first.send(signal.SIGTERM if end == "stop" else signal.SIGKILL)
        first.wait()
        second = asyncio.run(_served(kafka, prefix, running, told[3_000:], 4_000))
        restored = _measured(second, "staydown_restored_records_total")
    # Each unit's own record, at which it stands, is read in any case.
    assert end == "kill" or restored <= topics.PARTITIONS
    check_outputs(asyncio.run(topics.read(kafka, f"{prefix}.out")), told)
    check_state(asyncio.run(topics.read(kafka, f"{prefix}.state")), told)


def _as_it_is(store: DiskStore, mark: Mark) -> None:
    store.apply(WRONG, mark)


def _ahead(store: DiskStore, mark: Mark) -> None:
    store.apply(WRONG, replace(mark, offset=mark.offset + 1_000))


def _at_another_record(store: DiskStore, mark: Mark) -> None:
    store.apply(WRONG, replace(mark, offset=mark.offset - 1))


def _of_another_value(store: DiskStore, mark: Mark) -> None:
    own = msgspec.json.decode(mark.own, type=UnitRecord)
    store.apply(WRONG, replace(mark, own=replace(own, written=own.written + 1).packed()))


def _old(store: DiskStore, mark: Mark) -> None:
    own = msgspec.json.decode(mark.own, type=UnitRecord)
    store.apply(WRONG, replace(mark, own=replace(own, now=own.now - STATE_REMOVALS_MS).packed()))


def _of_another_cluster(store: DiskStore, mark: Mark) -> None:
    store.begin("another/cluster/0")
    store.apply(WRONG, mark)


Tamper = Callable[[DiskStore, Mark], None]


def _count_after(kafka: str, prefix: str, folder: Path, tamper: Callable[[], None]) -> int:
    """Serve nine facts, tamper with what is on disk, and return the count that the tenth gets."""
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, folder, state=folder / "state") as running:
        first = asyncio.run(_served(kafka, prefix, running, _told(0, 9), 9))
        first.send(signal.SIGTERM)
        first.wait()
        tamper()
        asyncio.run(_served(kafka, prefix, running, _told(9, 10), 10))
    return int(topics.facts(asyncio.run(topics.read(kafka, f"{prefix}.out")))[-1]["count"])


@pytest.mark.parametrize(
    ("tamper", "count"),
    [
        (_as_it_is, 71),
        (_ahead, 10),
        (_at_another_record, 10),
        (_of_another_value, 10),
        (_old, 10),
        (_of_another_cluster, 10),
    ],
    ids=lambda each: each.__name__.strip("_") if callable(each) else "",
)
def test_what_does_not_fit_the_changelog_is_not_believed(
    kafka: str, prefix: str, tmp_path: Path, tamper: Tamper, count: int
) -> None:
    """What is on disk counts only if it is the changelog's own past, and not so old that removals are forgotten.

    The first case shows that it counts at all.
    """

    def change() -> None:
        store = DiskStore(tmp_path / "state" / prefix / str(PARTITION))
        mark = store.begin(store.origin)
        assert mark is not None
        tamper(store, mark)
        store.close()

    assert _count_after(kafka, prefix, tmp_path, change) == count


@pytest.mark.parametrize("pattern", ["*.sst", "CURRENT", "MANIFEST-*"])
def test_what_is_damaged_is_rebuilt(kafka: str, prefix: str, tmp_path: Path, pattern: str) -> None:
    """Garbage in a file of the database is found out, at the start or when it is read, and costs a rebuild at most."""

    def change() -> None:
        database = tmp_path / "state" / prefix / str(PARTITION) / "database"
        files = list(database.glob(pattern))
        assert files
        for path in files:
            path.write_bytes(b"\xa5" * path.stat().st_size)

    assert _count_after(kafka, prefix, tmp_path, change) == 10


def test_a_frozen_worker_does_not_hold_up_who_takes_over(kafka: str, prefix: str, tmp_path: Path) -> None:
    """It keeps its folder; the other takes one beside it, and both end where the changelog is."""
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, tmp_path, state=tmp_path / "state") as running:
        frozen = asyncio.run(_served(kafka, prefix, running, _told(0, 9), 9))
        frozen.send(signal.SIGSTOP)
        running.start("b")
        asyncio.run(topics.tell(kafka, prefix, _told(9, 10)))
        found = asyncio.run(topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= 10))
    assert topics.facts(found)[-1]["count"] == 10
    assert (tmp_path / "state" / prefix / f"{PARTITION}-1" / "database").is_dir()
