"""Which takedowns a dispute is about: whichever of the two comes second finds the other.

Both are in partitions of one number, whose writer holds its lock, so neither is written while this looks.
"""

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.pieces import pieces
from services.archive.tables import DISPUTE_STEPS, DISPUTED_TAKEDOWNS, TAKEDOWN_EVENTS, TAKEDOWNS
from services.archivist.entries import Entry

_FOUND = (
    select(
        TAKEDOWNS.c.takedown_id,
        DISPUTE_STEPS.c.dispute_id,
        TAKEDOWNS.c.upload_id,
        TAKEDOWNS.c.rightsholder_id,
        TAKEDOWNS.c.work_id,
    )
    .join(DISPUTE_STEPS, DISPUTE_STEPS.c.upload_id == TAKEDOWNS.c.upload_id)
    .where(
        DISPUTE_STEPS.c.step == "dispute",
        or_(DISPUTE_STEPS.c.takedown_id == "", DISPUTE_STEPS.c.takedown_id == TAKEDOWNS.c.takedown_id),
    )
    .distinct()
)


async def link_disputes(connection: AsyncConnection, entries: Iterable[Entry]) -> None:
    """Link the takedowns and the disputes of the uploads of which these entries have either."""
    facts = [entry.fact for entry in entries if entry.fact is not None]
    concerned = {row.values["upload_id"] for row in facts if row.table in (DISPUTE_STEPS, TAKEDOWN_EVENTS)}
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    names = [column.name for column in DISPUTED_TAKEDOWNS.columns]
    for piece in pieces(sorted(concerned)):
        found = _FOUND.where(TAKEDOWNS.c.upload_id.in_(piece))
        await connection.execute(insert(DISPUTED_TAKEDOWNS).from_select(names, found).on_conflict_do_nothing())
