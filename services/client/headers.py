"""The headers of what a client sends: CloudEvents 1.0 in binary mode, and W3C Trace Context."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from services.contracts.topics import Topic

SOURCE = b"/staydown/client"

Headers = Sequence[tuple[str, bytes | None]]
"""Names and values; of equal names the last counts."""


def event_headers(topic: Topic, now: datetime | None = None, source: bytes = SOURCE) -> list[tuple[str, bytes]]:
    """Return the headers of one new record of a topic; each call makes a new event and a new trace."""
    time = (now or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(uuid4()).encode()),
        ("ce_source", source),
        ("ce_type", f"staydown.{topic.name}".encode()),
        ("ce_time", time.encode()),
        ("traceparent", f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01".encode()),
    ]
