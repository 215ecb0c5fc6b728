"""What Staydown says to the world: the facts of the public output topics (CONTRACT: `proto/staydown/v1`).

Structs, since a takedown is made of seven of them, and a dataclass takes ten times as long to make.
"""

from enum import StrEnum

from msgspec import Struct

from services.contracts.types import Content, Timestamp


class WorkRef(Struct, frozen=True):
    """A work, by its rightsholder and name."""

    rightsholder_id: str
    work_id: str


class Problem(Struct, frozen=True):
    """One thing that is wrong with a submission, where it stands and how to cure it."""

    reason: "WorkReceipt.Reason"
    field: str
    cure: str


class WorkReceipt(Struct, frozen=True):
    """The answer to a works submission. One final status each; HELD may precede, CONFLICTED and ENFORCED follow."""

    class Status(StrEnum):
        """What became of the submission."""

        ACCEPTED = "ACCEPTED"
        REJECTED = "REJECTED"
        RELEASED = "RELEASED"
        CONFLICTED = "CONFLICTED"
        ENFORCED = "ENFORCED"
        HELD = "HELD"
        LICENSED = "LICENSED"
        REVOKED = "REVOKED"
        EXCLUDED = "EXCLUDED"

    class Reason(StrEnum):
        """Why a submission was refused, or is held."""

        UNKNOWN_RIGHTSHOLDER = "UNKNOWN_RIGHTSHOLDER"
        SUSPENDED = "SUSPENDED"
        BAD_SIGNATURE = "BAD_SIGNATURE"
        MISSING_DOCUMENT = "MISSING_DOCUMENT"
        MISSING_ATTESTATION = "MISSING_ATTESTATION"
        NOT_EXCLUSIVE = "NOT_EXCLUSIVE"
        NO_REFERENCE = "NO_REFERENCE"
        UNREADABLE_REFERENCE = "UNREADABLE_REFERENCE"
        OVERLAPPING_CLAIM = "OVERLAPPING_CLAIM"
        TOO_MANY_PENDING = "TOO_MANY_PENDING"
        UNKNOWN_WORK = "UNKNOWN_WORK"
        SUPERSEDED = "SUPERSEDED"
        DUPLICATE_SUBMISSION = "DUPLICATE_SUBMISSION"
        INVALID_FIELD = "INVALID_FIELD"
        REPLAYED = "REPLAYED"
        PROTECTED_CONTENT = "PROTECTED_CONTENT"
        TOO_MANY_COPIES = "TOO_MANY_COPIES"
        UNKNOWN_LICENSE = "UNKNOWN_LICENSE"

    rightsholder_id: str
    work_id: str
    submission_id: str
    status: Status
    reasons: tuple[Reason, ...]
    problems: tuple[Problem, ...]
    copies_found: int
    received_at: Timestamp
    decided_at: Timestamp


class Evidence(Struct, frozen=True):
    """Where an upload resembles a reference; for identical bytes the whole of both, with score 1.

    What is compared by its bytes has its places in bytes, and what is compared by what it plays in milliseconds.
    """

    rightsholder_id: str
    work_id: str
    reference_id: str
    scan: "VerdictDecided.Scan"
    score: float
    upload_start_ms: int = 0
    upload_end_ms: int = 0
    reference_start_ms: int = 0
    reference_end_ms: int = 0
    upload_start_bytes: int = 0
    upload_end_bytes: int = 0
    reference_start_bytes: int = 0
    reference_end_bytes: int = 0


class VerdictDecided(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The present verdict on an upload; the latest revision wins."""

    class Verdict(StrEnum):
        """What the platform is to do with the upload."""

        CLEAR = "CLEAR"
        BLOCKED = "BLOCKED"
        HELD = "HELD"
        UNSCANNED = "UNSCANNED"

    class Reason(StrEnum):
        """Why."""

        IDENTICAL = "IDENTICAL"
        SIMILAR = "SIMILAR"
        NOT_ALLOWED = "NOT_ALLOWED"
        UNSUPPORTED_SCHEME = "UNSUPPORTED_SCHEME"
        NOT_FOUND = "NOT_FOUND"
        NOT_A_FILE = "NOT_A_FILE"
        EMPTY = "EMPTY"
        CHANGED = "CHANGED"
        TOO_LARGE = "TOO_LARGE"
        TIMED_OUT = "TIMED_OUT"
        UNREACHABLE = "UNREACHABLE"
        RELEASED = "RELEASED"
        SETTLED = "SETTLED"
        NO_MATCH = "NO_MATCH"
        REVIEW_POLICY = "REVIEW_POLICY"
        CONTRADICTION = "CONTRADICTION"
        STANDING = "STANDING"
        PENDING_REVIEW = "PENDING_REVIEW"
        LICENSED = "LICENSED"
        DISPUTE_WON = "DISPUTE_WON"
        OUTSIDE_TERRITORY = "OUTSIDE_TERRITORY"
        EXCERPT_ALLOWED = "EXCERPT_ALLOWED"
        OWN_ACCOUNT = "OWN_ACCOUNT"
        PROTECTED_CONTENT = "PROTECTED_CONTENT"

    class Scan(StrEnum):
        """What the bytes were compared by."""

        BYTES = "BYTES"

    upload_id: str
    verdict: Verdict
    decision_id: str
    revision: int
    submission: int
    content: Content | None = None
    complete: bool
    scans: tuple[Scan, ...]
    reasons: tuple[Reason, ...]
    works: tuple[WorkRef, ...]
    work_ids: tuple[str, ...]
    blocked_territories: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    explanation: str
    submitted_at: Timestamp | None = None
    decided_at: Timestamp


class StatementOfReasons(Struct, frozen=True):
    """Why an upload was taken down or came back, and the way to object (DSA Article 17)."""

    facts: str
    ground: str
    automated_detection: bool
    automated_decision: bool
    redress: str
    redress_until: Timestamp


class TakedownIssued(Struct, frozen=True):
    """An upload came down for a work, or came back; the two alternate per submission of the upload and work."""

    class Status(StrEnum):
        """Down or back."""

        ISSUED = "ISSUED"
        REINSTATED = "REINSTATED"

    class Basis(StrEnum):
        """NOTICE: the upload was there first. STAYDOWN: the listing was."""

        NOTICE = "NOTICE"
        STAYDOWN = "STAYDOWN"

    takedown_id: str
    upload_id: str
    status: Status
    basis: Basis
    scan: VerdictDecided.Scan
    work_id: str
    rightsholder_id: str
    uploader_id: str
    community_id: str
    territories: tuple[str, ...]
    statement_of_reasons: StatementOfReasons
    decided_at: Timestamp


class Recipient(Struct, frozen=True):
    """Who a notice is for."""

    class Kind(StrEnum):
        """What the id names."""

        UPLOADER = "UPLOADER"
        COMMUNITY = "COMMUNITY"
        RIGHTSHOLDER = "RIGHTSHOLDER"
        PLATFORM = "PLATFORM"

    kind: Kind
    id: str


class Subject(Struct, frozen=True):
    """What a notice is about; what does not apply is empty."""

    upload_id: str = ""
    rightsholder_id: str = ""
    work_id: str = ""
    takedown_id: str = ""
    dispute_id: str = ""


class NoticeIssued(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A message to a person; one per recipient and cause."""

    notice_id: str
    recipient: Recipient
    about: Subject
    subject: str
    text: str
    respond_until: Timestamp | None = None
    issued_at: Timestamp
