"""`staydown receipts`, and sending a works submission and telling its receipts as they come."""

import time
from typing import Annotated

from cyclopts import App, Parameter

from services.cli.options import HERE, AsJson, FromBeginning, Limit, Submitting, Target
from services.cli.sending import say_sent
from services.cli.terminal import say, shown, working
from services.cli.watching import watch as watch_topic
from services.client import Staydown
from services.client.errors import why_refused
from services.client.said import Said
from services.client.steps import Action
from services.contracts.decided import WorkReceipt
from services.contracts.topics import WORKS_RECEIPTS

Status = WorkReceipt.Status

RECEIPTS = App(name="receipts", help="Follow the answers to what rightsholders submit.")


async def submit_action(target: Target, how: Submitting, work: tuple[str, str], action: Action) -> int:
    """Submit an action on a work, told by its rightsholder and name, print each receipt, and return the exit code.

    Without a name it is an action on everything that the rightsholder holds. The code is 0 unless it was refused.
    """
    refused = False
    async with Staydown(target.bootstrap, key=how.key) as staydown:
        pending = await staydown.act(*work, action, how.submission)
        started = time.monotonic()
        about = {"work_id": pending.fact.work_id} if pending.fact.work_id else {}
        say_sent(pending.sent, rightsholder_id=work[0], **about, submission_id=pending.fact.submission_id)
        with working(f"waiting up to {how.timeout:g} s for the receipt"):
            async for receipt in pending.receipts(how.timeout):
                tell(receipt, time.monotonic() - started)
                refused = refused or receipt.status is Status.REJECTED
    return int(refused)


@RECEIPTS.command
async def watch(
    *,
    rightsholder: Annotated[str | None, Parameter(help="Only of this rightsholder.")] = None,
    work: Annotated[str | None, Parameter(help="Only of this work.")] = None,
    from_beginning: FromBeginning = False,
    limit: Limit = None,
    as_json: AsJson = False,
    target: Target = HERE,
) -> None:
    """Print each receipt: what became of a submission, and how a refusal is cured; with --json one object a line."""

    def concerns(each: Said) -> bool:
        return rightsholder in (None, each.key) and work in (None, each.fact.work_id)

    await watch_topic(
        target.bootstrap,
        WORKS_RECEIPTS,
        concerns,
        lambda each: line_of(each.fact),
        from_beginning=from_beginning,
        limit=limit,
        as_json=as_json,
    )


def line_of(receipt: WorkReceipt) -> str:
    """Return a receipt as one line: what, of which submission, what it means, and how a refusal is cured."""
    of = f"{receipt.work_id} of {receipt.rightsholder_id}" if receipt.work_id else receipt.rightsholder_id
    why = why_refused(receipt) if receipt.reasons else _meaning(receipt)
    return f"{receipt.status:<10} {shown(f'{of}, {receipt.submission_id}: {why}')}"


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
