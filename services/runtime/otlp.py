"""Traces by OpenTelemetry's SDK, sent by OTLP over HTTP from a thread of its own.

A record that bears a `traceparent` continues that trace, as its sender sampled it. One from the world without it begins
a trace whose id follows from its place, so that two services that read it make one; of these a share is sampled. An
inside record without it belongs to nothing that is traced. Promises: nobody waits for a span to be sent; what cannot be
sent is dropped, from a bounded queue.
"""

import os
import threading
from collections.abc import Iterable
from importlib.metadata import version

import xxhash
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.environment_variables import OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio, Sampler
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.contracts.topics import Topic
from services.runtime.intake import Record
from services.runtime.spans import TRACEPARENT, Span, parent_of

SHARE_SAMPLED = 0.01
"""Of the traces that begin here, unless OTEL_TRACES_SAMPLER or OTEL_TRACES_SAMPLER_ARG says otherwise: at 5,000 uploads
a second some 400 spans."""
CLOSE_SECONDS_MAX = 2.0
"""A collector that is away must not keep a service from ending; what was not sent is lost."""

_W3C = TraceContextTextMapPropagator()


class OtlpTracing:
    """Makes the spans of one service."""

    def __init__(self, service: str) -> None:
        self._ids = _Ids()
        resource = Resource.create({"service.name": service, "service.version": version("staydown")})
        self.provider = TracerProvider(_sampler(), resource, shutdown_on_exit=False, id_generator=self._ids)
        self.provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self.provider.get_tracer("staydown")

    def begin(self, topic: Topic, key: str, record: Record) -> Span | None:
        """Begin a span for a record, or return None if it is not to be traced."""
        said = parent_of(record.headers)
        if not said and not topic.from_world:
            return None
        context = _extracted(said)
        self._ids.place = f"{topic.name}/{record.partition}/{record.offset}"
        span = self._tracer.start_span(f"process {topic.name}", context, trace.SpanKind.CONSUMER)
        if not span.is_recording():
            return None
        span.set_attributes(
            {
                "messaging.system": "kafka",
                "messaging.operation.type": "process",
                "messaging.destination.name": topic.name,
                "messaging.destination.partition.id": str(record.partition),
                "messaging.kafka.offset": record.offset,
                "messaging.kafka.message.key": key,
            }
        )
        return _Otlp(span)

    def follow(self, name: str, parents: Iterable[bytes]) -> Span | None:
        """Begin a span in the first of these traces that is sampled, with links to others; None if none is."""
        each = [trace.get_current_span(_extracted(said)).get_span_context() for said in dict.fromkeys(parents) if said]
        sampled = [context for context in each if context.is_valid and context.trace_flags.sampled]
        if not sampled:
            return None
        parent = trace.set_span_in_context(trace.NonRecordingSpan(sampled[0]))
        span = self._tracer.start_span(name, parent, links=[trace.Link(context) for context in sampled[1:]])
        return _Otlp(span) if span.is_recording() else None

    def close(self) -> None:
        """Send what is left, for a bounded time."""
        closing = threading.Thread(target=self.provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS_MAX)


class _Otlp:
    """A span that is recorded."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        context = span.get_span_context()
        self.trace_id = trace.format_trace_id(context.trace_id)
        span_id = trace.format_span_id(context.span_id)
        self.traceparent = f"00-{self.trace_id}-{span_id}-{context.trace_flags:02x}".encode()

    def end(self) -> None:
        """Note that all of it is done."""
        self._span.end()


class _Ids(RandomIdGenerator):
    """Has the trace that begins with a record named after the record's `place`."""

    place = ""

    def generate_trace_id(self) -> int:
        """Return the same id to every service that reads the record."""
        return xxhash.xxh3_128_intdigest(self.place.encode()) or 1  # 0 is no id


def _extracted(said: bytes) -> Context:
    return _W3C.extract({TRACEPARENT: said.decode(errors="replace")})


def _sampler() -> Sampler | None:
    """Return what the environment asks for, which the SDK reads itself; else a share."""
    if os.environ.get(OTEL_TRACES_SAMPLER):
        return None
    return ParentBasedTraceIdRatio(float(os.environ.get(OTEL_TRACES_SAMPLER_ARG) or SHARE_SAMPLED))
