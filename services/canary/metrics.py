"""The canary's metrics, with a sentence for who operates it."""

from prometheus_client import Counter, Gauge, Histogram

from services.canary.probes import PROBES
from services.contracts.decided import VerdictDecided

_SECONDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)

UP = Gauge(
    "staydown_canary_up",
    "1: at the last look the listed work was refused and the unlisted content shown, both in time. 0: they were not, "
    "or the work could not be registered. Not a number: the canary is off.",
)
UPLOADS = Counter("staydown_canary_uploads_total", "What the canary has uploaded, listed or unlisted.", ["content"])
LATE = Counter(
    "staydown_canary_late_total",
    "Uploads of the canary without a verdict after STAYDOWN_CANARY_LATE_MS; of listed also each try to register that "
    "was not answered. More than one: hasher, enforcer, matcher or Kafka stand still or are far behind.",
    ["content"],
)
WRONG = Counter(
    "staydown_canary_wrong_total",
    "Uploads of the canary with another verdict than the right one. CLEAR for listed: a listed work was shown, which "
    "must never happen. UNSCANNED: the hasher could not read STAYDOWN_CANARY_SOURCE.",
    ["content", "verdict"],
)
REFUSAL_SECONDS = Histogram(
    "staydown_canary_refusal_seconds",
    "From the upload of a listed work to its verdict BLOCKED, as an outsider sees it; what is late is not in it.",
    buckets=_SECONDS,
)
CLEAR_SECONDS = Histogram(
    "staydown_canary_clear_seconds",
    "From the upload of unlisted content to its verdict CLEAR, as an outsider sees it; what is late is not in it.",
    buckets=_SECONDS,
)


def _begin_at_zero() -> None:
    """Show what has not happened yet, so that the first time is seen as a rise."""
    for probe in PROBES:
        UPLOADS.labels(probe.name)
        LATE.labels(probe.name)
        for verdict in set(VerdictDecided.Verdict) - {probe.right}:
            WRONG.labels(probe.name, verdict)


_begin_at_zero()
