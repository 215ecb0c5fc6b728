"""The labels of metrics: what their values are, and that each is shown from the begin.

A counter that appears with its first count has not risen for Prometheus; one that was at zero before has.
"""

from collections.abc import Iterable, Mapping

from services.contracts.decided import TakedownIssued, VerdictDecided
from services.runtime.metrics import (
    DEAD_LETTERS,
    DECIDE_ERRORS,
    OUTCOMES,
    RECORDS_EXPIRED,
    RECORDS_IN,
    SCHEMES,
    SOURCE_ERRORS,
    SOURCE_RESUMES,
    SOURCES_PAUSED,
    TAKEDOWNS,
    TRANSACTIONS,
    VERDICTS,
)

LABELS: Mapping[str, str] = {
    "topic": "a topic that the service reads or writes, its changelog and dead letters among them; or timers",
    "partition": "the number of a partition, and so of a unit",
    "outcome": "what came of it, as the sentence of the metric says",
    "lane": "small, large, slow, remote or remote slow; of a time, ordinary in place of small and large",
    "scheme": "http, https, s3, gs or az",
    "verdict": "CLEAR, BLOCKED, HELD or UNSCANNED",
    "basis": "NOTICE or STAYDOWN",
    "page": "the path of a route of the console, or none",
    "answer": "1xx to 5xx",
    "receiver": "a name in STAYDOWN_RECEIVERS",
    "content": "listed or unlisted",
}
"""All labels. The values of each come from a closed list."""


def begin_at_zero(topics: Iterable[str]) -> None:
    """Show what has not happened yet to a service, and to each topic that it reads."""
    for metric, values in (
        (VERDICTS, VerdictDecided.Verdict),
        (TAKEDOWNS, TakedownIssued.Basis),
        (TRANSACTIONS, OUTCOMES),
        (SOURCE_ERRORS, SCHEMES),
        (SOURCE_RESUMES, SCHEMES),
        (SOURCES_PAUSED, SCHEMES),
    ):
        for value in values:
            metric.labels(value)
    for topic in topics:
        for metric in (RECORDS_IN, DEAD_LETTERS, RECORDS_EXPIRED, DECIDE_ERRORS):
            metric.labels(topic)
