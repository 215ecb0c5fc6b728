"""How long after it was submitted an upload was blocked first: whichever of the two comes second finds the other.

By the times that Kafka gave and the enforcer decided at, since an outsider's own time decides nothing. Both are in
partitions of one number, whose writer holds its lock.
"""

from collections.abc import Iterable

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.measures import bound_of
from services.archive.pieces import pieces
from services.archive.tables import RESTRICTIONS, SUBMISSIONS, VERDICTS
from services.archivist.entries import Entry

_SAME = (RESTRICTIONS.c.upload_id == SUBMISSIONS.c.upload_id) & (RESTRICTIONS.c.submission == SUBMISSIONS.c.submission)
_TOOK = select(RESTRICTIONS.c.upload_id, RESTRICTIONS.c.submission, RESTRICTIONS.c.blocked_ms - SUBMISSIONS.c.at_ms)
_UNTIMED = _TOOK.join(SUBMISSIONS, _SAME).where(RESTRICTIONS.c.blocked_ms.is_not(None))
_NOTE = (
    update(RESTRICTIONS)
    .where(RESTRICTIONS.c.upload_id == bindparam("of_upload"), RESTRICTIONS.c.submission == bindparam("of_submission"))
    .values(took_bound=bindparam("bound"))
)


async def time_restrictions(connection: AsyncConnection, entries: Iterable[Entry]) -> None:
    """Note how long it took for the uploads of which these entries have a submission or a verdict."""
    facts = [entry.fact for entry in entries if entry.fact is not None]
    concerned = {row.values["upload_id"] for row in facts if row.table in (SUBMISSIONS, VERDICTS)}
    for piece in pieces(sorted(concerned)):
        found = await connection.execute(_UNTIMED.where(RESTRICTIONS.c.upload_id.in_(piece)))
        notes = [
            {"of_upload": upload_id, "of_submission": submission, "bound": bound_of(max(0, took_ms))}
            for upload_id, submission, took_ms in found
        ]
        if notes:
            await connection.execute(_NOTE, notes)
