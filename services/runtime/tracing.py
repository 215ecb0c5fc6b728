"""Traces: one upload followed through the services by the W3C `traceparent` of its records. Off unless told otherwise.

OpenTelemetry's own variables switch it on: OTEL_EXPORTER_OTLP_ENDPOINT (or …_TRACES_ENDPOINT) says where spans go, by
OTLP over HTTP. While it is off, neither OpenTelemetry's code is loaded nor a header looked at.
"""

import os
from collections.abc import Mapping

from services.runtime.spans import Tracing

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def open_tracing(service: str, environment: Mapping[str, str] = os.environ) -> Tracing | None:
    """Return what makes a service's spans if the environment asks for them."""
    is_off = (
        environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none"
    )
    if is_off or not any(environment.get(name) for name in _ENDPOINTS):
        return None
    from services.runtime.otlp import OtlpTracing  # noqa: PLC0415  # a third of a second and 10 MB, for who wants it

    return OtlpTracing(service)
