"""The simulator's histories and checks on a real Kafka, while services are killed at random moments."""

import asyncio
import os
import signal
import time
from pathlib import Path
from random import Random

import pytest

from services.pipeline import PIPELINE
from tests.kafka.histories.world import RealCluster, RealFiles, real_cluster
from tests.simulator.checks import check_all
from tests.simulator.history import History
from tests.simulator.law import LawHistory

ROUNDS = 20
HAPPENINGS_PER_ROUND = 8
BETWEEN_KILLS_SECONDS = (0.2, 2.0)
FREEZES = 3
FROZEN_SECONDS = 15.0
"""Well past the session of a static member, so that the other worker has taken over."""

MISSING = 0.02
SETTLES_WITHIN_SECONDS = 180
SERVICES = tuple(processor.name for processor in PIPELINE)
NIGHTLY = pytest.mark.nightly

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1200)]


@pytest.mark.parametrize(
    ("kept", "index_parts"), [("on disk", 2), *(pytest.param("in memory", parts, marks=NIGHTLY) for parts in (1, 4))]
)
def test_twenty_kills_lose_nothing_double_nothing_and_leave_no_wrong_verdict(
    tmp_path: Path, kept: str, index_parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G1 to G6 hold on a real Kafka when random services are killed at random moments, 20 times."""
    monkeypatch.setenv("STAYDOWN_INDEX_PARTS", str(index_parts))
    monkeypatch.setenv("STAYDOWN_STATE_DIR", str(tmp_path / "stores") if kept == "on disk" else "")
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


@pytest.mark.nightly
@pytest.mark.parametrize("victim", SERVICES)
def test_a_worker_frozen_past_its_session_and_thawed_writes_nothing_wrong(tmp_path: Path, victim: str) -> None:
    """The same holds when another worker has taken over from a frozen one, which then goes on as if nothing was."""
    random = Random(seed := int(os.environ.get("STAYDOWN_SEED", time.time_ns() % 2**32)))
    print(f"seed {seed}")  # noqa: T201  # pytest shows it when the test fails
    asyncio.run(_frozen(tmp_path, random, victim))


async def _frozen(directory: Path, random: Random, victim: str) -> None:
    async with real_cluster(directory) as (cluster, files):
        history = LawHistory(cluster, files, random, MISSING)
        async with cluster.second_worker(victim, files):
            for _ in range(FREEZES):
                await live(cluster, history, random.uniform(1, 3))
                cluster.signal(victim, signal.SIGSTOP)
                await live(cluster, history, FROZEN_SECONDS)
                cluster.signal(victim, signal.SIGCONT)
            await settle(cluster, files, history)


async def live(cluster: RealCluster, history: History, seconds: float) -> None:
    """Let things happen for so long."""
    pause = asyncio.create_task(asyncio.sleep(seconds))
    happenings = HAPPENINGS_PER_ROUND
    while not pause.done():
        if happenings:
            history.happen()
            happenings -= 1
        history.react(await cluster.receipts())
        await cluster.flush()


async def _rounds(directory: Path, random: Random, victims: list[str]) -> None:
    async with real_cluster(directory) as (cluster, files):
        history = LawHistory(cluster, files, random, MISSING)
        await cluster.flush()
        for victim in victims:
            await live(cluster, history, random.uniform(*BETWEEN_KILLS_SECONDS))
            cluster.kill(victim)
        await settle(cluster, files, history)


async def settle(cluster: RealCluster, files: RealFiles, history: History) -> None:
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
