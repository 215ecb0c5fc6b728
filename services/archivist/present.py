"""Counting uploads by their present verdict: from the difference that a batch makes, so that nobody counts millions."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.columns import stored
from services.archive.measures import Measure, Span
from services.archive.pieces import pieces
from services.archive.tables import COUNTERS, UPLOADS
from services.archive.upserts import add_up
from services.archivist.entries import Entry


async def count_present(connection: AsyncConnection, entries: Iterable[Entry]) -> None:
    """Add the difference that these entries make; before they replace what is there, in the same transaction."""
    latest: dict[str, dict[str, Any]] = {}
    for entry in entries:
        for table, values in entry.present:
            if table is UPLOADS and values["verdict_offset"] is not None:
                upload_id = stored(values["upload_id"])
                before = latest.get(upload_id)
                if before is None or before["verdict_offset"] < values["verdict_offset"]:
                    latest[upload_id] = values
    if not latest:
        return
    there = await _there(connection, list(latest))
    changes: Counter[str | None] = Counter()
    for upload_id, values in latest.items():
        verdict, offset = there.get(upload_id, (None, None))
        if offset is None or offset < values["verdict_offset"]:
            changes.update([values["verdict"]])
            changes.subtract([verdict])
    rows = [
        {"span": Span.EVER, "measure": Measure.PRESENT, "begin_ms": 0, "value": verdict, "count": change}
        for verdict, change in changes.items()
        if verdict is not None and change
    ]
    if rows:
        await add_up(connection, COUNTERS, rows)


async def _there(connection: AsyncConnection, upload_ids: list[str]) -> dict[str, tuple[str | None, int | None]]:
    """Return the verdict of each upload and the offset that it has it from."""
    found: dict[str, tuple[str | None, int | None]] = {}
    asked = select(UPLOADS.c.upload_id, UPLOADS.c.verdict, UPLOADS.c.verdict_offset)
    for piece in pieces(upload_ids):
        rows = await connection.execute(asked.where(UPLOADS.c.upload_id.in_(piece)))
        found |= {upload_id: (verdict, offset) for upload_id, verdict, offset in rows}
    return found
