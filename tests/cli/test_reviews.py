"""What answers a review, decided without any Kafka."""

import pytest

from services.client.reviewing import answers_review
from services.client.said import Said
from services.contracts.decided import Recipient, VerdictDecided, WorkReceipt
from services.contracts.objections import ReviewSubmitted, UploadReviewed, WorkReviewed
from services.contracts.topics import NOTICES_ISSUED, VERDICTS_DECIDED, WORKS_RECEIPTS, Topic
from tests.cli.facts import TIME, notice, receipt, verdict

APPROVE = ReviewSubmitted.Answer.APPROVE
OF_UPLOAD = ReviewSubmitted("r", "ann", APPROVE, upload=UploadReviewed("u", "seen"))
OF_WORK = ReviewSubmitted("r", "ann", APPROVE, work=WorkReviewed("a", "w", "s"))
PLATFORM = Recipient.Kind.PLATFORM


def said(topic: Topic, key: str, fact: object | None) -> Said:
    """Return something that was said."""
    return Said(topic, key, fact, TIME)


def decided(upload: str, decision: str) -> Said:
    """Return a verdict of this name."""
    return said(VERDICTS_DECIDED, upload, verdict(upload, VerdictDecided.Verdict.BLOCKED, decision_id=decision))


def told(to: str, **about: str) -> Said:
    """Return a notice to a reviewer."""
    return said(NOTICES_ISSUED, to, notice(PLATFORM, to, **about))


ACCEPTED = WorkReceipt.Status.ACCEPTED
ANSWERS = {
    "another decision": (OF_UPLOAD, decided("u", "2"), True),
    "the decision that was seen": (OF_UPLOAD, decided("u", "seen"), False),
    "a decision on another upload": (OF_UPLOAD, decided("v", "2"), False),
    "a deletion": (OF_UPLOAD, said(VERDICTS_DECIDED, "u", None), True),
    "a refusal": (OF_UPLOAD, told("ann", upload_id="u"), True),
    "a refusal to another reviewer": (OF_UPLOAD, told("eve", upload_id="u"), False),
    "a refusal about another upload": (OF_UPLOAD, told("ann", upload_id="v"), False),
    "its receipt": (OF_WORK, said(WORKS_RECEIPTS, "a", receipt(ACCEPTED)), True),
    "another submission's receipt": (OF_WORK, said(WORKS_RECEIPTS, "a", receipt(ACCEPTED, "2")), False),
    "another rightsholder's receipt": (
        OF_WORK,
        said(WORKS_RECEIPTS, "b", receipt(ACCEPTED, rightsholder_id="b")),
        False,
    ),
    "a refusal about the work": (OF_WORK, told("ann", rightsholder_id="a", work_id="w"), True),
    "a verdict": (OF_WORK, decided("u", "2"), False),
}


@pytest.mark.parametrize(("review", "answer", "is_answer"), ANSWERS.values(), ids=ANSWERS)
def test_a_review_is_answered_by_a_decision_a_receipt_or_a_refusal(
    review: ReviewSubmitted, answer: Said, is_answer: bool
) -> None:
    """Whatever else is said meanwhile, also about the same rightsholder or to another reviewer, is no answer."""
    assert answers_review(review, answer) is is_answer
