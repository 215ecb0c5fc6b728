"""The transparency report of a period: how many, how fast, how often wrong. Reads counters of days, and two indexes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.measures import Measure
from services.archive.queries.counting import Counts, between
from services.archive.queries.scope import Scope
from services.archive.tables import RESTRICTIONS
from services.contracts.decided import WorkReceipt
from services.contracts.types import milliseconds


@dataclass(frozen=True, slots=True)
class Report:
    """What happened from one day of UTC to another, both included.

    `requests`: submissions of rightsholders by action. `answers`: receipts by status. `refused`: refused requests by
    reason, of which one may have several. `median_answer_ms`: half of the requests were answered within it, to 5 %;
    None if there were none. `taken_down`: takedowns by basis, and `by_machine` those that no person decided.
    `reinstated`: takedowns that ended, for whatever reason. `disputes`: by ground; `dispute_steps`: all steps.
    `median_restriction_ms`: half of the uploads that were blocked first in it were within that after their submission.
    `reversed`: uploads that were shown again first in it since a claim was disputed and does not stand; each once,
    however often it was decided about them again.
    """

    since: date
    until: date
    uploads: int
    verdicts: Counts
    requests: Counts
    answers: Counts
    refused: Counts
    median_answer_ms: int | None
    taken_down: Counts
    median_restriction_ms: int | None
    by_machine: int
    reinstated: Counts
    disputes: Counts
    dispute_steps: Counts
    reversed: int
    reviews: Counts
    notices: Counts

    @property
    def accepted(self) -> int:
        """Requests to register a work that were accepted."""
        return self.answers.get(WorkReceipt.Status.ACCEPTED.value, 0)

    @property
    def rejected(self) -> int:
        """Requests of any kind that were refused."""
        return self.answers.get(WorkReceipt.Status.REJECTED.value, 0)

    @property
    def automated_share(self) -> float | None:
        """The share of takedowns that no person decided; None if there were none."""
        taken_down = sum(self.taken_down.values())
        return self.by_machine / taken_down if taken_down else None


async def report(connection: AsyncConnection, scope: Scope, since: date, until: date) -> Report | None:
    """Return the report of a period, both days included; None for whoever does not see everything."""
    if not scope.is_everything:
        return None
    period = (_ms(since), _ms(until + timedelta(days=1)))
    counts = {measure: await between(connection, measure, *period) for measure in Measure}
    return Report(
        since,
        until,
        uploads=counts[Measure.SUBMITTED].get("submission", 0),
        verdicts=counts[Measure.DECIDED],
        requests=counts[Measure.REQUESTED],
        answers=counts[Measure.ANSWERED],
        refused=counts[Measure.REFUSED],
        median_answer_ms=median(counts[Measure.ANSWER_TIME]),
        taken_down=counts[Measure.ISSUED],
        median_restriction_ms=median(await _restricted(connection, *period)),
        by_machine=counts[Measure.ISSUED_BY].get("MACHINE", 0),
        reinstated=counts[Measure.REINSTATED],
        disputes=counts[Measure.GROUND],
        dispute_steps=counts[Measure.DISPUTED],
        reversed=await _reversed(connection, *period),
        reviews=counts[Measure.REVIEWED],
        notices=counts[Measure.NOTIFIED],
    )


async def _restricted(connection: AsyncConnection, since_ms: int, until_ms: int) -> Counts:
    """Return how many submissions were blocked first in a period, by the bound of how long that took."""
    bound, many = RESTRICTIONS.c.took_bound, func.count().label("many")
    asked = select(bound, many).where(RESTRICTIONS.c.blocked_ms >= since_ms, RESTRICTIONS.c.blocked_ms < until_ms)
    found = await connection.execute(asked.where(bound.is_not(None)).group_by(bound))
    return {str(row.took_bound): row.many for row in found}


async def _reversed(connection: AsyncConnection, since_ms: int, until_ms: int) -> int:
    at_ms = RESTRICTIONS.c.reversed_ms
    asked = select(func.count()).select_from(RESTRICTIONS).where(at_ms >= since_ms, at_ms < until_ms)
    return await connection.scalar(asked) or 0


def median(bounds: Counts) -> int | None:
    """Return the least bound that half of those counted are within; None if there are none."""
    ordered = sorted((int(bound), count) for bound, count in bounds.items())
    half = sum(count for _, count in ordered) / 2
    for (bound, _), within in zip(ordered, accumulate(count for _, count in ordered), strict=True):
        if within >= half:
            return bound
    return None


def _ms(day: date) -> int:
    return milliseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
