"""What the world says to Staydown: the facts of the public input topics (CONTRACT: `proto/staydown/v1`)."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, json

from services.contracts.types import Content, Count, Id, OptionalId, Text, Timestamp

Territory = Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")]
"""ISO 3166-1 alpha-2."""

Territories = Annotated[tuple[Territory, ...], Meta(max_length=300)]
"""ISO 3166-1 has some 250 of them."""


class UploadSubmitted(Struct, frozen=True):
    """An upload to be scanned. `submitted_at` is for display; the record's offset is what counts."""

    upload_id: Id
    uploader_id: Id
    uri: Annotated[str, Meta(min_length=1, max_length=8192)]
    community_id: OptionalId = ""
    media_type: OptionalId = ""
    size_bytes: Count = 0
    title: Text = ""
    artist: Text = ""
    territories: Territories = ()
    submitted_at: Timestamp | None = None
    content: Content | None = None


class UploadDeleted(Struct, frozen=True):
    """The upload's owner deleted it: a record with a null value."""


class Reference(Struct, frozen=True):
    """A file of the work: either a place to read it from or the identity of its bytes."""

    reference_id: Id
    uri: Annotated[str, Meta(max_length=8192)] = ""
    content: Content | None = None
    media_type: Text = ""


class Policy(Struct, frozen=True):
    """What is to happen to copies of the work."""

    class Action(StrEnum):
        """What to do with a match."""

        BLOCK = "BLOCK"
        REVIEW = "REVIEW"
        TRACK = "TRACK"

    action: Action = Action.BLOCK
    territories: Territories = ()
    excerpt_ms_max: Count = 0
    urgent: bool = False


class Document(Struct, frozen=True):
    """A paper that shows the right: recorded, not fetched."""

    kind: Text = ""
    uri: Text = ""
    blake3: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?\Z")] = ""


class Attestation(Struct, frozen=True):
    """What the rightsholder declares by signing."""

    exclusive: bool = False
    accurate: bool = False
    good_faith: bool = False
    signed_by: Text = ""


class Register(Struct, frozen=True):
    """The work, its references and the right to it; replaces an earlier registration of the same work."""

    title: Annotated[str, Meta(min_length=1, max_length=16_384)]
    artists: tuple[Text, ...] = ()
    isrc: Text = ""
    identifiers: tuple[Text, ...] = ()
    references: Annotated[tuple[Reference, ...], Meta(max_length=64)] = ()
    policy: Policy | None = None
    documents: Annotated[tuple[Document, ...], Meta(max_length=64)] = ()
    attestation: Attestation | None = None
    valid_from: Timestamp | None = None
    valid_until: Timestamp | None = None


class Release(Struct, frozen=True):
    """What was taken down for the work comes back."""

    class Reason(StrEnum):
        """Why a rightsholder gives a work free."""

        WITHDRAWN = "WITHDRAWN"
        SETTLED = "SETTLED"
        MISTAKE = "MISTAKE"
        EXPIRED = "EXPIRED"

    reason: Reason


class Licensee(Struct, frozen=True):
    """Who may show it: exactly one of an uploader, a community and the whole platform."""

    uploader_id: OptionalId = ""
    community_id: OptionalId = ""
    platform: bool = False


class License(Struct, frozen=True):
    """Somebody may show the work, or with `license_catalogue` every work that its rightsholder holds now or later."""

    class Use(StrEnum):
        """How much of it."""

        FULL = "FULL"
        EXCERPT = "EXCERPT"

    license_id: Id
    licensee: Licensee
    territories: Territories = ()
    use: Use = Use.FULL
    excerpt_ms_max: Count = 0
    valid_from: Timestamp | None = None
    valid_until: Timestamp | None = None


class Revoke(Struct, frozen=True):
    """A licence ends: of the work, or without a work one for everything."""

    license_id: Id


class Exclude(Struct, frozen=True):
    """A part of a reference is not theirs: a sample, a loop, an advert."""

    reference_id: Id
    start_ms: Count = 0
    end_ms: Count = 0


class Settle(Struct, frozen=True):
    """An agreement, or a suit withdrawn: every work that was registered before is released."""

    reason: Release.Reason


class WorkSubmitted(Struct, frozen=True):
    """One action of a rightsholder on one work, or on everything they hold: exactly one of them is there."""

    rightsholder_id: Id
    submission_id: Id
    work_id: OptionalId = ""
    submitted_at: Timestamp | None = None
    register: Register | None = None
    release: Release | None = None
    license: License | None = None
    revoke: Revoke | None = None
    exclude: Exclude | None = None
    license_catalogue: License | None = None
    settle: Settle | None = None


class WorkUnreadable(Struct, frozen=True):
    """A works submission whose ids can be read and whose rest is malformed: answered, not dead-lettered."""

    rightsholder_id: Id
    submission_id: Id
    work_id: Text
    field: str
    problem: str
    digest: str


ACCOUNTS_BYTES_MAX = 2560
"""The accounts of one rightsholder, as JSON: they travel with each of their listings (`rights.TERMS_BYTES_MAX`)."""


class Enroll(Struct, frozen=True):
    """A rightsholder is let in; again replaces everything."""

    class Standing(StrEnum):
        """How far a rightsholder is trusted."""

        PROBATION = "PROBATION"
        TRUSTED = "TRUSTED"

    name: Annotated[str, Meta(min_length=1, max_length=16_384)]
    contact: Text = ""
    public_key: Annotated[str, Meta(pattern=r"^([A-Za-z0-9+/]{43}=)?\Z")] = ""
    standing: Standing = Standing.PROBATION
    accounts: Annotated[tuple[Id, ...], Meta(max_length=256)] = ()

    def __post_init__(self) -> None:
        if self.accounts and len(json.encode(self.accounts)) > ACCOUNTS_BYTES_MAX:
            raise ValueError(f"accounts have more than {ACCOUNTS_BYTES_MAX} bytes altogether")


class Suspend(Struct, frozen=True):
    """Nothing new of theirs is accepted; what stands, stands."""

    reason: Annotated[str, Meta(min_length=1, max_length=16_384)]


class Restore(Struct, frozen=True):
    """The suspension is over."""


class RightsholderSubmitted(Struct, frozen=True):
    """One step of the platform's legal team: exactly one of `enroll`, `suspend` and `restore` is there."""

    rightsholder_id: Id
    submission_id: Id
    submitted_at: Timestamp | None = None
    enroll: Enroll | None = None
    suspend: Suspend | None = None
    restore: Restore | None = None

    def __post_init__(self) -> None:
        if sum(step is not None for step in (self.enroll, self.suspend, self.restore)) != 1:
            raise ValueError("exactly one of enroll, suspend and restore must be there")
