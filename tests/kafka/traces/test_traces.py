"""One upload followed through a real cluster, and what that cluster says of itself meanwhile."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.contracts.codec import encode
from services.contracts.decided import TakedownIssued, VerdictDecided
from services.contracts.reading import Failure
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import TOPICS, UPLOADS_SUBMITTED, VERDICTS_DECIDED, changelog, dead_letters
from services.drawing import catalogue
from services.notifier.schedule import State
from services.pipeline import PIPELINE, SERVICES
from services.runtime.metrics import OUTCOMES
from services.runtime.spans import TRACEPARENT
from tests.kafka.histories.world import RealCluster, RealFiles, real_cluster
from tests.kafka.traces.collector import Collector, Spanned, running_collector
from tests.notifier.facts import whsec

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(200)]

WITHIN_SECONDS = 30.0
POLL_SECONDS = 0.1
SENDER = "00f067aa0ba902b7"
"""The span of whoever submitted."""
STAGES = {"hasher", "enforcer", "matcher", "recogniser"}
AFTERWARDS = {"archivist", "notifier"}
SAMPLED, UNSAMPLED, ALONE = "a" * 32, "b" * 32, "c" * 32
CLOSED = {
    "topic": {
        *(topic.name for topic in TOPICS),
        *(dead_letters(topic.name, service) for topic in TOPICS for service in SERVICES),
        *(changelog(processor.name) for processor in PIPELINE),
    },
    "partition": {str(number) for number in range(4)},
    "outcome": {*OUTCOMES, *Failure, *State, "CONTENT", "CLAIMED"},
    "lane": {"small", "large", "slow", "ordinary", "remote", "remote slow"},
    "verdict": {*VerdictDecided.Verdict},
    "basis": {*TakedownIssued.Basis},
}


def test_one_upload_is_followed_from_submission_to_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every stage has a span of the sender's trace; what is not sampled has none; a dead collector harms nobody."""
    asyncio.run(_story(tmp_path, monkeypatch))


async def _story(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        monkeypatch.setenv("STAYDOWN_RECEIVERS", str(_receivers(directory, f"{collector.url}/told")))
        # As small as it gets, so that spans which nobody takes are dropped at once.
        monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "8")
        monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "8")
        cluster_context = real_cluster(directory)
        cluster, files = await cluster_context.__aenter__()
        try:
            await _decided(cluster, files, ["sampled"], SAMPLED)  # first: the same bytes are compared once
            await _decided(cluster, files, ["unsampled"], UNSAMPLED, sampled=False)
            spoken = await _spoken(cluster)
            await _until(lambda: {span.service for span in collector.of(SAMPLED)} >= STAGES)
            await _until(lambda: spoken in {span.span for span in collector.of(SAMPLED)})
            await _until(lambda: {span.service for span in collector.of(SAMPLED)} >= {*STAGES, *AFTERWARDS})
            _check_trace(collector, spoken)
            await _until(lambda: len(collector.told) >= 2)
            _check_told(collector)
            await _check_metrics(cluster)
            await _caught_up(cluster)
        except BaseException:
            await cluster_context.__aexit__(None, None, None)
            raise
    try:
        await _decided(cluster, files, [f"alone {number}" for number in range(100)], ALONE)
    finally:
        await cluster_context.__aexit__(None, None, None)  # which fails if it does not stop in time


async def _decided(
    cluster: RealCluster, files: RealFiles, upload_ids: Sequence[str], trace: str, *, sampled: bool = True
) -> None:
    """Submit uploads as part of a trace, and return when all are CLEAR."""
    files.put(files.uri("song"), "song")
    parent = f"00-{trace}-{SENDER}-0{int(sampled)}".encode()
    for upload_id in upload_ids:
        upload = UploadSubmitted(upload_id, "who", files.uri("song"))
        cluster.publish(UPLOADS_SUBMITTED, upload_id, encode(upload), ((TRACEPARENT, parent),))
    await cluster.flush()
    deadline = time.monotonic() + WITHIN_SECONDS
    while waiting := [each for each in upload_ids if cluster.last(VERDICTS_DECIDED, each) is None]:
        assert time.monotonic() < deadline, f"no verdict on {waiting}"
        await cluster.receipts()
    for upload_id in upload_ids:
        said = cluster.last(VERDICTS_DECIDED, upload_id)
        assert isinstance(said, VerdictDecided)
        assert said.verdict is VerdictDecided.Verdict.CLEAR


