"""From any record to its entry. Pure."""

from collections.abc import Callable, Mapping
from types import MappingProxyType, NoneType
from typing import Any

from services.archivist.entries import Entry, Recorded
from services.archivist.people import of_dispute_step, of_notice, of_review, of_standing
from services.archivist.uploads import of_deletion, of_submission, of_takedown, of_verdict, of_verdict_taken_back
from services.archivist.works import of_receipt, of_rightsholder_step, of_work_submission
from services.contracts.decided import NoticeIssued, TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.objections import DisputeSubmitted, ReviewSubmitted
from services.contracts.standing import StrikesChanged
from services.contracts.submitted import (
    RightsholderSubmitted,
    UploadDeleted,
    UploadSubmitted,
    WorkSubmitted,
    WorkUnreadable,
)

ENTERED: Mapping[type, Callable[[Recorded, Any], Entry]] = MappingProxyType(
    {
        UploadSubmitted: of_submission,
        UploadDeleted: of_deletion,
        WorkSubmitted: of_work_submission,
        WorkUnreadable: of_work_submission,
        RightsholderSubmitted: of_rightsholder_step,
        DisputeSubmitted: of_dispute_step,
        ReviewSubmitted: of_review,
        WorkReceipt: of_receipt,
        VerdictDecided: of_verdict,
        NoneType: of_verdict_taken_back,
        TakedownIssued: of_takedown,
        NoticeIssued: of_notice,
        StrikesChanged: of_standing,
    }
)
"""How each fact of a public topic is entered; None is a verdict that was taken back."""


def enter(record: Recorded) -> Entry:
    """Return the entry of a record of a public topic."""
    return ENTERED[type(record.fact)](record, record.fact)
