"""What the services say to one another: the facts of the inside topics. They may change with the code.

Names: `registration` and `version` are the number that a rightsholder's action got from the registry; `attempt`
counts the times that something was read; `admission` is the offset of the copies.changed record with which a content
came to be compared; a `*_partition` travels beside an id that will be a key again. Structs, as in `decided.py`.
"""

from enum import StrEnum

from msgspec import Struct

from services.contracts.decided import WorkRef
from services.contracts.parts import Shared
from services.contracts.reading import Failure
from services.contracts.rights import PLAIN, Terms
from services.contracts.sample import Likeness, Sample
from services.contracts.types import Content


class ReadRequested(Struct, frozen=True):
    """The enforcer asks for an upload to be read again."""

    upload_id: str
    submission: int
    attempt: int
    uri: str
    slow: bool
    media_type: str = ""
    size_bytes: int = 0


class UploadRead(Struct, frozen=True, omit_defaults=True):
    """What reading an upload found: its content, or the reason why there is none. What is None is left out."""

    upload_id: str
    submission: int
    attempt: int
    content: Content | None = None
    failure: Failure | None = None
    sample: Sample | None = None


class ReferenceRequested(Struct, frozen=True):
    """The registry asks for a reference to be read."""

    rightsholder_id: str
    work_id: str
    reference_id: str
    registration: int
    attempt: int
    uri: str
    slow: bool
    media_type: str = ""


class ReferenceRead(Struct, frozen=True):
    """What reading a reference found."""

    rightsholder_id: str
    work_id: str
    reference_id: str
    registration: int
    attempt: int
    content: Content | None = None
    failure: Failure | None = None
    sample: Sample | None = None


class CopyChanged(Struct, frozen=True, omit_defaults=True):
    """An upload's submission has these bytes, or has them no longer. One writer, in order, each once."""

    digest: str
    upload_id: str
    submission: int
    present: bool
    upload_partition: int
    sample: Sample | None = None


class ContentAdmitted(Struct, frozen=True, omit_defaults=True):
    """A content is there, in one copy or many, to be compared with every reference; or it is there no longer."""

    digest: str
    admission: int
    present: bool
    sample: Sample | None = None


class ReferenceFingerprinted(Struct, frozen=True):
    """The sample of a reference that is in force by that registration. `fingerprint_id` names the reference."""

    fingerprint_id: str
    rightsholder_id: str
    work_id: str
    reference_id: str
    registration: int
    digest: str
    sample: Sample
    rightsholder_partition: int


class ReferenceForgotten(Struct, frozen=True):
    """A reference is in force no longer."""


class Resemblance(Struct, frozen=True):
    """A reference, with those bytes, that a content resembles."""

    rightsholder_id: str
    work_id: str
    reference_id: str
    reference_digest: str
    likeness: Likeness
    rightsholder_partition: int


class ContentDivided(Struct, frozen=True, omit_defaults=True):
    """What one part of the index has of a content, from the unit `home` that has the content; None: it has gone."""

    digest: str
    admission: int
    home: int
    sample: Sample | None = None


class Met(Struct, frozen=True):
    """A reference that shares chunks with a content. `of_reference`: how many it has itself below the step `step`."""

    fingerprint_id: str
    rightsholder_id: str
    work_id: str
    reference_id: str
    reference_digest: str
    rightsholder_partition: int
    step: int
    of_reference: int
    shared: Shared


class ContentMet(Struct, frozen=True):
    """What one part of the index has of references that share something with a content.

    `is_answer`: all that it has, when it is given what it has of the content; otherwise a reference that came later.
    """

    digest: str
    admission: int
    part: int
    found: tuple[Met, ...]
    is_answer: bool


class ContentCompared(Struct, frozen=True):
    """What a content resembles of all that was there at its admission; or, with -1, of what came later."""

    digest: str
    admission: int
    found: tuple[Resemblance, ...]


class ResemblanceFound(Struct, frozen=True):
    """A content that is there resembles a reference. The registry answers each by one change of a listing."""

    rightsholder_id: str
    work_id: str
    reference_id: str
    reference_digest: str
    digest: str
    admission: int
    likeness: Likeness


class ListingChanged(Struct, frozen=True):
    """What the registry wants of the listings of a digest.

    `similar`: the bytes are not the reference's own but resemble them. `admission`: that of the resemblance which this
    answers, or -1. `terms_version`: the number of the rightsholder's action as of which these terms are.
    """

    class Change(StrEnum):
        """LISTED puts a reference, ENDED removes every version of it up to `version`, NOTHING only answers.

        COUNTED asks how many copies there are. PROTECTED: nobody may ever list these bytes.
        """

        LISTED = "LISTED"
        ENDED = "ENDED"
        NOTHING = "NOTHING"
        COUNTED = "COUNTED"
        PROTECTED = "PROTECTED"

    digest: str
    rightsholder_id: str
    work_id: str
    reference_id: str
    version: int
    submission_id: str
    change: Change
    reason: str
    rightsholder_partition: int
    similar: bool = False
    admission: int = -1
    likeness: Likeness | None = None
    terms: Terms = PLAIN
    terms_version: int = 0

    @property
    def listed(self) -> bool:
        """Whether the reference is to be listed."""
        return self.change is ListingChanged.Change.LISTED


class ListingApplied(Struct, frozen=True):
    """The matcher's answer about a listing. `copies`: how many there were when it was applied, or counted."""

    class Answer(StrEnum):
        """APPLIED, then ENFORCED; REMOVED; REFUSED (too many list it); CONFLICTED (somebody else lists it too).

        COUNTED: how many copies there are. PROTECTED: nobody may list these bytes, and nothing was listed.
        """

        APPLIED = "APPLIED"
        ENFORCED = "ENFORCED"
        REMOVED = "REMOVED"
        REFUSED = "REFUSED"
        CONFLICTED = "CONFLICTED"
        COUNTED = "COUNTED"
        PROTECTED = "PROTECTED"

    rightsholder_id: str
    work_id: str
    reference_id: str
    digest: str
    version: int
    answer: Answer
    copies: int = 0
    similar: bool = False
    terms_version: int = 0


class Match(Struct, frozen=True):
    """A listing in force on an upload's bytes; without a likeness they are the reference's own."""

    rightsholder_id: str
    work_id: str
    reference_id: str
    likeness: Likeness | None = None
    terms: Terms = PLAIN


class Ended(Struct, frozen=True):
    """A work that listed these bytes and does so no more, and why."""

    work: WorkRef
    reason: str


class MatchFound(Struct, frozen=True):
    """Every listing in force on an upload's bytes, as of the digest's version: the full state, not a change."""

    upload_id: str
    submission: int
    digest: str
    version: int
    matches: tuple[Match, ...]
    ended: tuple[Ended, ...] = ()


class ContentRuled(Struct, frozen=True):
    """What a person, or the law, has said of bytes: nobody may list them, or one work's claim on them is lost."""

    digest: str
    protected: bool
    rightsholder_id: str = ""
    work_id: str = ""
