"""Which takedowns a dispute is about: whichever of the two comes second finds the other.

Both are in partitions of one number, whose writer holds its lock, so neither is written while this looks. What is known
of an upload's disputes is written anew with each of their facts, so that any order comes to the same rows.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.pieces import pieces
from services.archive.tables import DISPUTE_STEPS, DISPUTED_TAKEDOWNS, DISPUTES, TAKEDOWN_EVENTS, TAKEDOWNS
from services.archivist.entries import Entry
from services.contracts.decided import TakedownIssued

_OPENING, _OTHER = DISPUTE_STEPS.c, DISPUTE_STEPS.alias("other").c


def _other(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that the dispute has a step such as this."""
    same = (_OTHER.upload_id == DISPUTES.c.upload_id, _OTHER.dispute_id == DISPUTES.c.dispute_id)
    return exists().where(*same, *where)


# Of a claim that was given up, or of all if the dispute was withdrawn; a step may name one takedown.
_ENDED = _other(
    _OTHER.takedown_id.in_(("", TAKEDOWNS.c.takedown_id)),
    or_(_OTHER.step == "withdraw", and_(_OTHER.step == "release", _OTHER.claimant == TAKEDOWNS.c.rightsholder_id)),
)
# A counter-notice may be the first word; after an objection it answers, and names nothing new.
_OPENS = or_(_OPENING.step == "dispute", and_(_OPENING.step == "counter_notice", ~_other(_OTHER.step == "dispute")))
_FOUND = (
    select(
        TAKEDOWNS.c.takedown_id,
        DISPUTES.c.dispute_id,
        TAKEDOWNS.c.upload_id,
        TAKEDOWNS.c.rightsholder_id,
        TAKEDOWNS.c.work_id,
        and_(TAKEDOWNS.c.status == TakedownIssued.Status.ISSUED.value, ~_ENDED),
        DISPUTES.c.at_ms,
    )
    .join(DISPUTES, DISPUTES.c.upload_id == TAKEDOWNS.c.upload_id)
    .join(DISPUTE_STEPS, and_(_OPENING.upload_id == DISPUTES.c.upload_id, _OPENING.dispute_id == DISPUTES.c.dispute_id))
    .where(_OPENS, _OPENING.takedown_id.in_(("", TAKEDOWNS.c.takedown_id)))
    .distinct()
)
_NAMES = [column.name for column in DISPUTED_TAKEDOWNS.columns]


async def link_disputes(connection: AsyncConnection, entries: Iterable[Entry]) -> None:
    """Link the takedowns and the disputes of the uploads of which these entries have either."""
    facts = [entry.fact for entry in entries if entry.fact is not None]
    concerned = {row.values["upload_id"] for row in facts if row.table in (DISPUTE_STEPS, TAKEDOWN_EVENTS)}
    for piece in pieces(sorted(concerned)):
        await connection.execute(delete(DISPUTED_TAKEDOWNS).where(DISPUTED_TAKEDOWNS.c.upload_id.in_(piece)))
        found = _FOUND.where(TAKEDOWNS.c.upload_id.in_(piece))
        await connection.execute(DISPUTED_TAKEDOWNS.insert().from_select(_NAMES, found))
