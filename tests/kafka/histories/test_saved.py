"""All topics are saved, and restored onto another Kafka: the cluster goes on, nothing is missed, wrong or doubled."""

import asyncio
import os
import shutil
import time
from pathlib import Path
from random import Random

import pytest

from services.cluster.errors import ClusterError
from services.cluster.running import running_kafka
from services.cluster.saved.restoring import restore
from services.cluster.saved.saving import save
from tests.kafka.histories.test_kill_rounds import MISSING, live, settle
from tests.kafka.histories.world import real_cluster
from tests.simulator.law import LawHistory

LIVES_SECONDS = 3.0

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]


def test_a_cluster_that_was_saved_in_the_middle_of_its_work_goes_on_elsewhere(tmp_path: Path) -> None:
    """G1 to G6 hold over a history of which the first part happened on a Kafka that is gone.

    The services are stopped with work on its way, and their copies of the state are gone too.
    """
    random = Random(seed := int(os.environ.get("STAYDOWN_SEED", time.time_ns() % 2**32)))
    print(f"seed {seed}")  # noqa: T201  # pytest shows it when the test fails
    asyncio.run(_saved_and_restored(tmp_path, random))


async def _saved_and_restored(directory: Path, random: Random) -> None:
    copy = directory / "copy"
    async with running_kafka(directory / "first", print) as first:
        async with real_cluster(directory, first.bootstrap) as (before, files):
            history = LawHistory(before, files, random, MISSING)
            await live(before, history, LIVES_SECONDS)
            with pytest.raises(ClusterError, match=r"There are still members of .*enforcer"):
                await save(first.bootstrap, directory / "too early", print, quiet_seconds=0.0)
        await save(first.bootstrap, copy, print)
    shutil.rmtree(directory / "state")
    async with running_kafka(directory / "second", print) as second:
        await restore(second.bootstrap, copy, print)
        with pytest.raises(ClusterError, match="already"):
            await restore(second.bootstrap, copy, print)
        async with real_cluster(directory, second.bootstrap) as (after, _):
            after.steps |= before.steps
            history.cluster = after
            await live(after, history, LIVES_SECONDS)
            await settle(after, files, history)
