"""The canary on a real cluster: what is well, what stands still, and what is back."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.canary.probes import PROBES
from services.client.reading_back import all_said
from services.cluster.state import read_running
from services.contracts.canary import CANARY, is_canary
from services.contracts.rules import RULES
from services.contracts.topics import STRIKES_CHANGED, VERDICTS_DECIDED
from tests.cli.conftest import Cluster
from tests.kafka.process import Process, running

pytestmark = pytest.mark.kafka

WITHIN_SECONDS = 60.0
POLL_SECONDS = 0.05
# A machine that does other things, too, may take a second or two for what takes a tenth.
LATE_MS = "3000"
Figures = dict[str, float]


def test_the_canary_tells_when_a_listed_work_is_not_refused_and_when_it_is_again(
    cluster: Cluster, tmp_path: Path
) -> None:
    """Refused and shown in time; after a kill too; late while the matcher stands still; and then as before.

    Of all that nothing is left but what the kill left: no upload, and no strike, though these were more takedowns than
    make anybody RESTRICTED.
    """

    async def scenario() -> None:
        async with a_canary(cluster, tmp_path) as canary:
            await until(canary, lambda it: it["refusal_seconds_count"] >= 2 and it["clear_seconds_count"] >= 2)
            assert await canary.end(signal.SIGKILL) == -signal.SIGKILL
            await canary.start()
            await canary.until_ready()
            well = await until(canary, lambda it: it["up"] == 1 and it["refusal_seconds_count"] >= 3)
            assert (well["late_total listed"], well["late_total unlisted"]) == (0, 0)
            with frozen(cluster, "matcher"):
                late = await until(canary, lambda it: it["up"] == 0)
                assert late["late_total listed"] > 0
            rounds = RULES.restricted_strikes + 1
            back = await until(canary, lambda it: it["up"] == 1 and it["refusal_seconds_count"] >= rounds)
            assert back["wrong_total listed CLEAR"] == 0
            assert await canary.end(signal.SIGTERM) == 0, (tmp_path / "log").read_text()
        async with asyncio.timeout(WITHIN_SECONDS):
            while sum((left := await uploads_left(cluster)).values()) > len(PROBES):
                pass
        assert len(left) > len(PROBES) * RULES.restricted_strikes
        assert [each async for each in all_said(cluster.bootstrap, STRIKES_CHANGED) if each.key == CANARY] == []

    asyncio.run(scenario())


async def uploads_left(cluster: Cluster) -> dict[str, bool]:
    """Return for each of the canary's uploads whether there is still a verdict on it."""
    return {
        each.key: each.fact is not None
        async for each in all_said(cluster.bootstrap, VERDICTS_DECIDED)
        if is_canary(each.key)
    }


@asynccontextmanager
async def a_canary(cluster: Cluster, folder: Path) -> AsyncIterator[Process]:
    """Run a hasty canary beside the cluster."""
    source = (cluster.media / "canary").as_uri()
    more = {"STAYDOWN_CANARY_SOURCE": source, "STAYDOWN_CANARY_SECONDS": "1", "STAYDOWN_CANARY_LATE_MS": LATE_MS}
    async with running("canary", cluster.bootstrap, folder / "log", more=more) as canary:
        yield canary


async def until(canary: Process, holds: Callable[[Figures], bool]) -> Figures:
    """Return the canary's figures once something holds of them."""
    async with asyncio.timeout(WITHIN_SECONDS), aiohttp.ClientSession() as session:
        while not holds(found := await figures(session, canary)):  # noqa: ASYNC110  # another process tells when asked
            await asyncio.sleep(POLL_SECONDS)
    return found


async def figures(session: aiohttp.ClientSession, canary: Process) -> Figures:
    """Return what the canary's page says of itself, by name without its begin and the values of labels."""
    async with session.get(canary.metrics) as page:
        families = text_string_to_metric_families(await page.text())
    begin = "staydown_canary_"
    samples = (sample for family in families for sample in family.samples if sample.name.startswith(begin))
    return {" ".join((one.name.removeprefix(begin), *one.labels.values())): one.value for one in samples}


@contextmanager
def frozen(cluster: Cluster, name: str) -> Iterator[None]:
    """Let a service stand still meanwhile."""
    pid = read_running(cluster.state).services[name].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
