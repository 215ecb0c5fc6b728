"""How many copies of a work are down or back, each takedown once, and the disputes about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.scope import Scope
from services.archive.tables import DISPUTE_STEPS, DISPUTED_TAKEDOWNS, TAKEDOWNS
from services.contracts.decided import TakedownIssued
from services.contracts.types import timestamp

Basis = TakedownIssued.Basis
Status = TakedownIssued.Status


@dataclass(frozen=True, slots=True)
class CopyCounts:
    """Takedowns for a work: of what was there, of what was posted again (`refused`); of both, which are down now."""

    taken_down: int = 0
    refused: int = 0
    down_now: int = 0
    reinstated: int = 0


@dataclass(frozen=True, slots=True)
class LastStep:
    """A dispute about a takedown for a work, with the last step that concerns it."""

    upload_id: str
    dispute_id: str
    step: str
    at: datetime


async def count_copies(connection: AsyncConnection, scope: Scope, rightsholder_id: str, work_id: str) -> CopyCounts:
    """Return how many takedowns for a work there are: as long as it takes to read its own."""
    if not scope.may_see(rightsholder_id):
        return CopyCounts()
    table = TAKEDOWNS.c
    asked = select(table.basis, table.status, func.count().label("many"))
    asked = asked.where(table.rightsholder_id == rightsholder_id, table.work_id == work_id)
    found = {(row.basis, row.status): row.many for row in await connection.execute(asked.group_by("basis", "status"))}
    return CopyCounts(
        taken_down=sum(found.get((Basis.NOTICE.value, status.value), 0) for status in Status),
        refused=sum(found.get((Basis.STAYDOWN.value, status.value), 0) for status in Status),
        down_now=sum(found.get((basis.value, Status.ISSUED.value), 0) for basis in Basis),
        reinstated=sum(found.get((basis.value, Status.REINSTATED.value), 0) for basis in Basis),
    )


async def last_steps(
    connection: AsyncConnection, scope: Scope, rightsholder_id: str, work_id: str
) -> Sequence[LastStep]:
    """Return every dispute about a work's takedowns by its last step; what another claimant says is not counted."""
    if not scope.may_see(rightsholder_id):
        return ()
    step, about = DISPUTE_STEPS.c, DISPUTED_TAKEDOWNS.c
    same = (step.upload_id == about.upload_id) & (step.dispute_id == about.dispute_id)
    asked = (
        select(step.upload_id, step.dispute_id, step.step, step.at_ms)
        .join(DISPUTED_TAKEDOWNS, same)
        .where(
            about.rightsholder_id == rightsholder_id,
            about.work_id == work_id,
            step.takedown_id.in_(("", about.takedown_id)),
            step.claimant.in_(("", rightsholder_id)),
        )
    )
    found = await connection.execute(asked.order_by(step.upload_id, step.record_offset))
    last = {
        (row.upload_id, row.dispute_id): LastStep(row.upload_id, row.dispute_id, row.step, timestamp(row.at_ms))
        for row in found
    }
    return tuple(last.values())
