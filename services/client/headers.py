"""The headers of what a client sends: CloudEvents 1.0 in binary mode, and the caller's trace if there is one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.contracts.topics import Topic

SOURCE = b"/staydown/client"
_W3C = TraceContextTextMapPropagator()

Headers = Sequence[tuple[str, bytes | None]]
"""Names and values; of equal names the last counts."""


def event_headers(topic: Topic, now: datetime | None = None, source: bytes = SOURCE) -> list[tuple[str, bytes]]:
    """Return the headers of one new record of a topic; each call makes a new event.

    A program that has a span of OpenTelemetry's open is its parent: its trace goes on through the services.
    """
    time = (now or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    trace: dict[str, str] = {}
    _W3C.inject(trace)
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(uuid4()).encode()),
        ("ce_source", source),
        ("ce_type", f"staydown.{topic.name}".encode()),
        ("ce_time", time.encode()),
        *((name, text.encode()) for name, text in trace.items()),
    ]
