"""Traces: one upload followed through the services by the W3C `traceparent` of its records. Off unless told otherwise.

OpenTelemetry's own variables switch it on: OTEL_EXPORTER_OTLP_ENDPOINT (or …_TRACES_ENDPOINT) says where spans go, by
OTLP over HTTP. While it is off, neither OpenTelemetry's code is loaded nor a header looked at.
"""

import os
from collections.abc import Iterable, Mapping
from typing import Protocol

from services.contracts.topics import Topic
from services.runtime.intake import Record

TRACEPARENT = "traceparent"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Span(Protocol):
    """What is done about one record that is traced."""

    @property
    def trace_id(self) -> str:
        """The trace that it belongs to, in hexadecimal digits."""

    @property
    def traceparent(self) -> bytes:
        """What the records bear that it leads to."""

    def end(self) -> None:
        """Note that all of it is done."""


class Tracing(Protocol):
    """Makes spans, and sends them elsewhere."""

    def begin(self, topic: Topic, key: str, record: Record) -> Span | None:
        """Begin a span for a record, or return None if it is not to be traced."""

    def follow(self, name: str, parents: Iterable[bytes]) -> Span | None:
        """Begin a span in the first of these traces that is sampled, with links to others; None if none is."""

    def close(self) -> None:
        """Send what is left, for a bounded time."""


def parent_of(headers: Iterable[tuple[str, bytes | None]]) -> bytes:
    """Return the trace parent that a record bears; empty without one."""
    return next((value for name, value in headers if name == TRACEPARENT and value), b"")


def open_tracing(service: str, environment: Mapping[str, str] = os.environ) -> Tracing | None:
    """Return what makes a service's spans if the environment asks for them."""
    is_off = (
        environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none"
    )
    if is_off or not any(environment.get(name) for name in _ENDPOINTS):
        return None
    from services.runtime.otlp import OtlpTracing  # noqa: PLC0415  # a third of a second and 10 MB, for who wants it

    return OtlpTracing(service)
