"""Sending a works submission and telling its receipts as they come."""

import time

from services.cli.sending import say_sent
from services.cli.terminal import say, shown, working
from services.client.answers import receipts_of
from services.client.following import following
from services.client.submitting import sending
from services.contracts.decided import WorkReceipt
from services.contracts.submitted import WorkSubmitted
from services.contracts.topics import WORKS_RECEIPTS, WORKS_SUBMITTED

Status = WorkReceipt.Status


async def submit(fact: WorkSubmitted, bootstrap: str, seconds: float) -> int:
    """Send it, print each receipt, and return the exit code: 0 unless it was refused."""
    async with following(bootstrap, (WORKS_RECEIPTS.name,)) as follower, sending(bootstrap) as sender:
        sent = await sender.send(WORKS_SUBMITTED, fact.rightsholder_id, fact)
        started = time.monotonic()
        ids = {"rightsholder_id": fact.rightsholder_id, "work_id": fact.work_id, "submission_id": fact.submission_id}
        say_sent(sent, **ids)
        refused = False
        with working(f"waiting up to {seconds:g} s for the receipt"):
            async for receipt in receipts_of(follower, fact.submission_id, seconds):
                _tell(receipt, time.monotonic() - started)
                refused = refused or receipt.status is Status.REJECTED
    return int(refused)


def _tell(receipt: WorkReceipt, seconds: float) -> None:
    say(f"{receipt.status:<10} after {seconds:.2f} s{_meaning(receipt)}")
    for problem in receipt.problems:
        where = f" at {shown(problem.field)}" if problem.field else ""
        say(f"           {problem.reason}{where}: {shown(problem.cure)}")


def _meaning(receipt: WorkReceipt) -> str:
    match receipt.status:
        case Status.ACCEPTED:
            return ": in force from now on"
        case Status.ENFORCED:
            copies = "1 copy" if receipt.copies_found == 1 else f"{receipt.copies_found or 'no'} copies"
            return f": {copies} found that were there, and passed on to be taken down"
        case Status.CONFLICTED:
            return ": somebody else lists the same bytes; both stand, both are told"
        case Status.RELEASED:
            return ": what was taken down for it comes back"
        case Status.REJECTED:
            return ": nothing was changed"
