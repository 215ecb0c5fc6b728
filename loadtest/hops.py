"""Where the time went: an upload's way from service to service, by the timestamps of the records it led to.

Read afterwards, so that looking costs nothing while the load runs. A record's timestamp is when its writer put it
into a batch, so a hop is: the commit of the writer before, the fetch, waiting for a batch to begin, and deciding.
"""

import time
from collections.abc import Mapping

from loadtest.latency import Percentiles, between
from loadtest.reading import records_since
from services.contracts.codec import decode_record
from services.contracts.topics import (
    COPIES_CHANGED,
    MATCHES_FOUND,
    UPLOADS_READ,
    UPLOADS_SUBMITTED,
    VERDICTS_DECIDED,
    Topic,
)
from services.runtime.address import Address

# In an upload's order: what each hop is called, and the topic whose record ends it.
HOPS: Mapping[str, Topic] = {
    "generator → its record": UPLOADS_SUBMITTED,
    "hasher → uploads.read": UPLOADS_READ,
    "enforcer → copies.changed": COPIES_CHANGED,
    "matcher → matches.found": MATCHES_FOUND,
    "enforcer → verdict": VERDICTS_DECIDED,
}
LAST = "verdict → reader"
# For each topic; a million uploads are a million records in each.
SECONDS_MAX = 120.0


async def measure_hops(
    kafka: Address, intended: Mapping[str, float], arrived: Mapping[str, float]
) -> dict[str, Percentiles]:
    """Return the time of each hop; `intended` and `arrived` are by upload and by the monotonic clock.

    An upload that lacks a step, or has one twice (a late second read), counts by what came first of each.
    """
    since_epoch = time.time() - time.monotonic()
    begin_ms = int((min(intended.values()) + since_epoch) * 1000)
    steps = [{name: at + since_epoch for name, at in intended.items()}]
    steps += [await _first_times(kafka, topic, begin_ms, intended) for topic in HOPS.values()]
    steps.append({name: at + since_epoch for name, at in arrived.items()})
    return dict(zip((*HOPS, LAST), map(between, steps, steps[1:]), strict=True))


async def _first_times(kafka: Address, topic: Topic, begin_ms: int, wanted: Mapping[str, float]) -> dict[str, float]:
    """Return when the topic's first record about each upload was made, in seconds since the epoch."""
    found: dict[str, float] = {}
    async for record in records_since(kafka, topic, begin_ms, SECONDS_MAX):
        if record.value is not None:
            _, fact = decode_record(topic, record.key, record.value)
            if fact.upload_id in wanted:
                found.setdefault(fact.upload_id, record.timestamp / 1000)
    return found
