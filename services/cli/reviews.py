"""`staydown reviews`: what waits for a person, and what a person decides."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

from cyclopts import App, Parameter

from services.cli.notices import line_of as notice_line
from services.cli.options import HERE, NO_WAIT, AsJson, Rightsholder, Target, Upload, Waiting, Work
from services.cli.receipts import tell
from services.cli.sending import say_sent
from services.cli.terminal import say, show_table, shown_json, times, working
from services.cli.verdicts import line_of as verdict_line
from services.client.answers import answers
from services.client.following import following
from services.client.held import held_now
from services.client.said import Said
from services.client.submitting import sending
from services.contracts.codec import encode
from services.contracts.decided import NoticeIssued, VerdictDecided, WorkReceipt
from services.contracts.objections import ReviewSubmitted, UploadReviewed, WorkReviewed
from services.contracts.topics import NOTICES_ISSUED, REVIEWS_SUBMITTED, VERDICTS_DECIDED, WORKS_RECEIPTS

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
        uploads, works = await held_now(target.bootstrap)
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
    review = _review(reviewer, decision, note, upload=UploadReviewed(upload, seen))
    return await _send(target, review, waiting.seconds)


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
    review = _review(reviewer, decision, note, work=WorkReviewed(rightsholder, work, seen))
    return await _send(target, review, waiting.seconds)


def _review(
    reviewer: str,
    decision: ReviewSubmitted.Answer,
    note: str,
    upload: UploadReviewed | None = None,
    work: WorkReviewed | None = None,
) -> ReviewSubmitted:
    return ReviewSubmitted(str(uuid4()), reviewer, decision, upload, work, note, datetime.now(UTC))


async def _send(target: Target, review: ReviewSubmitted, seconds: float | None) -> int:
    """Send a review, tell what comes of it if that is waited for, and return the exit code: 1 if it was refused."""
    topics = (VERDICTS_DECIDED.name, WORKS_RECEIPTS.name, NOTICES_ISSUED.name)
    async with following(target.bootstrap, topics) as follower, sending(target.bootstrap) as sender:
        sent = await sender.send(REVIEWS_SUBMITTED, review.subject_id, review)
        say_sent(sent, review_id=review.review_id)
        if seconds is None:
            return 0
        with working(f"waiting up to {seconds:g} s for what comes of it"):
            found = await answers(follower, lambda each: answers_review(review, each), seconds)
    for each in found:
        _tell(each)
    return int(any(isinstance(each.fact, NoticeIssued) for each in found))


def answers_review(review: ReviewSubmitted, said: Said) -> bool:
    """Tell whether this is what came of a review: another decision, a receipt, or a notice that refuses it."""
    upload, work, fact = review.upload, review.work, said.fact
    match fact:
        case VerdictDecided():
            return upload is not None and said.key == upload.upload_id and fact.decision_id != upload.decision_id
        case WorkReceipt():
            asked = None if work is None else (work.rightsholder_id, work.submission_id)
            return (fact.rightsholder_id, fact.submission_id) == asked
        case NoticeIssued():
            return _refuses(review, fact)
        case _:
            return upload is not None and said.key == upload.upload_id


def _refuses(review: ReviewSubmitted, notice: NoticeIssued) -> bool:
    about = notice.about
    if notice.recipient.id != review.reviewer_id:
        return False
    if review.upload is not None:
        return about.upload_id == review.upload.upload_id
    work = review.work
    return work is not None and (about.rightsholder_id, about.work_id) == (work.rightsholder_id, work.work_id)


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
