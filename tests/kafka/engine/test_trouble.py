import asyncio
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from services.contracts.topics import dead_letters
from services.runtime.partitioning import partition_of
from tests.kafka.engine import topics
from tests.kafka.engine.sample import Told
from tests.kafka.engine.workers import Worker, Workers, workers

pytestmark = pytest.mark.kafka

UNLUCKY = "k0"
OTHERS = [f"k{n}" for n in range(1, 40)]


def _partition(key: str) -> int:
    return partition_of(key.encode(), topics.PARTITIONS)


def test_a_malformed_public_record_becomes_a_dead_letter_once(kafka: str, prefix: str, tmp_path: Path) -> None:
    """What cannot be decoded on a public topic goes untouched to the dead letters, once, whoever is killed then."""
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, tmp_path) as running:
        asyncio.run(_bury(kafka, prefix, running))
    (letter,) = asyncio.run(topics.read(kafka, dead_letters(f"{prefix}.left", prefix)))
    assert (letter.key, letter.value) == (b"k0", b"not JSON")
    assert dict(letter.headers)["staydown-topic"] == f"{prefix}.left".encode()


async def _bury(kafka: str, prefix: str, running: Workers) -> None:
    first = running.start("a")
    await topics.write(kafka, f"{prefix}.left", b"k0", b"not JSON")
    await topics.read_until(kafka, dead_letters(f"{prefix}.left", prefix), lambda found: len(found) >= 1)
    first.kill()
    running.start("a")
    await topics.tell(kafka, prefix, [Told(UNLUCKY, "after", "left")])
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= 1)


def test_too_much_that_cannot_be_decided_stops_its_unit_alone(kafka: str, prefix: str, tmp_path: Path) -> None:
    """It is no poison but a bug that meets everybody, and the unit stands still, visibly."""
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, tmp_path) as running:
        worker = running.start()
        found = asyncio.run(_stop_unit(kafka, prefix, worker))
    assert {fact["key"] for fact in found} == {key for key in OTHERS if _partition(key) != _partition(UNLUCKY)}
    (stopped,) = worker.logged("unit_stopped")
    assert stopped["partition"] == _partition(UNLUCKY)


def test_a_key_that_cannot_be_decided_waits_alone_until_it_can(kafka: str, prefix: str, tmp_path: Path) -> None:
    """Others of its partition go on, kills and starts lose nothing of it, and a mended version decides all in order."""
    asyncio.run(topics.create(kafka, prefix))
    told = [Told(UNLUCKY, f"u{n}", "left", "poison" if n == 1 else "") for n in range(4)]
    with workers(kafka, prefix, tmp_path) as running:
        asyncio.run(_set_aside(kafka, prefix, running, told))
    mended = tmp_path / "mended"
    mended.mkdir()
    with workers(kafka, prefix, mended, "mended") as running:
        running.start()
        found = asyncio.run(topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= len(OTHERS) + 4))
    facts = topics.facts(found)
    assert [fact["id"] for fact in facts if fact["key"] == UNLUCKY] == [fact.id for fact in told]
    assert [fact["count"] for fact in facts if fact["key"] == UNLUCKY] == [1, 2, 3, 4]


async def _set_aside(kafka: str, prefix: str, running: Workers, told: list[Told]) -> None:
    """Tell of the unlucky key, before and after a kill, and of all others; they come out, it does not."""
    first = running.start()
    await topics.tell(kafka, prefix, told[:3])
    await _is_set_aside(first)
    first.kill()
    second = running.start()
    await topics.tell(kafka, prefix, [told[3], *(Told(key, f"i{key}", "left") for key in OTHERS)])
    found = await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= len(OTHERS) + 1)
    assert [fact["id"] for fact in topics.facts(found) if fact["key"] == UNLUCKY] == [told[0].id]
    await _is_set_aside(second)
    assert not second.logged("unit_stopped")
    second.kill()


async def _is_set_aside(worker: Worker) -> None:
    """Return when a worker says that it has set a key aside, which it does once that is committed."""
    await topics.until("the key is set aside", lambda: bool(worker.logged("key_quarantined")))


def test_what_cannot_be_written_sets_its_key_aside(kafka: str, prefix: str, tmp_path: Path) -> None:
    """What was decided is too large for Kafka; every other key goes on."""
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, tmp_path) as running:
        worker = running.start()
        large = Told(UNLUCKY, "large", "left", "large", 1_100_000)
        asyncio.run(topics.tell(kafka, prefix, [large, *(Told(key, f"i{key}", "left") for key in [UNLUCKY, *OTHERS])]))
        found = asyncio.run(topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= len(OTHERS)))
        asyncio.run(_is_set_aside(worker))
    assert {fact["key"] for fact in topics.facts(found)} == set(OTHERS)
    (aside,) = worker.logged("key_quarantined")
    assert (aside["topic"], aside["offset"]) == (f"{prefix}.left", 0)


def test_an_inside_record_that_cannot_be_read_sets_its_key_aside(kafka: str, prefix: str, tmp_path: Path) -> None:
    """It waits for a version that can read it; every other key goes on."""
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, tmp_path) as running:
        worker = running.start()
        asyncio.run(topics.write(kafka, f"{prefix}.right", UNLUCKY.encode(), b"not JSON"))
        asyncio.run(topics.tell(kafka, prefix, [Told(key, f"i{key}", "right") for key in [UNLUCKY, *OTHERS]]))
        found = asyncio.run(topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= len(OTHERS)))
        asyncio.run(_is_set_aside(worker))
    assert {fact["key"] for fact in topics.facts(found)} == set(OTHERS)
    (aside,) = worker.logged("key_quarantined")
    assert (aside["topic"], aside["offset"]) == (f"{prefix}.right", 0)


async def _stop_unit(kafka: str, prefix: str, worker: Worker) -> list[dict[str, Any]]:
    """Write more poison than is set aside, then facts for every partition; return what comes out."""
    await topics.tell(kafka, prefix, topics.too_much_poison(_partition(UNLUCKY)))
    await topics.until("the unit stops", lambda: bool(worker.logged("unit_stopped")))
    await topics.tell(kafka, prefix, [Told(key, f"i{key}", "left") for key in OTHERS])
    luckier = sum(_partition(key) != _partition(UNLUCKY) for key in OTHERS)
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= luckier)
    assert worker.process.poll() is None
    assert await asyncio.to_thread(_ready_status, worker) == HTTPStatus.SERVICE_UNAVAILABLE
    return topics.facts(await topics.read(kafka, f"{prefix}.out"))


def _ready_status(worker: Worker) -> int:
    """Return what the worker's page says about being ready."""
    (started,) = worker.logged("start")
    with closing(HTTPConnection("127.0.0.1", started["http_port"], timeout=10)) as page:
        page.request("GET", "/ready")
        return page.getresponse().status


def test_a_large_record_is_written_whole(kafka: str, prefix: str, tmp_path: Path) -> None:
    """A record above the size of the client's batches and below the limit goes through, and so do those around it."""
    asyncio.run(topics.create(kafka, prefix))
    sizes = [1, 900_000, 2, 600_000, 3]
    told = [Told("k", f"i{size}", "left", "large", size) for size in sizes]
    asyncio.run(topics.tell(kafka, prefix, told))
    with workers(kafka, prefix, tmp_path) as running:
        running.start()
        found = asyncio.run(topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= len(sizes)))
    assert [len(fact["padding"]) for fact in topics.facts(found)] == sizes
