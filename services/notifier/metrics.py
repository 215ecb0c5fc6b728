"""The notifier's metrics, with a sentence for who operates it. Receivers' names come from the settings alone."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 600.0, 3_600.0, 86_400.0)

TRIES = Counter(
    "staydown_delivery_tries_total",
    "Tries to deliver, by what came of them: DELIVERED, WAITING (failed, to be tried again) or GIVEN_UP. Many WAITING: "
    "`staydown deliveries list` tells what the receiver answers.",
    ["receiver", "outcome"],
)
DELIVERY_SECONDS = Histogram(
    "staydown_delivery_seconds", "From what was said to its delivery, digests left out.", ["receiver"], buckets=_SECONDS
)
OLDEST_SECONDS = Gauge(
    "staydown_delivery_oldest_seconds",
    "How long the oldest delivery of a receiver has been waiting. Growing: the receiver does not take what it is sent; "
    "nobody else waits for it. Of a receiver with digests it is up to an hour or a day.",
    ["receiver"],
)
RECEIVER_DISABLED = Gauge(
    "staydown_receiver_disabled",
    "1: the receiver has answered 410, so nothing is sent to it, and all is given up. `staydown deliveries retry "
    "--receiver` enables it again, and so does another URL.",
    ["receiver"],
)
UNREADABLE = Counter(
    "staydown_unreadable_total",
    "Records that could not be read and were passed over; the log tells where they are. More than 0: somebody else "
    "than our services writes to the topic.",
    ["topic"],
)
