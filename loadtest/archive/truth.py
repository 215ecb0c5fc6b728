"""Whether the record holds every fact that was told, once."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from loadtest.archive.story import Told
from loadtest.truth import Tally
from services.archive import tables
from services.contracts import topics

OF_TOPIC = {
    topics.UPLOADS_SUBMITTED.name: tables.SUBMISSIONS,
    topics.WORKS_SUBMITTED.name: tables.WORK_SUBMISSIONS,
    topics.RIGHTSHOLDERS_SUBMITTED.name: tables.RIGHTSHOLDER_STEPS,
    topics.DISPUTES_SUBMITTED.name: tables.DISPUTE_STEPS,
    topics.REVIEWS_SUBMITTED.name: tables.REVIEWS,
    topics.WORKS_RECEIPTS.name: tables.RECEIPTS,
    topics.VERDICTS_DECIDED.name: tables.VERDICTS,
    topics.TAKEDOWNS_ISSUED.name: tables.TAKEDOWN_EVENTS,
    topics.NOTICES_ISSUED.name: tables.NOTICES,
    topics.STRIKES_CHANGED.name: tables.STANDING_CHANGES,
}
"""Where a topic's facts are rows."""


async def compare(engine: AsyncEngine, told: Sequence[Told]) -> Tally:
    """Compare how many rows there are with how many facts were told; a verdict that is taken back is no row."""
    expected = Counter(each.topic for each in told if is_row(each))
    missed = duplicate = 0
    examples = []
    async with engine.connect() as connection:
        for topic, table in OF_TOPIC.items():
            there = await connection.scalar(select(func.count()).select_from(table)) or 0
            missed += max(0, expected[topic] - there)
            duplicate += max(0, there - expected[topic])
            if there != expected[topic]:
                examples.append(f"{topic}: {expected[topic]:,} facts, {there:,} rows")
    return Tally(len(told), missed, 0, duplicate, tuple(examples))


def is_row(told: Told) -> bool:
    """Tell whether a fact has a row of its own."""
    return told.value is not None or told.topic != topics.VERDICTS_DECIDED.name
