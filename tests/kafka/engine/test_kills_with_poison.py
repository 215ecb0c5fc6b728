import asyncio
import os
import random
import time
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.kafka.engine import topics
from tests.kafka.engine.folds import check_ids, check_outputs, check_state
from tests.kafka.engine.sample import Told
from tests.kafka.engine.workers import Workers, workers

pytestmark = [pytest.mark.kafka, pytest.mark.nightly]

ROUNDS = 12
FACTS = 12_000
KEYS = 200
POISONED = [f"k{n}" for n in range(0, KEYS, 20)]
"""Few enough, and what comes for them, that every unit sets all of it aside."""
POISON = 3
"""Records of each that cannot be decided."""
# A start takes about a second, so that some are killed before they have begun.
BETWEEN_KILLS_SECONDS = (0.2, 2.0)


@pytest.mark.parametrize("kept", ["in memory", "on disk"])
def test_what_cannot_be_decided_waits_in_order_whoever_is_killed_whenever(
    kafka: str, prefix: str, tmp_path: Path, kept: str
) -> None:
    """Kill -9 at random moments, of the version with the bug and then of the mended one, loses and doubles nothing."""
    dice = random.Random(seed := int(os.environ.get("STAYDOWN_SEED", time.time_ns() % 2**32)))
    print(f"seed {seed}")  # noqa: T201  # pytest shows it when the test fails
    told = _told(dice)
    before, after = told[: FACTS * 3 // 4], told[FACTS * 3 // 4 :]
    asyncio.run(topics.create(kafka, prefix))
    state = tmp_path / "state" if kept == "on disk" else None
    for version, facts in (("broken", before), ("mended", after)):
        (folder := tmp_path / version).mkdir()
        with workers(kafka, prefix, folder, version, state=state) as running:
            wanted = _wanted(told if version == "mended" else before, version)
            asyncio.run(_serve(kafka, prefix, facts, wanted, _kill(running, dice)))
            if version == "broken":
                assert any(worker.logged("key_quarantined") for worker in running.all)
    found = asyncio.run(topics.read(kafka, f"{prefix}.out"))
    check_outputs(found, told)
    check_ids(found)
    check_state(asyncio.run(topics.read(kafka, f"{prefix}.state")), told)


def _told(dice: random.Random) -> list[Told]:
    """Return facts of which some, at random, cannot be decided."""
    poison = {n for key in POISONED for n in dice.sample(range(int(key[1:]), FACTS * 3 // 4, KEYS), POISON)}
    return [
        Told(f"k{n % KEYS}", f"i{n}", ("left", "right")[n // KEYS % 2], "poison" if n in poison else "")
        for n in range(FACTS)
    ]


def _wanted(told: Sequence[Told], version: str) -> set[str]:
    """Return the ids of what is to come out: all, or what is of no key that is set aside."""
    return {fact.id for fact in told if version == "mended" or fact.key not in POISONED}


async def _serve(kafka: str, prefix: str, facts: Sequence[Told], wanted: set[str], killing: Awaitable[None]) -> None:
    """Tell facts, have workers killed meanwhile, and wait for what is wanted."""
    found: list[Any] = []
    async with topics.following(kafka, f"{prefix}.out", found):
        await asyncio.gather(topics.tell_slowly(kafka, prefix, facts), killing)
        await topics.until("all that is wanted", lambda: wanted <= {fact["id"] for fact in topics.facts(found)})


async def _kill(running: Workers, dice: random.Random) -> None:
    """Start two members, and again and again kill one and start it anew."""
    members = {name: running.start(name) for name in ("a", "b")}
    for _ in range(ROUNDS):
        await asyncio.sleep(dice.uniform(*BETWEEN_KILLS_SECONDS))
        victim = dice.choice(sorted(members))
        members[victim].kill()
        members[victim] = running.start(victim)
