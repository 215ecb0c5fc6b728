"""The figures of a report, from the archive's counters by day."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.report import report
from services.archive.queries.scope import EVERYTHING
from services.archive.queries.standing import count_standings
from services.console.reading.standing import OTHER
from services.console.views.report import Figures
from services.contracts.decided import WorkReceipt

_SECOND_MS = 1_000


async def figures(connection: AsyncConnection, since: date, until: date) -> Figures:
    """Return what happened from one day to another, both included, in UTC."""
    found = await report(connection, EVERYTHING, since, until)
    assert found is not None, "asked for everything"  # noqa: S101  # an invariant
    return Figures(
        requests=found.requests,
        accepted=found.accepted,
        refused=found.rejected,
        held=found.answers.get(WorkReceipt.Status.HELD, 0),
        refusals=found.refused,
        request_seconds=_seconds(found.median_answer_ms),
        restricted=found.taken_down,
        restricted_by_machine=found.by_machine,
        restriction_seconds=_seconds(found.median_restriction_ms),
        reinstated=sum(found.reinstated.values()),
        complaints=found.dispute_steps.get("dispute", 0),
        grounds=found.disputes,
        steps={step: count for step, count in found.dispute_steps.items() if step != "dispute"},
        reversed=found.reversed,
        reviews=found.reviews,
        standings=await count_standings(connection, EVERYTHING, OTHER),
    )


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / _SECOND_MS
