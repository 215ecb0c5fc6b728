"""Looking up what was said about a work, from the beginning of the topics that say it."""

from services.client.following import following
from services.client.said import said
from services.client.standing import WorkStanding, add_up
from services.contracts.decided import TakedownIssued, WorkReceipt
from services.contracts.topics import TAKEDOWNS_ISSUED, WORKS_RECEIPTS


async def standing_of(bootstrap: str, rightsholder_id: str, work_id: str) -> WorkStanding:
    """Return how a work stands at present; as long as it takes to read all receipts and takedowns there are."""
    receipts: list[WorkReceipt] = []
    takedowns: list[TakedownIssued] = []
    topics = (WORKS_RECEIPTS.name, TAKEDOWNS_ISSUED.name)
    async with following(bootstrap, topics, from_beginning=True) as follower:
        async for record in follower.until_present_end():
            fact = said(record).fact
            if (fact.rightsholder_id, fact.work_id) != (rightsholder_id, work_id):
                continue
            if isinstance(fact, WorkReceipt):
                receipts.append(fact)
            else:
                takedowns.append(fact)
    return add_up(receipts, takedowns)
