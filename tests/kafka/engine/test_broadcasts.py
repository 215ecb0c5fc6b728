import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from services.contracts.topics import dead_letters
from services.runtime.changelog import OWN_KEY, UnitRecord
from services.runtime.ending import EXIT_BROKEN
from tests.kafka.engine import topics
from tests.kafka.engine.folds import check_followed, check_ids, check_outputs, own_records, spread
from tests.kafka.engine.sample import Told
from tests.kafka.engine.workers import Workers, workers

pytestmark = pytest.mark.kafka

ROUNDS = 6
FACTS = 6_000
KEYS = 60
SIDES = ("left", "all", "right", "all")


def _told(count: int) -> list[Told]:
    return [Told(f"k{n // 4 % KEYS}", f"i{n}", SIDES[n % 4]) for n in range(count)]


def test_every_unit_decides_each_broadcast_once_whoever_is_killed(kafka: str, prefix: str, tmp_path: Path) -> None:
    """Kill -9 at random moments: each unit has chained each broadcast once, in its key's order, and so its inputs."""
    told = _told(FACTS)
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, tmp_path, "broadcast") as running:
        found = asyncio.run(_kill_rounds(kafka, prefix, running, told))
    check_outputs(found, spread(told, topics.PARTITIONS))
    check_ids(found)
    state = asyncio.run(topics.read(kafka, f"{prefix}.state"))
    check_followed(state, told, topics.PARTITIONS)
    ends = asyncio.run(topics.ends(kafka, f"{prefix}.all"))
    assert {number: own["broadcasts"] for number, own in own_records(state).items()} == {
        number: {f"{prefix}.all": ends} for number in range(topics.PARTITIONS)
    }


async def _kill_rounds(kafka: str, prefix: str, running: Workers, told: list[Told]) -> list[Any]:
    """Have two members serve what is told meanwhile, and kill one after the other; units move between them."""
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    members = {name: running.start(name) for name in ("a", "b")}
    found: list[Any] = []
    every = len(spread(told, topics.PARTITIONS))
    async with topics.following(kafka, f"{prefix}.out", found):
        telling = asyncio.create_task(topics.tell_slowly(kafka, prefix, told))
        for _ in range(ROUNDS):
            enough = min(every, len(found) + dice.randrange(1, every // ROUNDS))
            await topics.until(f"progress, seed {seed}", lambda enough=enough: len(found) >= enough)  # type: ignore[misc]  # bound at once
            victim = dice.choice(sorted(members))
            members[victim].kill()
            members[victim] = running.start(victim)
        await telling
        await topics.until(f"everything, seed {seed}", lambda: len(found) >= every)
    return await topics.read(kafka, f"{prefix}.out")


def test_a_flood_of_broadcasts_starves_nobody(kafka: str, prefix: str, tmp_path: Path) -> None:
    """Records of the inputs are decided while far more broadcasts wait than a batch holds, and none is lost."""
    flood = [Told(f"k{n % KEYS}", f"i{n}", "all") for n in range(30_000)]
    asyncio.run(topics.create(kafka, prefix))
    asyncio.run(topics.tell(kafka, prefix, [*flood, *(Told(f"k{n}", f"own{n}", "left") for n in range(KEYS))]))
    every = topics.PARTITIONS * len(flood) + KEYS
    with workers(kafka, prefix, tmp_path, "broadcast") as running:
        running.start()
        found = asyncio.run(topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= every))
    place = {fact["id"]: number for number, fact in enumerate(topics.facts(found)) if fact["side"] == "left"}
    assert len(place) == KEYS
    assert max(place.values()) < every // 2
    check_outputs(found, [*spread(flood, topics.PARTITIONS), *(Told(f"k{n}", f"own{n}", "left") for n in range(KEYS))])


def test_units_that_move_go_on_with_their_broadcasts(kafka: str, prefix: str, tmp_path: Path) -> None:
    """A unit that is suspended, kept or handed over reads no broadcast twice and leaves none out."""
    told = _told(2_000)
    half, every = len(spread(told[:1_000], topics.PARTITIONS)), len(spread(told, topics.PARTITIONS))
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, tmp_path, "broadcast") as running:
        asyncio.run(_scale(kafka, prefix, running, told, half))
        found = asyncio.run(topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= every))
    check_outputs(found, spread(told, topics.PARTITIONS))


async def _scale(kafka: str, prefix: str, running: Workers, told: list[Told], half: int) -> None:
    running.start()
    await topics.tell(kafka, prefix, told[:1_000])
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= half)
    second = running.start()
    await topics.tell(kafka, prefix, told[1_000:])
    await topics.until("the second has a share", lambda: bool(second.logged("assigned")))


def test_a_malformed_broadcast_is_buried_once(kafka: str, prefix: str, tmp_path: Path) -> None:
    """Every unit meets it and goes on; one of them writes the dead letter."""
    asyncio.run(topics.create(kafka, prefix))
    asyncio.run(topics.write(kafka, f"{prefix}.all", b"k", b"not JSON"))
    asyncio.run(topics.tell(kafka, prefix, [Told(f"k{n}", f"i{n}", "all") for n in range(KEYS)]))
    with workers(kafka, prefix, tmp_path, "broadcast") as running:
        running.start()
        enough = KEYS * topics.PARTITIONS
        asyncio.run(topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= enough))
    (letter,) = asyncio.run(topics.read(kafka, dead_letters(f"{prefix}.all", prefix)))
    assert (letter.key, letter.value) == (b"k", b"not JSON")


def test_a_broadcast_that_was_made_anew_is_refused(kafka: str, prefix: str, tmp_path: Path) -> None:
    """A member that has read further than a broadcast's end finds another topic of that name, and ends."""
    asyncio.run(topics.create(kafka, prefix))
    own = UnitRecord(broadcasts={f"{prefix}.all": (0, 7, 0, 0)})
    asyncio.run(topics.write(kafka, f"{prefix}.state", OWN_KEY, own.packed(), 2))
    with workers(kafka, prefix, tmp_path, "broadcast") as running:
        member = running.start()
        assert member.wait() == EXIT_BROKEN
        assert f"{prefix}.all ends before what was read" in member.logged("broken")[0]["error"]
