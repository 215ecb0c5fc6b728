"""Spans as services use them, whoever makes them: what is done about a record, by the trace that it belongs to."""

from collections.abc import Iterable
from typing import Protocol

from services.contracts.topics import Topic
from services.runtime.intake import Record

TRACEPARENT = "traceparent"


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
