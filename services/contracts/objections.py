"""What people say to a decision: the facts of disputes.submitted and reviews.submitted (CONTRACT: `proto/`)."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from services.contracts.types import Id, OptionalId, Text, Timestamp

Said = Annotated[str, Meta(min_length=1, max_length=16_384)]
"""Free text that must be there."""


class Dispute(Struct, frozen=True):
    """The uploader objects to a takedown."""

    class Ground(StrEnum):
        """Why it is said to be wrong."""

        MISIDENTIFIED = "MISIDENTIFIED"
        LICENSED = "LICENSED"
        PUBLIC_DOMAIN = "PUBLIC_DOMAIN"
        OWN_WORK = "OWN_WORK"
        EXCEPTION = "EXCEPTION"

    ground: Ground
    statement: Said


class CounterNotice(Struct, frozen=True):
    """The uploader answers for it by name, and the claimant has to go to court (17 U.S.C. 512(g)(3))."""

    statement: Said
    name: Said
    address: Said
    signed_by: Said
    consent_to_jurisdiction: bool = False


class Uphold(Struct, frozen=True):
    """The claimant stands by the claim."""

    rightsholder_id: Id
    statement: Text = ""


class GiveUp(Struct, frozen=True):
    """The claimant gives the claim up for this upload; `release` in a dispute."""

    rightsholder_id: Id


class CourtAction(Struct, frozen=True):
    """The claimant shows that they have gone to court (17 U.S.C. 512(g)(2)(C))."""

    rightsholder_id: Id
    evidence_uri: Annotated[str, Meta(min_length=1, max_length=8192)]


class Withdraw(Struct, frozen=True):
    """The uploader withdraws the dispute."""


class DisputeSubmitted(Struct, frozen=True):
    """One step of a dispute: exactly one of the steps is there. Without a takedown_id it is about all on the upload."""

    upload_id: Id
    dispute_id: Id
    takedown_id: OptionalId = ""
    submitted_at: Timestamp | None = None
    dispute: Dispute | None = None
    counter_notice: CounterNotice | None = None
    uphold: Uphold | None = None
    release: GiveUp | None = None
    court_action: CourtAction | None = None
    withdraw: Withdraw | None = None

    def __post_init__(self) -> None:
        if sum(step is not None for step in self.steps) != 1:
            raise ValueError("exactly one of dispute, counter_notice, uphold, release, court_action, withdraw")

    @property
    def steps(self) -> tuple[object | None, ...]:
        """Every step that there could be."""
        claimant = (self.uphold, self.release, self.court_action)
        return (self.dispute, self.counter_notice, *claimant, self.withdraw)


class UploadReviewed(Struct, frozen=True):
    """What a reviewer of an upload saw: the decision."""

    upload_id: Id
    decision_id: Id


class WorkReviewed(Struct, frozen=True):
    """What a reviewer of a registration saw: the submission."""

    rightsholder_id: Id
    work_id: Id
    submission_id: Id


class ReviewSubmitted(Struct, frozen=True):
    """A person's answer about something held: exactly one of `upload` and `work` is there."""

    class Answer(StrEnum):
        """APPROVE: the match, or the registration, is right. REJECT: it is not. PROTECT: nobody may ever list this."""

        APPROVE = "APPROVE"
        REJECT = "REJECT"
        PROTECT = "PROTECT"

    review_id: Id
    reviewer_id: Id
    decision: Answer
    upload: UploadReviewed | None = None
    work: WorkReviewed | None = None
    note: Text = ""
    submitted_at: Timestamp | None = None

    def __post_init__(self) -> None:
        if (self.upload is None) == (self.work is None):
            raise ValueError("exactly one of upload and work must be there")

    @property
    def subject_id(self) -> str:
        """The key: the upload, or the rightsholder of the work."""
        if self.upload is not None:
            return self.upload.upload_id
        assert self.work is not None, "checked when it was made"  # noqa: S101  # an invariant
        return self.work.rightsholder_id
