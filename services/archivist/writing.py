"""Writing a batch of records in one transaction.

Promises: what was written before is written again without effect, so the place from which the group goes on may lag
behind what is here; whoever writes facts of one partition number at the same time waits.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.archive.engine import writing
from services.archive.erasing import erase_again
from services.archive.locks import hold_partitions
from services.archive.measures import DAY_MS, HOUR_MS, begins
from services.archive.tables import COUNTERS, POSITIONS, WORK_COUNTERS
from services.archive.upserts import add_up, insert_new, key_of, replace_older
from services.archivist.disputed import link_disputes
from services.archivist.entering import enter
from services.archivist.entries import Entry, Recorded
from services.archivist.present import count_present
from services.archivist.redacting import redacted
from services.archivist.restricted import time_restrictions
from services.contracts.canary import is_canary


class Place:
    """Up to where the partitions have been read, records that could not be read included."""

    def __init__(self) -> None:
        self.nexts: dict[tuple[str, int], tuple[int, int]] = {}

    def pass_by(self, topic: str, partition: int, offset: int, at_ms: int) -> None:
        """Note that a record has been met."""
        there = self.nexts.get((topic, partition))
        if there is None or there[0] <= offset:
            self.nexts[topic, partition] = (offset + 1, at_ms)


async def write(engine: AsyncEngine, records: Sequence[Recorded], place: Place) -> None:
    """Write the records but the canary's, and up to where that is; in one transaction, which is committed on return."""
    async with writing(engine) as connection:
        await hold_partitions(connection, {partition for _, partition in place.nexts})
        entries = await redacted(connection, [enter(record) for record in records if not is_canary(record.key)])
        new = await _insert_facts(connection, entries)
        await count_present(connection, entries)
        await _replace_present(connection, entries)
        await _count(connection, new)
        await link_disputes(connection, entries)
        await time_restrictions(connection, entries)
        await erase_again(connection, _uploads(entries))
        await _note_place(connection, place)


async def _insert_facts(connection: AsyncConnection, entries: Iterable[Entry]) -> list[Entry]:
    """Insert the facts that are not there yet, and return their entries."""
    by_table: dict[Table, dict[tuple[Any, ...], Entry]] = defaultdict(dict)
    for entry in entries:
        if entry.fact is not None:
            by_table[entry.fact.table][key_of(*entry.fact)] = entry
    new = []
    for table, found in by_table.items():
        rows = [entry.fact.values for entry in found.values() if entry.fact is not None]
        new += [found[key] for key in await insert_new(connection, table, rows)]
    return new


async def _replace_present(connection: AsyncConnection, entries: Iterable[Entry]) -> None:
    by_table: dict[Table, list[dict[str, Any]]] = defaultdict(list)
    for entry in entries:
        for row in entry.present:
            by_table[row.table].append(row.values)
    for table, rows in by_table.items():
        await replace_older(connection, table, rows)


async def _count(connection: AsyncConnection, entries: Iterable[Entry]) -> None:
    by_hour: Counter[tuple[str, str, int]] = Counter()
    by_work: Counter[tuple[str, str, int, str]] = Counter()
    for entry in entries:
        for measure, value, at_ms in entry.counts:
            by_hour[measure, value, at_ms - at_ms % HOUR_MS] += 1
        for rightsholder_id, work_id, value, at_ms in entry.work_counts:
            by_work[rightsholder_id, work_id, at_ms - at_ms % DAY_MS, value] += 1
    counted: Counter[tuple[str, str, int, str]] = Counter()
    for (measure, value, hour_ms), count in by_hour.items():
        for span, begin in begins(hour_ms):
            counted[span, measure, begin, value] += count
    for table, counts in ((COUNTERS, counted), (WORK_COUNTERS, by_work)):
        names = [column.name for column in table.primary_key]
        rows = [{**dict(zip(names, key, strict=True)), "count": count} for key, count in counts.items()]
        if rows:
            await add_up(connection, table, rows)


async def _note_place(connection: AsyncConnection, place: Place) -> None:
    rows = [
        {"topic": topic, "partition": partition, "next_offset": next_offset, "at_ms": at_ms}
        for (topic, partition), (next_offset, at_ms) in sorted(place.nexts.items())
    ]
    await replace_older(connection, POSITIONS, rows)


def _uploads(entries: Iterable[Entry]) -> set[str]:
    rows = [row for entry in entries for row in (entry.fact, *entry.present) if row is not None]
    return {row.values["upload_id"] for row in rows if row.values.get("upload_id")}
