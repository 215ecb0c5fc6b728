"""The headers by which a receiver knows that a webhook is ours, new, and not changed (Standard Webhooks)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from standardwebhooks import Webhook


def signed(delivery_id: str, body: str, secrets: Sequence[bytes], at: datetime) -> Mapping[str, str]:
    """Return the headers of a delivery at a time in UTC; a signature by each secret, so that one may be rotated."""
    return {
        "Content-Type": "application/json",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(delivery_id, at, body) for secret in secrets),
    }
