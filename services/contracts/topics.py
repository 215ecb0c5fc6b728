"""The topics: who writes each, what its key and its records are, how long they are kept.

All keyed topics have one number of partitions and are partitioned by the key as the Java client does (murmur2).
Provisioning, dead letters, README's table and the check at start all follow from this list.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from services.contracts.decided import NoticeIssued, TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.inside import (
    ContentAdmitted,
    ContentCompared,
    ContentDivided,
    ContentMet,
    ContentRuled,
    CopyChanged,
    ListingApplied,
    ListingChanged,
    MatchFound,
    ReadRequested,
    ReferenceFingerprinted,
    ReferenceForgotten,
    ReferenceRead,
    ReferenceRequested,
    ResemblanceFound,
    UploadRead,
)
from services.contracts.malformed import MalformedError, refuse, salvage_work
from services.contracts.objections import DisputeSubmitted, ReviewSubmitted
from services.contracts.standing import StrikeIncurred, StrikesChanged
from services.contracts.submitted import RightsholderSubmitted, UploadDeleted, UploadSubmitted, WorkSubmitted

DAY_MS = 24 * 3600 * 1000


class Cleanup(StrEnum):
    """What becomes of old records."""

    DELETE = "delete"
    COMPACT = "compact"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as a first-class record.

    `key`: the path of the field that is the key, or several of which one is there. `fact`: the type of a record.
    `null`: the type of a record without a value, where that means something. `retention_ms`: how long a record is
    kept; it counts for DELETE alone. `salvage`: makes a fact of a malformed value, or raises its error again.
    `signed`: senders may sign its records.
    """

    name: str
    key: str
    fact: type
    writers: tuple[str, ...]
    says: str
    null: type | None = None
    public: bool = True
    cleanup: Cleanup = Cleanup.DELETE
    retention_ms: int = 7 * DAY_MS
    from_world: bool = False
    salvage: Callable[[bytes, MalformedError], object] = refuse
    signed: bool = False

    def __str__(self) -> str:
        return self.name


def _submitted(name: str, key: str, fact: type, writers: str, says: str, **more: object) -> Topic:
    return Topic(name, key, fact, tuple(writers.split(", ")), says, from_world=True, **more)  # type: ignore[arg-type]  # the same fields


def _inside(name: str, key: str, fact: type, writer: str, says: str) -> Topic:
    return Topic(name, key, fact, (writer,), says, public=False)


