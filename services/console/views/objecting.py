"""How far a dispute has come, and who may take which step now: from its steps, its letters and its takedowns. Pure.

The enforcer decides; this reads what it said. A dispute counts once a claimant was asked to answer, which is their
letter, and a claimant's deadline is the one that their latest letter names. What nobody may do any more is not offered,
and a step that comes too late all the same is refused by the enforcer, by a letter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from services.console.people import May, Viewer
from services.contracts.decided import NoticeIssued, Recipient, TakedownIssued
from services.contracts.objections import (
    CounterNotice,
    CourtAction,
    Dispute,
    DisputeSubmitted,
    GiveUp,
    Uphold,
    Withdraw,
)


class Stage(StrEnum):
    """Where a claim stands in a dispute."""

    OPEN = "OPEN"
    UPHELD = "UPHELD"
    COUNTERED = "COUNTERED"
    COURT = "COURT"
    ENDED = "ENDED"


class Take(StrEnum):
    """A step that somebody may take."""

    DISPUTE = "dispute"
    COUNTER_NOTICE = "counter_notice"
    UPHOLD = "uphold"
    RELEASE = "release"
    COURT_ACTION = "court_action"
    WITHDRAW = "withdraw"


TWO_DAYS_HOURS = 48

MEANS = {
    Stage.OPEN: "The claimant has to answer; silence brings the upload back.",
    Stage.UPHELD: "The claimant stands by the claim. The uploader can answer by a counter-notice.",
    Stage.COUNTERED: "The claimant has to show that they have gone to court, or the upload comes back.",
    Stage.COURT: "A court is to decide; until then it stays down.",
    Stage.ENDED: "It is over.",
}
CLAIMANT_MAY = {
    Stage.OPEN: (Take.UPHOLD, Take.RELEASE),
    Stage.UPHELD: (Take.RELEASE,),
    Stage.COUNTERED: (Take.COURT_ACTION, Take.RELEASE),
    Stage.COURT: (Take.RELEASE,),
    Stage.ENDED: (),
}
UPLOADER_MAY = {
    Stage.OPEN: (Take.COUNTER_NOTICE, Take.WITHDRAW),
    Stage.UPHELD: (Take.COUNTER_NOTICE, Take.WITHDRAW),
    Stage.COUNTERED: (Take.WITHDRAW,),
    Stage.COURT: (),
    Stage.ENDED: (),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One claimant in a dispute; `until` is when silence decides, if it does."""

    rightsholder_id: str
    stage: Stage
    until: datetime | None = None

    def left(self, now: datetime) -> str:
        """Say how much time is left."""
        assert self.until is not None, "asked only of a claim with a deadline"  # noqa: S101  # an invariant
        hours = int((self.until - now).total_seconds() // 3600)
        if hours < 0:
            return "over, and silence decides at any moment"
        return f"{hours // 24} days left" if hours >= TWO_DAYS_HOURS else f"{hours} hours left"


@dataclass(frozen=True, slots=True)
class Objection:
    """A dispute of an upload, and where each claim stands."""

    upload_id: str
    dispute_id: str
    opened_at: datetime
    opening: Dispute | None
    claims: tuple[Claim, ...]

    @property
    def is_open(self) -> bool:
        """Tell whether any claim is still disputed."""
        return any(claim.stage is not Stage.ENDED for claim in self.claims)

    @property
    def until(self) -> datetime | None:
        """The next deadline."""
        return min((claim.until for claim in self.claims if claim.until), default=None)

    def of(self, rightsholder_id: str | None) -> "Objection":
        """Return what a rightsholder may see of it: their own claims; None may see all."""
        if rightsholder_id is None:
            return self
        return replace(self, claims=tuple(each for each in self.claims if each.rightsholder_id == rightsholder_id))

    def steps_of(self, claim: Claim, viewer: Viewer) -> tuple[Take, ...]:
        """Return what the viewer may do as this claimant."""
        return CLAIMANT_MAY[claim.stage] if viewer.may_answer(claim.rightsholder_id) else ()

    def steps_of_uploader(self, viewer: Viewer) -> tuple[Take, ...]:
        """Return what the viewer may do for the uploader."""
        if not viewer.may(May.SPEAK_FOR):
            return ()
        return tuple(take for take in Take if any(take in UPLOADER_MAY[claim.stage] for claim in self.claims))


Step = tuple[datetime, DisputeSubmitted]


class Takedown(Protocol):
    """Something that came down, as it was said or as it is at present."""

    @property
    def takedown_id(self) -> str:
        """Its id."""

    @property
    def rightsholder_id(self) -> str:
        """Whose claim it is."""

    @property
    def status(self) -> TakedownIssued.Status:
        """Whether it is down."""


def objections(
    steps: Sequence[Step], letters: Iterable[NoticeIssued], takedowns: Iterable[Takedown]
) -> list[Objection]:
    """Return the disputes of an upload, the latest first; all of it is given in the order of time."""
    down = {each.rightsholder_id for each in _latest(takedowns) if each.status is TakedownIssued.Status.ISSUED}
    asked = [each for each in letters if each.recipient.kind is Recipient.Kind.RIGHTSHOLDER]
    found = []
    for dispute_id in dict.fromkeys(step.dispute_id for _, step in steps):
        mine = [each for each in steps if each[1].dispute_id == dispute_id]
        told = [each for each in asked if each.about.dispute_id == dispute_id]
        found.append(_objection(mine, told, down))
    return sorted(found, key=lambda each: each.opened_at, reverse=True)


def _objection(steps: Sequence[Step], letters: Sequence[NoticeIssued], down: set[str]) -> Objection:
    opened_at, first = steps[0]
    claimants = dict.fromkeys(each.recipient.id for each in letters if each.respond_until is not None)
    claims = tuple(_claim(claimant, steps, letters, down) for claimant in claimants)
    return Objection(first.upload_id, first.dispute_id, opened_at, first.dispute, claims)


def _claim(claimant: str, steps: Sequence[Step], letters: Sequence[NoticeIssued], down: set[str]) -> Claim:
    claim = Claim(claimant, Stage.OPEN)
    for _, step in steps:
        claim = replace(claim, stage=_next(claim, step))
    if claimant not in down:
        return replace(claim, stage=Stage.ENDED)
    if claim.stage not in (Stage.OPEN, Stage.COUNTERED):
        return claim
    untils = [each.respond_until for each in letters if each.recipient.id == claimant and each.respond_until]
    return replace(claim, until=untils[-1])


def _next(claim: Claim, step: DisputeSubmitted) -> Stage:
    """Return where a step leads a claim; one that is not for it, or comes too late, leads nowhere."""
    said = next(each for each in step.steps if each is not None)
    match claim.stage, said:
        case Stage.OPEN | Stage.UPHELD, CounterNotice():
            return Stage.COUNTERED
        case Stage.OPEN, Uphold(rightsholder_id=who) if who == claim.rightsholder_id:
            return Stage.UPHELD
        case Stage.COUNTERED, CourtAction(rightsholder_id=who) if who == claim.rightsholder_id:
            return Stage.COURT
        case _, GiveUp(rightsholder_id=who) if who == claim.rightsholder_id:
            return Stage.ENDED
        case Stage.OPEN | Stage.UPHELD | Stage.COUNTERED, Withdraw():
            return Stage.ENDED
        case stage, _:
            return stage


def _latest(takedowns: Iterable[Takedown]) -> Iterable[Takedown]:
    return {each.takedown_id: each for each in takedowns}.values()
