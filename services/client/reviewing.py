"""What comes of a review. Pure."""

from services.client.said import Said
from services.contracts.decided import NoticeIssued, VerdictDecided, WorkReceipt
from services.contracts.objections import ReviewSubmitted


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
