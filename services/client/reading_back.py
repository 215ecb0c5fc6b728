"""Looking up what was said, from the beginning of the topics that say it: as long as it takes to read all of it."""

from collections.abc import AsyncIterator

from services.client.following import following
from services.client.said import Said, said, said_by_anybody
from services.client.standing import WorkStanding, add_up
from services.contracts.decided import TakedownIssued, WorkReceipt
from services.contracts.submitted import WorkSubmitted
from services.contracts.topics import TAKEDOWNS_ISSUED, TOPICS, WORKS_RECEIPTS, WORKS_SUBMITTED, Topic

_FROM_WORLD = frozenset(topic.name for topic in TOPICS if topic.from_world)


async def all_said(bootstrap: str, *topics: Topic) -> AsyncIterator[Said]:
    """Give everything that was said up to now, each partition in its order; what outsiders garbled is left out."""
    async with following(bootstrap, [topic.name for topic in topics], from_beginning=True) as follower:
        async for record in follower.until_present_end():
            found = said_by_anybody(record) if record.topic in _FROM_WORLD else said(record)
            if found is not None:
                yield found


async def standing_of(bootstrap: str, rightsholder_id: str, work_id: str) -> WorkStanding:
    """Return how a work stands at present."""
    receipts: list[WorkReceipt] = []
    submissions: list[WorkSubmitted] = []
    takedowns: list[TakedownIssued] = []
    async for each in all_said(bootstrap, WORKS_SUBMITTED, WORKS_RECEIPTS, TAKEDOWNS_ISSUED):
        fact = each.fact
        if isinstance(fact, TakedownIssued):
            if (fact.rightsholder_id, fact.work_id) == (rightsholder_id, work_id):
                takedowns.append(fact)
        elif each.key == rightsholder_id and fact.work_id in (work_id, ""):
            if isinstance(fact, WorkReceipt):
                receipts.append(fact)
            elif isinstance(fact, WorkSubmitted):
                submissions.append(fact)
    return add_up(receipts, takedowns, submissions)
