"""The page by which a service is watched."""

import asyncio
from importlib.metadata import version

import aiohttp

from services.runtime.health import health_page
from services.runtime.metrics import DEAD_LETTERS, VERDICT_SECONDS
from services.runtime.settings import Settings


async def _ask(port: int, path: str, accept: str = "*/*") -> tuple[int, str]:
    url, headers = f"http://127.0.0.1:{port}{path}", {"Accept": accept}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.text()


async def _look(*, ready: bool) -> dict[str, tuple[int, str]]:
    async with health_page(Settings(), lambda: ready) as port:
        return {path: await _ask(port, path) for path in ("/live", "/ready", "/metrics", "/")}


def test_a_service_that_takes_records_is_live_and_ready() -> None:
    """Both say so with 200."""
    found = asyncio.run(_look(ready=True))
    assert found["/live"] == (200, "live\n")
    assert found["/ready"] == (200, "ready\n")
    assert found["/"][0] == 404


def test_a_service_that_does_not_is_live_and_says_why_it_is_not_ready() -> None:
    """A supervisor waits, and does not kill."""
    found = asyncio.run(_look(ready=False))
    assert found["/live"][0] == 200
    assert found["/ready"][0] == 503
    assert "partitions" in found["/ready"][1]


def test_the_metrics_come_with_their_sentences() -> None:
    """Every metric of the catalogue has its help."""
    DEAD_LETTERS.labels("uploads.submitted.v1")
    status, text = asyncio.run(_look(ready=True))["/metrics"]
    assert status == 200
    assert "# HELP staydown_dead_letters_total Records that could not be read" in text
    assert 'staydown_dead_letters_total{topic="uploads.submitted.v1"}' in text


OPEN_METRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"


def test_the_metrics_come_in_the_form_that_is_asked_for() -> None:
    """Prometheus asks for OpenMetrics, in which alone a sample can name the trace that it came from."""
    VERDICT_SECONDS.observe(0.2, {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"})

    async def ask(accept: str) -> str:
        async with health_page(Settings(), lambda: True) as port:
            return (await _ask(port, "/metrics", accept))[1]

    plain, negotiated = asyncio.run(ask("*/*")), asyncio.run(ask(OPEN_METRICS))
    assert negotiated.endswith("# EOF\n")
    assert '# {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.2' in negotiated
    assert "4bf92f3577b34da6" not in plain


def test_the_build_is_told() -> None:
    """Which version runs, and whatever the environment says of its source."""
    _, text = asyncio.run(_look(ready=True))["/metrics"]
    assert f'staydown_build_info{{revision="",version="{version("staydown")}"}} 1.0' in text
