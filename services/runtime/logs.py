"""Logs: one JSON line per happening on stdout: start, assignment change, dead letter, stop. All else is a metric.

The Kafka client's own warnings come out in the same form, so that a reader of logs needs one parser. Promises: of one
kind no more than some lines in some seconds, and the next one says how many were left out: a broker that is away makes
a client complain hundreds of times a second, and a producer of garbage makes a dead letter of every record.
"""

import logging
import sys
import time
from collections.abc import Callable
from typing import Any, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer

LINES_MAX = 20
WINDOW_SECONDS = 10.0


class Ration:
    """How many lines of each kind there have been of late. Kinds are texts of the code, so there are not many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[str, tuple[float, int]] = {}

    def left_out(self, kind: str) -> int | None:
        """Return how many lines of the kind were left out before this one; None if this one is to be left out too."""
        now = self._clock()
        since, count = self._windows.get(kind, (now, 0))
        left_out = 0
        if now - since >= WINDOW_SECONDS:
            left_out = max(0, count - LINES_MAX)
            since, count = now, 0
        self._windows[kind] = (since, count + 1)
        return None if count >= LINES_MAX else left_out


class _Sparing(logging.Filter):
    """Applies the ration to the lines of libraries; their kind is the text before anything is filled in."""

    def __init__(self, ration: Ration) -> None:
        super().__init__()
        self._ration = ration

    def filter(self, record: logging.LogRecord) -> bool:
        return self._ration.left_out(f"{record.name} {record.msg}") is not None


def _spare(ration: Ration) -> Callable[[Any, str, Any], Any]:
    """Apply the ration to our own lines; their kind is the event."""

    def spare(_logger: Any, _method: str, event: Any) -> Any:
        left_out = ration.left_out(event["event"])
        if left_out is None:
            raise structlog.DropEvent
        return {**event, "left_out": left_out} if left_out else event

    return spare


def configure_logs(service: str, out: TextIO | None = None) -> None:
    """Write JSON lines to `out`, which is stdout by default, from now on, each naming the service."""
    out = out or sys.stdout
    ration = Ration()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        # Without locals, which hold what people wrote.
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
    ]
    structlog.configure(
        processors=[_spare(ration), *shared, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(out),
    )
    structlog.contextvars.bind_contextvars(service=service)
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=shared,
        )
    )
    handler.addFilter(_Sparing(ration))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
