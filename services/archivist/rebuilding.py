"""Writing the record anew from the beginning of the topics, up to their present ends.

Promises: what is there already is written again without effect, so a running archivist may go on meanwhile.
"""

import time
from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncEngine

from services.archivist import ARCHIVIST
from services.archivist.entries import Recorded
from services.archivist.reading import read
from services.archivist.writing import Place, write
from services.client.following import Record, following
from services.contracts.types import milliseconds
from services.runtime.address import Address

# A transaction of so many takes a second; larger ones gain nothing.
BATCH_RECORDS_MAX = 2_000


async def rebuild(engine: AsyncEngine, kafka: Address) -> tuple[int, int]:
    """Write everything that the topics hold and return how many facts that was, and how many could not be read."""
    facts = unreadable = 0
    async with following(kafka, [topic.name for topic in ARCHIVIST.reads], from_beginning=True) as follower:
        async for batch in _batches(follower.until_present_end()):
            records, place = _read(batch)
            await write(engine, records, place)
            facts += len(records)
            unreadable += len(batch) - len(records)
    return facts, unreadable


def _read(batch: list[Record]) -> tuple[list[Recorded], Place]:
    place = Place()
    now_ms = int(time.time() * 1000)
    records = []
    for each in batch:
        at_ms = milliseconds(each.at)
        place.pass_by(each.topic, each.partition, each.offset, at_ms)
        found = read(each.topic, each, at_ms, now_ms)
        if isinstance(found, Recorded):
            records.append(found)
    return records, place


async def _batches(records: AsyncIterator[Record]) -> AsyncIterator[list[Record]]:
    batch: list[Record] = []
    async for record in records:
        batch.append(record)
        if len(batch) == BATCH_RECORDS_MAX:
            yield batch
            batch = []
    if batch:
        yield batch
