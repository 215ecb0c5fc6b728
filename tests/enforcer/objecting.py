"""What the tests of disputes say: every step, and where a dispute stands."""

from typing import Any

from services.contracts.decided import NoticeIssued
from services.contracts.objections import (
    CounterNotice,
    CourtAction,
    Dispute,
    DisputeSubmitted,
    GiveUp,
    Uphold,
    Withdraw,
)
from services.contracts.topics import NOTICES_ISSUED, TAKEDOWNS_ISSUED
from services.enforcer.case import Objections
from tests.deciding import Deciding, Said
from tests.enforcer.facts import HIT, UPLOAD, on
from tests.enforcer.rights import compared, listed

DAY_MS = 24 * 3600 * 1000
SECOND = "studio/film"


def step(name: str = "d", takedown: str = "", **said: Any) -> DisputeSubmitted:
    """Return a step of a dispute."""
    return DisputeSubmitted(UPLOAD, name, takedown, **said)


def dispute(name: str = "d", takedown: str = "") -> DisputeSubmitted:
    """Return: the uploader objects."""
    return step(name, takedown, dispute=Dispute(Dispute.Ground.LICENSED, "I have a licence."))


def counter(name: str = "d", takedown: str = "", *, consent: bool = True) -> DisputeSubmitted:
    """Return: the uploader gives a counter-notice."""
    return step(
        name, takedown, counter_notice=CounterNotice("It is mine.", "A. N. Uploader", "1 Street", "A. N.", consent)
    )


def uphold(who: str = "label", name: str = "d", takedown: str = "") -> DisputeSubmitted:
    """Return: a claimant stands by the claim."""
    return step(name, takedown, uphold=Uphold(who, "It is ours."))


def release(who: str = "label", name: str = "d", takedown: str = "") -> DisputeSubmitted:
    """Return: a claimant gives the claim up."""
    return step(name, takedown, release=GiveUp(who))


def court(who: str = "label", name: str = "d", takedown: str = "") -> DisputeSubmitted:
    """Return: a claimant has gone to court."""
    return step(name, takedown, court_action=CourtAction(who, "https://court.example/1"))


def withdraw(name: str = "d", takedown: str = "") -> DisputeSubmitted:
    """Return: the uploader withdraws."""
    return step(name, takedown, withdraw=Withdraw())


def down(*works: str) -> Deciding:
    """Return an enforcer that has taken the upload down for these works, or for one."""
    return compared(*(listed(work) for work in works or (HIT,)))


def at(*steps: DisputeSubmitted, works: tuple[str, ...] = ()) -> Deciding:
    """Return an enforcer to which these steps were taken after the takedown."""
    deciding = down(*works)
    on(deciding, *steps)
    return deciding


def stages(deciding: Deciding) -> dict[str, list[str]]:
    """Return by dispute the stages of what is contested in it."""
    kept: Objections | None = deciding.entry(UPLOAD, "objections")
    return {one.dispute_id: [each.stage.value for each in one.contested] for one in kept.disputes} if kept else {}


def takedown_of(deciding: Deciding, work: str = HIT) -> str:
    """Return the id of the takedown for a work."""
    issued = [one for one in deciding.said(TAKEDOWNS_ISSUED) if f"{one.rightsholder_id}/{one.work_id}" == work]
    takedown_id: str = issued[-1].takedown_id
    return takedown_id


def letters(said: Said) -> list[tuple[str, str]]:
    """Return (recipient, subject) of each notice."""
    return [(one.recipient.id, one.subject) for one in said.of(NOTICES_ISSUED)]


def only(said: Said) -> NoticeIssued:
    """Return the one notice."""
    (notice,) = said.of(NOTICES_ISSUED)
    assert isinstance(notice, NoticeIssued)
    return notice
