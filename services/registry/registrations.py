"""A registration and the other actions on a work, as the registry keeps them."""

from enum import StrEnum

from msgspec import Struct

from services.contracts.decided import WorkReceipt
from services.contracts.rights import PLAIN, Licence, Terms
from services.contracts.submitted import Reference, Release


class Listed(Struct, frozen=True, omit_defaults=True):
    """A reference on its way to being in force.

    `index`: its place in the submission; `attempt`: the read that counts, asked for already or at `retry_at`, which
    is also when it is asked for once more if nobody answers; `tries`: how often it was asked for, without the answer
    BUSY; `busy`: how often in a row that was the answer, up to a bound. `sampled`: it was read, and has chunks to be
    found by. `counted`, `applied`, `refused`, `protected`, `enforced`: what the matcher has answered. `awaited`: it was
    put again, and that is not answered yet.
    """

    reference_id: str
    index: int
    uri: str
    digest: str = ""
    attempt: int = 0
    tries: int = 0
    slow: bool = False
    retry_at: int | None = None
    applied: bool = False
    refused: bool = False
    enforced: bool = False
    copies: int = 0
    media_type: str = ""
    sampled: bool = False
    busy: int = 0
    counted: bool = False
    protected: bool = False
    awaited: bool = False


class Stage(StrEnum):
    """How far a registration is.

    READ: its files are read. ASKED: its copies are counted. HELD: it waits for a person, and nobody for it. APPROVED:
    it is to be put when its turn comes. Once its listings are sent (PUT) it is decided, and later actions wait.
    """

    READ = "READ"
    ASKED = "ASKED"
    HELD = "HELD"
    APPROVED = "APPROVED"
    PUT = "PUT"
    IN_FORCE = "IN_FORCE"


class Registration(Struct, frozen=True, omit_defaults=True):
    """One register action. `number` orders it among all of its rightsholder's and is its listings' version.

    `terms`: what it says of its listings; `terms_version`: as of which action they were put last. `limited`: it may
    not find more than a newcomer may. `held_for`: why it is held, or was. `submitted_at`: when Kafka took it, for
    measures alone.
    """

    submission_id: str
    number: int
    received_at: int
    references: tuple[Listed, ...]
    stage: Stage = Stage.READ
    conflicted: bool = False
    told: tuple[WorkReceipt.Status, ...] = ()
    terms: Terms = PLAIN
    terms_version: int = 0
    limited: bool = False
    held_for: tuple[WorkReceipt.Reason, ...] = ()
    submitted_at: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it is not decided yet: its listings have not been sent."""
        return self.stage not in (Stage.PUT, Stage.IN_FORCE)

    @property
    def waits(self) -> bool:
        """Whether it waits for a person, or for its turn after one: nobody waits for it."""
        return self.stage in (Stage.HELD, Stage.APPROVED)

    @property
    def copies(self) -> int:
        """How many copies there were, each content counted once."""
        return sum({one.digest: one.copies for one in self.references}.values())


class Cut(Struct, frozen=True):
    """A part of a reference, with those bytes, that is not its rightsholder's."""

    reference_id: str
    digest: str
    start_ms: int
    end_ms: int


class Action(Struct, frozen=True, omit_defaults=True):
    """An action that waits for its turn, or is under way.

    `references` and `terms` of a registration; or the `reason` of a release, the `licence` that is given, the name of
    the one that is `revoked`, or the part of a reference that is `excluded` (its digest is not known yet).
    """

    submission_id: str
    received_at: int
    number: int = 0
    references: tuple[Reference, ...] = ()
    terms: Terms = PLAIN
    reason: Release.Reason | None = None
    licence: Licence | None = None
    revoked: str = ""
    excluded: Cut | None = None
    submitted_at: int = 0

    @property
    def status(self) -> WorkReceipt.Status:
        """What is answered when it is through."""
        if self.reason is not None:
            return WorkReceipt.Status.RELEASED
        if self.licence is not None:
            return WorkReceipt.Status.LICENSED
        if self.revoked:
            return WorkReceipt.Status.REVOKED
        return WorkReceipt.Status.ACCEPTED if self.excluded is None else WorkReceipt.Status.EXCLUDED

    @property
    def registers(self) -> bool:
        """Whether it is a registration."""
        return self.status is WorkReceipt.Status.ACCEPTED


class Leaving(Struct, frozen=True, omit_defaults=True):
    """A listing whose removal has been sent and not yet been answered."""

    reference_id: str
    digest: str
