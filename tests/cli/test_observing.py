"""Every query of every dashboard, rule and runbook, asked of a Prometheus that scrapes a real cluster at work."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from services.client.staydown import Staydown
from services.cluster.state import read_running
from services.contracts.submitted import UploadSubmitted
from services.dashboards.charts import BOARDS
from tests.cli.conftest import Cluster
from tests.cli.people import People
from tests.cli.test_canary import a_canary
from tests.kafka.notifier.hooks import Hook, receivers_file
from tests.kafka.process import running
from tests.observe.prometheus import Prometheus, a_prometheus, installed
from tests.observe.runbooks import PAGES, queries
from tests.observe.test_alerts import ALERTS, GROUPS
from tests.runtime.remote.site import running_site

pytestmark = [pytest.mark.kafka, installed]

WITHIN_SECONDS = 90.0
WINDOW = "30s"
RECORDED = [rule for group in GROUPS for rule in group["rules"] if "record" in rule]
# Until somebody has been away for longer than a topic is kept there is nothing of an hour ago.
PAST = "offset 1h"
# Nothing is read from elsewhere here, and outcomes of that are too many to be shown before they happen.
ELSEWHERE = "staydown_source_reads_total"


def questions() -> Iterator[str]:
    """Give every query; of an alert, which finds nothing as long as all is well, everything that it compares."""
    for board in BOARDS:
        for chart in board.charts:
            yield from (query.replace("$__rate_interval", WINDOW) for query in chart.queries.values())
    yield from (rule["expr"] for rule in RECORDED)
    for alert in ALERTS:
        expression = alert["expr"].replace(PAST, "")
        yield from re.findall(r"(?:staydown[_:]|process_|up\b)[a-z0-9_:]*(?:\{[^}]*\})?", expression)
    for page in PAGES:
        yield from (query.removesuffix(" == 0") for query in queries(page) if ELSEWHERE not in query)


def test_every_query_has_an_answer(people: People, tmp_path: Path) -> None:
    """What only happens in trouble answers 0, and nothing is silent because of a wrong name or label."""
    label = people.enroll("label", "--standing", "TRUSTED")
    song = people.file("song")
    first = people.posted("first", song, "ann")
    people.did(*people.registration(label, people.named("song"), song))
    people.comes_to(first, "BLOCKED [IDENTICAL]")
    asyncio.run(_ask_all(people, song, tmp_path))


async def _ask_all(people: People, song: Path, folder: Path) -> None:
    cluster, hook = people.cluster, Hook()
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(running_site({"/hook": hook.serve}))
        receivers = receivers_file(folder, site.uri("/hook"), people.named("eve"))
        more = {"STAYDOWN_RECEIVERS": str(receivers), "STAYDOWN_STATE_DIR": str(folder / "stores")}
        notifier = await stack.enter_async_context(running("notifier", cluster.bootstrap, folder / "log", more=more))
        (folder / "canary").mkdir()
        canary = await stack.enter_async_context(a_canary(cluster, folder / "canary"))
        targets = {name: one.http for name, one in read_running(cluster.state).services.items()}
        targets |= {"notifier": host_of(notifier.metrics), "canary": host_of(canary.metrics)}
        prometheus = await stack.enter_async_context(a_prometheus(folder, targets))
        await prometheus.until_ready()
        async with Staydown(cluster.bootstrap) as staydown:
            copy = UploadSubmitted(people.named("copy"), people.named("eve"), song.as_uri())
            await staydown.submit_and_wait(copy)
        await _look_at(cluster)
        await _until_answered(prometheus)


async def _until_answered(prometheus: Prometheus) -> None:
    silent = sorted(set(questions()))
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            while silent := [each for each in silent if not await prometheus.ask(each)]:
                pass
    except TimeoutError:
        raise AssertionError("\n".join(("Nothing is found by:", *silent))) from None


async def _look_at(cluster: Cluster) -> None:
    async with aiohttp.ClientSession() as session, session.get(cluster.console) as page:
        assert page.status == 200


def host_of(url: str) -> str:
    """Return HOST:PORT of a service's page."""
    return url.removeprefix("http://").removesuffix("/metrics")
