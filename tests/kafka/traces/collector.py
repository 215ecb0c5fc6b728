"""A collector of traces, as OpenTelemetry's is: it takes spans by OTLP over HTTP; and one who is told of verdicts."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from services.runtime.spans import TRACEPARENT


class Spanned(NamedTuple):
    """A span that was sent. Ids are hexadecimal digits; `parent` is empty where a trace begins."""

    service: str
    name: str
    trace: str
    span: str
    parent: str
    attributes: Mapping[str, str]
    began: int
    ended: int


class Collector:
    """What has been sent so far."""

    def __init__(self) -> None:
        self.spans: list[Spanned] = []
        self.told: list[str] = []
        """The trace parents of what was delivered."""
        self.url = ""

    def of(self, trace: str) -> Sequence[Spanned]:
        """Return the spans of a trace."""
        return [span for span in self.spans if span.trace == trace]

    async def take(self, request: web.Request) -> web.Response:
        """Take spans."""
        self.spans += _spans(ExportTraceServiceRequest.FromString(await request.read()))
        return web.Response(content_type="application/x-protobuf")

    async def hear(self, request: web.Request) -> web.Response:
        """Be told of a verdict."""
        self.told.append(request.headers.get(TRACEPARENT, ""))
        return web.Response()


@asynccontextmanager
async def running_collector() -> AsyncIterator[Collector]:
    """Listen on loopback while the context lasts; afterwards nobody does."""
    collector = Collector()
    page = web.Application()
    page.add_routes([web.post("/v1/traces", collector.take), web.post("/told", collector.hear)])
    runner = web.AppRunner(page, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield collector
    finally:
        await runner.cleanup()


def _spans(request: ExportTraceServiceRequest) -> list[Spanned]:
    found = []
    for resource in request.resource_spans:
        named = {each.key: each.value.string_value for each in resource.resource.attributes}
        for span in (span for scope in resource.scope_spans for span in scope.spans):
            ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
            said = {each.key: each.value.string_value for each in span.attributes}
            times = (span.start_time_unix_nano, span.end_time_unix_nano)
            found.append(Spanned(named["service.name"], span.name, *ids, said, *times))
    return found