UPLOADS_SUBMITTED = _submitted(
    "uploads.submitted.v1",
    "upload_id",
    UploadSubmitted,
    "upload pipeline",
    "an upload to be scanned; a null value: its owner deleted it",
    null=UploadDeleted,
)
WORKS_SUBMITTED = _submitted(
    "works.submitted.v1",
    "rightsholder_id",
    WorkSubmitted,
    "rightsholder",
    "register, license, revoke, exclude or release a work; license or settle the whole catalogue",
    cleanup=Cleanup.KEEP,
    salvage=salvage_work,
    signed=True,
)
RIGHTSHOLDERS_SUBMITTED = _submitted(
    "rightsholders.submitted.v1",
    "rightsholder_id",
    RightsholderSubmitted,
    "legal team",
    "enrol, suspend, restore",
    cleanup=Cleanup.KEEP,
)
DISPUTES_SUBMITTED = _submitted(
    "disputes.submitted.v1",
    "upload_id",
    DisputeSubmitted,
    "uploader, rightsholder",
    "one step of a dispute",
    cleanup=Cleanup.KEEP,
)
REVIEWS_SUBMITTED = _submitted(
    "reviews.submitted.v1",
    "upload.upload_id or work.rightsholder_id",
    ReviewSubmitted,
    "trust-and-safety",
    "a person's answer to something held",
    cleanup=Cleanup.KEEP,
)
WORKS_RECEIPTS = Topic(
    "works.receipts.v1",
    "rightsholder_id",
    WorkReceipt,
    ("registry",),
    "the answer to a submission",
    cleanup=Cleanup.KEEP,
)
VERDICTS_DECIDED = Topic(
    "verdicts.decided.v1",
    "upload_id",
    VerdictDecided,
    ("enforcer",),
    "the present verdict on an upload, latest wins; null after its owner deleted it",
    cleanup=Cleanup.COMPACT,
)
TAKEDOWNS_ISSUED = Topic(
    "takedowns.issued.v1",
    "upload_id",
    TakedownIssued,
    ("enforcer",),
    "ISSUED or REINSTATED, with a statement of reasons",
    cleanup=Cleanup.KEEP,
)
NOTICES_ISSUED = Topic(
    "notices.issued.v1",
    "recipient.id",
    NoticeIssued,
    ("registry", "enforcer", "ledger"),
    "a message to an uploader, a community's managers, a rightsholder or a reviewer",
)
STRIKES_CHANGED = Topic(
    "strikes.changed.v1",
    "subject.id",
    StrikesChanged,
    ("ledger",),
    "present standing that is not the ordinary one",
    cleanup=Cleanup.COMPACT,
)
READS_REQUESTED = _inside("reads.requested.v1", "upload_id", ReadRequested, "enforcer", "read this upload again")
UPLOADS_READ = _inside("uploads.read.v1", "upload_id", UploadRead, "hasher", "what reading an upload found")
REFERENCES_REQUESTED = _inside(
    "references.requested.v1", "rightsholder_id", ReferenceRequested, "registry", "read this reference"
)
REFERENCES_READ = _inside(
    "references.read.v1", "rightsholder_id", ReferenceRead, "hasher", "what reading a reference found"
)
COPIES_CHANGED = _inside(
    "copies.changed.v1", "digest", CopyChanged, "enforcer", "an upload has these bytes, or has them no longer"
)
LISTINGS_CHANGED = _inside(
    "listings.changed.v1", "digest", ListingChanged, "registry", "a work lists these bytes, or lists them no longer"
)
LISTINGS_APPLIED = _inside(
    "listings.applied.v1", "rightsholder_id", ListingApplied, "matcher", "what became of a listing"
)
CONTENTS_ADMITTED = _inside(
    "contents.admitted.v1", "digest", ContentAdmitted, "matcher", "bytes are there to be compared, or there no longer"
)
REFERENCES_FINGERPRINTED = Topic(
    "references.fingerprinted.v1",
    "fingerprint_id",
    ReferenceFingerprinted,
    ("registry",),
    "the sample of a reference in force; a null value: it is in force no longer",
    null=ReferenceForgotten,
    public=False,
    cleanup=Cleanup.COMPACT,
)
CONTENTS_DIVIDED = _inside(
    "contents.divided.v1", "digest", ContentDivided, "recogniser", "what a part of the index has of these bytes' chunks"
)
CONTENTS_MET = _inside(
    "contents.met.v1", "digest", ContentMet, "recogniser", "what these bytes share with references, in one part"
)
CONTENTS_COMPARED = _inside(
    "contents.compared.v1", "digest", ContentCompared, "recogniser", "which references these bytes resemble"
)
RESEMBLANCES_FOUND = _inside(
    "resemblances.found.v1", "rightsholder_id", ResemblanceFound, "matcher", "bytes resemble a reference"
)
MATCHES_FOUND = _inside(
    "matches.found.v1", "upload_id", MatchFound, "matcher", "the listings in force on an upload that has come"
)
MATCHES_REVISED = _inside(
    "matches.revised.v1", "upload_id", MatchFound, "matcher", "the listings in force on an upload that was there"
)
CONTENTS_RULED = _inside(
    "contents.ruled.v1", "digest", ContentRuled, "enforcer", "nobody may list these bytes, or one work may not"
)
STRIKES_INCURRED = _inside(
    "strikes.incurred.v1", "subject.id", StrikeIncurred, "enforcer", "a takedown stands, or stands no longer"
)

TOPICS: tuple[Topic, ...] = (
    UPLOADS_SUBMITTED,
    WORKS_SUBMITTED,
    RIGHTSHOLDERS_SUBMITTED,
    DISPUTES_SUBMITTED,
    REVIEWS_SUBMITTED,
    WORKS_RECEIPTS,
    VERDICTS_DECIDED,
    TAKEDOWNS_ISSUED,
    NOTICES_ISSUED,
    STRIKES_CHANGED,
    READS_REQUESTED,
    UPLOADS_READ,
    REFERENCES_REQUESTED,
    REFERENCES_READ,
    COPIES_CHANGED,
    LISTINGS_CHANGED,
    LISTINGS_APPLIED,
    CONTENTS_ADMITTED,
    REFERENCES_FINGERPRINTED,
    CONTENTS_DIVIDED,
    CONTENTS_MET,
    CONTENTS_COMPARED,
    RESEMBLANCES_FOUND,
    MATCHES_FOUND,
    MATCHES_REVISED,
    CONTENTS_RULED,
    STRIKES_INCURRED,
)


def dead_letters(topic: str, service: str) -> str:
    """Return the name of the topic that takes what `service` could not decode from `topic`."""
    return f"{topic}.{service}.dead"


def changelog(service: str) -> str:
    """Return the name of the compacted topic that holds the state of `service`."""
    return f"{service}.state"
