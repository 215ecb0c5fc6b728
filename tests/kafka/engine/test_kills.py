import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from tests.kafka.engine import topics
from tests.kafka.engine.folds import check_ids, check_outputs, check_state
from tests.kafka.engine.sample import Told
from tests.kafka.engine.workers import Workers, workers

pytestmark = pytest.mark.kafka

ROUNDS = 6
FACTS = 12_000
KEYS = 200


@pytest.mark.parametrize("kept", ["in memory", "on disk"])
def test_every_input_is_decided_once_whoever_is_killed_whenever(
    kafka: str, prefix: str, tmp_path: Path, kept: str
) -> None:
    """Kill -9 at random moments loses no input, doubles none, and leaves the state that the fold of all inputs has."""
    told = [Told(f"k{n % KEYS}", f"i{n}", ("left", "right")[n % 2]) for n in range(FACTS)]
    asyncio.run(topics.create(kafka, prefix))
    state = tmp_path / "state" if kept == "on disk" else None
    with workers(kafka, prefix, tmp_path, state=state) as running:
        found = asyncio.run(_kill_rounds(kafka, prefix, running, told))
    check_outputs(found, told)
    check_ids(found)
    check_state(asyncio.run(topics.read(kafka, f"{prefix}.state")), told)


async def _kill_rounds(kafka: str, prefix: str, running: Workers, told: list[Told]) -> list[Any]:
    """Have two members of the group serve what is told meanwhile, and kill one after the other."""
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    members = {name: running.start(name) for name in ("a", "b")}
    found: list[Any] = []
    async with topics.following(kafka, f"{prefix}.out", found):
        telling = asyncio.create_task(topics.tell_slowly(kafka, prefix, told))
        for _ in range(ROUNDS):
            enough = len(found) + dice.randrange(1, FACTS // ROUNDS)
            await topics.until(f"progress, seed {seed}", lambda enough=enough: len(found) >= min(enough, FACTS))  # type: ignore[misc]  # bound at once
            victim = dice.choice(sorted(members))
            members[victim].kill()
            members[victim] = running.start(victim)
        await telling
        await topics.until(f"everything, seed {seed}", lambda: len(found) >= len(told))
    return await topics.read(kafka, f"{prefix}.out")
