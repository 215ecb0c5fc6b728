"""From what was said to what is delivered to whom. Pure.

Promises: the same record gives the same deliveries with the same ids and the same bytes, however often it is read.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson
import xxhash
from msgspec import Raw, Struct, json

from services.contracts.codec import encode
from services.contracts.decided import NoticeIssued, VerdictDecided
from services.contracts.types import Timestamp, milliseconds
from services.notifier.receivers import Receiver
from services.notifier.schedule import first_try

NOTICE = "notice.issued"
VERDICT = "verdict.decided"

Fact = NoticeIssued | VerdictDecided


class Envelope(Struct, frozen=True):
    """What is delivered, as Standard Webhooks lays out a payload. `data`: the record as its topic has it."""

    type: str
    timestamp: Timestamp
    data: Raw


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something for a receiver. Times are ms since the epoch; `body`: JSON, and what is signed."""

    delivery_id: str
    receiver: str
    about: str
    body: str
    said_ms: int
    created_ms: int
    next_ms: int
    traceparent: str | None = None


def deliveries(fact: Fact, receivers: Iterable[Receiver], now: int, traceparent: str | None = None) -> list[Delivery]:
    """Return a delivery for each receiver that is told of this; `traceparent`: what each goes on from."""
    told = [receiver for receiver in receivers if concerns(receiver, fact)]
    if not told:
        return []
    at = fact.issued_at if isinstance(fact, NoticeIssued) else fact.decided_at
    kind = NOTICE if isinstance(fact, NoticeIssued) else VERDICT
    body = json.encode(Envelope(kind, at, Raw(encode(fact)))).decode()
    about = name_of(fact)
    return [
        Delivery(
            delivery_id=identify(receiver.id, kind, *about),
            receiver=receiver.id,
            about=f"{kind} {' '.join(map(str, about))}",
            body=body,
            said_ms=milliseconds(at),
            created_ms=now,
            next_ms=first_try(receiver.every, now),
            traceparent=traceparent,
        )
        for receiver in told
    ]


def concerns(receiver: Receiver, fact: Fact) -> bool:
    """Tell whether a receiver is told of this."""
    written = receiver.written
    if isinstance(fact, VerdictDecided):
        return fact.verdict in written.verdicts
    return fact.recipient.kind in written.notices and (not written.ids or fact.recipient.id in written.ids)


def name_of(fact: Fact) -> tuple[str | int, ...]:
    """Return what tells this from everything else of its kind.

    Revisions begin anew when an upload was deleted and its id is used again, so its submission belongs to them.
    """
    if isinstance(fact, NoticeIssued):
        return (fact.notice_id,)
    return fact.upload_id, fact.submission, fact.revision


def identify(*parts: str | int) -> str:
    """Return the id of what these parts name together."""
    return xxhash.xxh3_128_hexdigest(orjson.dumps(parts))
