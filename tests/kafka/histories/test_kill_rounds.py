"""The simulator's histories and checks on a real Kafka, while services are killed at random moments."""

import asyncio
import os
import time
from pathlib import Path
from random import Random

import pytest

from services.pipeline import PIPELINE
from tests.kafka.histories.world import RealCluster, RealFiles, real_cluster
from tests.simulator.checks import check_all
from tests.simulator.history import History

ROUNDS = 20
HAPPENINGS_PER_ROUND = 8
BETWEEN_KILLS_SECONDS = (0.2, 2.0)
SETTLES_WITHIN_SECONDS = 40
SERVICES = tuple(processor.name for processor in PIPELINE)

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1200)]


def test_twenty_kills_lose_nothing_double_nothing_and_leave_no_wrong_verdict(tmp_path: Path) -> None:
    """G1 to G6 hold on a real Kafka when random services are killed at random moments, 20 times."""
    random = Random(seed := int(os.environ.get("STAYDOWN_SEED", time.time_ns() % 2**32)))
    print(f"seed {seed}")  # noqa: T201  # pytest shows it when the test fails
    asyncio.run(_rounds(tmp_path, random, [random.choice(SERVICES) for _ in range(ROUNDS)]))


@pytest.mark.nightly
@pytest.mark.parametrize("victim", [*SERVICES, "kafka-1"])
def test_twenty_kills_of_the_same_process(tmp_path: Path, victim: str) -> None:
    """The same holds when one service, or the broker, is killed 20 times."""
    random = Random(seed := int(os.environ.get("STAYDOWN_SEED", time.time_ns() % 2**32)))
    print(f"seed {seed}")  # noqa: T201  # pytest shows it when the test fails
    asyncio.run(_rounds(tmp_path, random, [victim] * ROUNDS))


async def _rounds(directory: Path, random: Random, victims: list[str]) -> None:
    async with real_cluster(directory) as (cluster, files):
        history = History(cluster, files, random)
        await cluster.flush()
        for victim in victims:
            pause = asyncio.create_task(asyncio.sleep(random.uniform(*BETWEEN_KILLS_SECONDS)))
            happenings = HAPPENINGS_PER_ROUND
            while not pause.done():
                if happenings:
                    history.happen()
                    happenings -= 1
                history.react(await cluster.receipts())
                await cluster.flush()
            cluster.kill(victim)
        await _settle(cluster, files, history)


async def _settle(cluster: RealCluster, files: RealFiles, history: History) -> None:
    """Wait until what the world sees is what the model says; the last difference is the failure."""
    deadline = time.monotonic() + SETTLES_WITHIN_SECONDS
    while True:
        history.react(await cluster.receipts())
        await cluster.flush()
        log = await cluster.log()
        try:
            return check_all(log, files, until_last_retry=False)
        except (AssertionError, KeyError):
            if time.monotonic() > deadline:
                raise
