"""`staydown reviews`: what waits for a person, and what a person decides."""

from typing import Annotated

from cyclopts import App, Parameter

from services.cli.notices import line_of as notice_line
from services.cli.options import HERE, NO_WAIT, AsJson, Rightsholder, Target, Upload, Waiting, Work
from services.cli.receipts import tell
from services.cli.sending import say_sent
from services.cli.terminal import say, show_table, shown_json, times, working
from services.cli.verdicts import line_of as verdict_line
from services.client import Staydown
from services.client.said import Said
from services.contracts.codec import encode
from services.contracts.decided import NoticeIssued, VerdictDecided, WorkReceipt
from services.contracts.objections import ReviewSubmitted, UploadReviewed, WorkReviewed

REVIEWS = App(name="reviews", help="See what waits for a person, and decide it.")
Answer = Annotated[
    ReviewSubmitted.Answer,
    Parameter("--decision", name_transform=str, help="Is it right? PROTECT: nobody may ever list this content."),
]
Reviewer = Annotated[str, Parameter(help="Id of who decides.")]
Note = Annotated[str, Parameter(help="Why, for the record.")]


@REVIEWS.command(name="list")
async def list_held(*, as_json: AsJson = False, target: Target = HERE) -> None:
    """Tell which uploads and registrations are held, with the ids that a review has to name.

    With --json one JSON object a line: the verdict, or the receipt.
    """
    with working("reading verdicts and receipts"):
        async with Staydown(target.bootstrap) as staydown:
            uploads, works = await staydown.held()
    if as_json:
        for each in (*uploads, *works):
            say(shown_json(encode(each).decode()))
        return
    if not uploads and not works:
        say("nothing is held")
    if uploads:
        show_table(("upload", "decision", "since", "why"), [_upload_row(each) for each in uploads])
    if uploads and works:
        say("")
    if works:
        show_table(("rightsholder", "work", "submission", "since", "why"), [_work_row(each) for each in works])


@REVIEWS.command(name="upload")
async def review_upload(
    upload: Upload,
    seen: Annotated[str, Parameter(help="Id of the decision that you saw; an answer to an older one is refused.")],
    *,
    decision: Answer,
    reviewer: Reviewer,
    note: Note = "",
    waiting: Waiting = NO_WAIT,
    target: Target = HERE,
) -> int:
    """Decide on a held upload: APPROVE, the match is right (BLOCKED); REJECT, it is not (CLEAR).

    PROTECT also counts for one that is blocked: nobody may ever claim these bytes.
    """
    return await _send(target, waiting, UploadReviewed(upload, seen), decision, reviewer, note=note)


@REVIEWS.command(name="work")
async def review_work(
    rightsholder: Rightsholder,
    work: Work,
    seen: Annotated[str, Parameter(help="Id of the held submission that you saw.")],
    *,
    decision: Answer,
    reviewer: Reviewer,
    note: Note = "",
    waiting: Waiting = NO_WAIT,
    target: Target = HERE,
) -> int:
    """Decide on a held registration: APPROVE lets it come into force, REJECT refuses it.

    PROTECT refuses it, and nobody may ever list its files.
    """
    return await _send(target, waiting, WorkReviewed(rightsholder, work, seen), decision, reviewer, note=note)


async def _send(
    target: Target,
    waiting: Waiting,
    seen: UploadReviewed | WorkReviewed,
    decision: ReviewSubmitted.Answer,
    reviewer: str,
    *,
    note: str,
) -> int:
    """Send a review, tell what comes of it if that is waited for, and return the exit code: 1 if it was refused."""
    async with Staydown(target.bootstrap) as staydown:
        pending = await staydown.review(seen, decision, reviewer, note)
        say_sent(pending.sent, review_id=pending.id)
        if not waiting.wait:
            return 0
        with working(f"waiting up to {waiting.timeout:g} s for what comes of it"):
            found = await pending.answers(waiting.timeout)
    for each in found:
        _tell(each)
    return int(any(isinstance(each.fact, NoticeIssued) for each in found))


def _tell(said: Said) -> None:
    match said.fact:
        case NoticeIssued():
            say(notice_line(said.fact))
        case WorkReceipt():
            tell(said.fact)
        case _:
            say(verdict_line(said.key, said.fact))


def _upload_row(verdict: VerdictDecided) -> tuple[str, str, str, list[str]]:
    works = [f"{work.work_id} of {work.rightsholder_id}" for work in verdict.works]
    why = [f"{', '.join(verdict.reasons)}: {verdict.explanation}", *works]
    return verdict.upload_id, verdict.decision_id, times(verdict.decided_at), why


def _work_row(receipt: WorkReceipt) -> tuple[str, str, str, str, str]:
    why = f"{', '.join(receipt.reasons)}: {receipt.copies_found} copies"
    return receipt.rightsholder_id, receipt.work_id, receipt.submission_id, times(receipt.decided_at), why
