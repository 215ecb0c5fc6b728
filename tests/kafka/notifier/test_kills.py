"""On a real Kafka: whenever the notifier is killed, everybody is told at least once, under one id."""

import asyncio
import random
import signal
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from services.archive.engine import archive_url, open_archive
from services.notifier.matching import NOTICE, identify
from services.runtime.provisioning import create_topics
from tests.kafka.hasher.topics import PARTITIONS
from tests.kafka.notifier.hooks import Hook, receivers_file, say
from tests.kafka.process import running
from tests.notifier.facts import notice
from tests.runtime.remote.site import running_site

pytestmark = pytest.mark.kafka

NOTICES_PER_ROUND = 60


@pytest.mark.parametrize("rounds", [3, pytest.param(20, marks=pytest.mark.nightly)])
def test_kill_9_at_any_moment_leaves_nobody_untold(kafka: str, database_url: str, tmp_path: Path, rounds: int) -> None:
    """Every notice arrives, those whose first try failed too, each under its own id and with the same words."""
    dice = random.Random(seed := random.randrange(2**32))
    print(f"seed {seed}")  # noqa: T201  # pytest shows it when the test fails
    who = tmp_path.name
    names = [f"{who}-{number}" for number in range(NOTICES_PER_ROUND * rounds)]
    expected = {identify("hook", NOTICE, name) for name in names}

    async def scenario() -> None:
        await create_topics(kafka, PARTITIONS)
        failing = set(dice.sample(sorted(expected), 5))
        hook = Hook(lambda name, time: "503 Later" if name in failing and time == 1 else "204 No Content")
        async with running_site({"/hook": hook.serve}) as site:
            path = receivers_file(tmp_path, site.uri("/hook"), who)
            more = {"STAYDOWN_RECEIVERS": str(path), "STAYDOWN_ARCHIVE_URL": database_url}
            async with running("notifier", kafka, tmp_path / "log", more=more) as notifier:
                for number in range(rounds):
                    told = names[number * NOTICES_PER_ROUND : (number + 1) * NOTICES_PER_ROUND]
                    await say(kafka, [notice(name, who=who) for name in told])
                    await hook.until_tries(hook.tried.total() + dice.randrange(1, NOTICES_PER_ROUND // 2))
                    await notifier.end(signal.SIGKILL)
                    await notifier.start()
                await hook.until_taken(expected)
                await notifier.until_ready()
                assert await notifier.end(signal.SIGTERM) == 0, (tmp_path / "log").read_text()
        assert set(hook.tried) == expected
        assert await states(database_url) == {"DELIVERED": len(expected)}

    asyncio.run(scenario())


async def states(database_url: str) -> Counter[str]:
    """Return how many deliveries stand how."""
    engine = open_archive(archive_url(database_url))
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT state, count(*) AS number FROM deliveries GROUP BY state"))
        counts = Counter({row.state: row.number for row in found})
    await engine.dispose()
    return counts