async def _spoken(cluster: RealCluster) -> str:
    """Return the span of the sampled upload's verdict; that of the other is of no trace that anybody records."""
    verdicts = (await cluster.log()).stored(VERDICTS_DECIDED)
    borne = {one.key: (dict(one.headers)[TRACEPARENT] or b"").decode().split("-") for one in verdicts}
    assert borne.keys() == {b"sampled", b"unsampled"}
    _, trace, span, flags = borne[b"sampled"]
    assert (trace, flags) == (SAMPLED, "01")
    assert borne[b"unsampled"][1] != UNSAMPLED
    assert borne[b"unsampled"][3] == "00"
    return span


def _check_trace(collector: Collector, spoken: str) -> None:
    """Hold that all spans descend from the sender's, and which services lie on the way to the verdict."""
    assert collector.of(UNSAMPLED) == []
    spans = {span.span: span for span in collector.of(SAMPLED)}
    for span in spans.values():
        assert span.service in AFTERWARDS or span.attributes["messaging.kafka.message.key"]
        assert _way(spans, span)[-1].parent == SENDER, span
        assert span.began <= span.ended
    way = [span.service for span in _way(spans, spans[spoken])]
    assert way[0] == "enforcer"
    assert {"enforcer", "matcher", "recogniser"} <= set(way)
    reads = [span for span in spans.values() if span.name == "process uploads.submitted.v1"]
    assert sorted(span.service for span in reads) == ["enforcer", "hasher"]
    assert {span.parent for span in reads} == {SENDER}


def _check_told(collector: Collector) -> None:
    """Hold that who is told of the sampled verdict can go on with its trace, and that of the other nothing is said."""
    (delivery,) = [span for span in collector.of(SAMPLED) if span.service == "notifier"]
    assert sorted(collector.told) == ["", f"00-{SAMPLED}-{delivery.span}-01"]
    assert [span.service for span in _way({span.span: span for span in collector.of(SAMPLED)}, delivery)][
        1
    ] == "enforcer"


def _receivers(folder: Path, url: str) -> Path:
    """Write down who is told of verdicts, and return where."""
    (folder / "secret").write_text(whsec())
    webhook = f'webhook = {{ url = "{url}", secret_files = ["secret"], loopback = true }}'
    (path := folder / "receivers.toml").write_text(f'[[receivers]]\nid = "told"\nverdicts = ["CLEAR"]\n{webhook}\n')
    return path


def _way(spans: dict[str, Spanned], span: Spanned) -> list[Spanned]:
    """Return a span and all that it descends from."""
    return [span, *_way(spans, spans[span.parent])] if span.parent in spans else [span]


async def _check_metrics(cluster: RealCluster) -> None:
    """Hold that a late verdict names its trace, and that every label of every service is of a closed list."""
    pages = {name: await _page(running.http, "text/plain") for name, running in cluster.running.services.items()}
    negotiated = await _page(cluster.running.services["enforcer"].http, "application/openmetrics-text")
    assert f'trace_id="{SAMPLED}"' in negotiated
    assert f'trace_id="{UNSAMPLED}"' not in negotiated
    known = {family.name for metric in catalogue() for family in metric.describe()}
    seen = set()
    for name, page in pages.items():
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                seen.add(family.name)
                wrong = {
                    label: value
                    for label, value in sample.labels.items()
                    if family.name in known and label in CLOSED and value not in CLOSED[label]
                }
                assert not wrong, f"{name}: {sample}"
    live = {"staydown_verdict_seconds", "staydown_lag_seconds", "staydown_record_seconds", "staydown_state_bytes"}
    assert live <= seen
    for name in (processor.name for processor in PIPELINE):
        assert 'staydown_lag_seconds{partition="' in pages[name], name


async def _caught_up(cluster: RealCluster) -> None:
    """Return when nothing waits anywhere; markers of transactions, which follow the last records, must not count."""
    async with asyncio.timeout(WITHIN_SECONDS):
        for running in cluster.running.services.values():
            while any(_lags(await _page(running.http, "text/plain"))):  # noqa: ASYNC110  # other processes
                await asyncio.sleep(POLL_SECONDS)


def _lags(page: str) -> list[float]:
    families = text_string_to_metric_families(page)
    return [each.value for family in families if family.name == "staydown_lag_seconds" for each in family.samples]


async def _page(address: str, accept: str) -> str:
    url = f"http://{address}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url, headers={"Accept": accept}) as answer:
        return await answer.text()


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_SECONDS):
        while not is_so():  # noqa: ASYNC110  # other processes have no event of ours
            await asyncio.sleep(POLL_SECONDS)
