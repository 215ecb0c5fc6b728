"""Sending a works submission and telling its receipts as they come."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from services.cli.options import Submitting, Target
from services.cli.sending import say_sent
from services.cli.terminal import say, shown, working
from services.client.answers import receipts_of
from services.client.following import following
from services.client.keys import read_signing_key
from services.client.submitting import sending
from services.contracts.decided import WorkReceipt
from services.contracts.submitted import WorkSubmitted
from services.contracts.topics import WORKS_RECEIPTS, WORKS_SUBMITTED

Status = WorkReceipt.Status


async def submit_action(target: Target, how: Submitting, work: tuple[str, str], **action: Any) -> int:
    """Send one action on a work, told by its rightsholder and name, print each receipt, and return the exit code.

    Without a name it is an action on everything that the rightsholder holds.
    """
    fact = WorkSubmitted(work[0], how.submission or str(uuid4()), work[1], datetime.now(UTC), **action)
    return await submit(fact, target.bootstrap, how.timeout, how.key)


async def submit(fact: WorkSubmitted, bootstrap: str, seconds: float, key: Path | None = None) -> int:
    """Send it, signed by the key in a file, print each receipt, and return the exit code: 0 unless it was refused."""
    signing_key = None if key is None else read_signing_key(key)
    async with following(bootstrap, (WORKS_RECEIPTS.name,)) as follower, sending(bootstrap) as sender:
        sent = await sender.send(WORKS_SUBMITTED, fact.rightsholder_id, fact, signing_key)
        started = time.monotonic()
        about = {"work_id": fact.work_id} if fact.work_id else {}
        say_sent(sent, rightsholder_id=fact.rightsholder_id, **about, submission_id=fact.submission_id)
        refused = False
        with working(f"waiting up to {seconds:g} s for the receipt"):
            async for receipt in receipts_of(follower, fact, seconds):
                tell(receipt, time.monotonic() - started)
                refused = refused or receipt.status is Status.REJECTED
    return int(refused)


def tell(receipt: WorkReceipt, seconds: float | None = None) -> None:
    """Print a receipt: what became of the submission, after how long, what is wrong with it and how to cure it."""
    head = receipt.status if seconds is None else f"{receipt.status:<10} after {seconds:.2f} s"
    say(f"{head}: {_meaning(receipt)}")
    for problem in receipt.problems:
        where = f" at {shown(problem.field)}" if problem.field else ""
        say(f"           {problem.reason}{where}: {shown(problem.cure)}")


_MEANING = {
    Status.ACCEPTED: "in force from now on",
    Status.CONFLICTED: "somebody else lists the same bytes; both stand, both are told",
    Status.RELEASED: "what was taken down for it comes back",
    Status.LICENSED: "the licence holds from now on",
    Status.REVOKED: "the licence has ended",
    Status.EXCLUDED: "that part counts no more",
    Status.REJECTED: "nothing was changed",
}


def _meaning(receipt: WorkReceipt) -> str:
    copies = "1 copy" if receipt.copies_found == 1 else f"{receipt.copies_found or 'no'} copies"
    if receipt.status is Status.ENFORCED:
        passed_on = ", passed on to be taken down" if receipt.copies_found else ""
        return f"{copies} found of what was there before{passed_on}"
    if receipt.status is Status.HELD:
        return f"{copies} found; no effect on anybody until a person approves it"
    if receipt.status is Status.RELEASED and not receipt.work_id:
        return "what was taken down for any work of theirs comes back"
    return _MEANING[receipt.status]
