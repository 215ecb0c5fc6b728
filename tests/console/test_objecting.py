from datetime import timedelta

import pytest

from services.console.people import ANYBODY_HERE, OWNER_HERE, Role, Viewer
from services.console.views.objecting import Objection, Stage, Take, objections
from services.contracts.decided import Recipient, TakedownIssued
from services.contracts.objections import (
    CounterNotice,
    CourtAction,
    Dispute,
    DisputeSubmitted,
    GiveUp,
    Uphold,
    Withdraw,
)
from tests.cli.facts import DAY, TIME, notice, takedown

DOWN, BACK = TakedownIssued.Status.ISSUED, TakedownIssued.Status.REINSTATED
CLAIMANT = Viewer("ann", frozenset({Role.RIGHTSHOLDER}), "a")
OPENING = {"dispute": Dispute(Dispute.Ground.OWN_WORK, "It is mine.")}
COUNTER = {"counter_notice": CounterNotice("It is mine.", "Robin", "1 Lane", "Robin", consent_to_jurisdiction=True)}
UPHOLD, COURT, RELEASE = (
    {"uphold": Uphold("a")},
    {"court_action": CourtAction("a", "https://c")},
    {"release": GiveUp("a")},
)
WITHDRAW = {"withdraw": Withdraw()}


def dispute(*steps: object, asked: bool = True, status: TakedownIssued.Status = DOWN) -> Objection:
    """Return how a dispute stands after its steps, a day apart."""
    taken = [(TIME + n * DAY, DisputeSubmitted("u", "d", **step)) for n, step in enumerate(steps)]  # type: ignore[arg-type]  # a step
    letters = [notice(Recipient.Kind.RIGHTSHOLDER, "a", upload_id="u", dispute_id="d")] if asked else []
    (found,) = objections(taken, letters, [takedown("t", status)])
    return found


WAYS = {
    "it was opened": ((OPENING,), Stage.OPEN),
    "the claimant upheld": ((OPENING, UPHOLD), Stage.UPHELD),
    "another claimant upheld": ((OPENING, {"uphold": Uphold("b")}), Stage.OPEN),
    "the uploader answered by name": ((OPENING, UPHOLD, COUNTER), Stage.COUNTERED),
    "a counter-notice came first": ((COUNTER,), Stage.COUNTERED),
    "the claimant went to court": ((OPENING, COUNTER, COURT), Stage.COURT),
    "court before there is anything to answer": ((OPENING, COURT), Stage.OPEN),
    "the claimant gave up": ((OPENING, UPHOLD, RELEASE), Stage.ENDED),
    "it was withdrawn": ((OPENING, WITHDRAW), Stage.ENDED),
    "it was withdrawn while a court is to decide": ((OPENING, COUNTER, COURT, WITHDRAW), Stage.COURT),
}


@pytest.mark.parametrize(("steps", "stage"), WAYS.values(), ids=WAYS)
def test_steps_lead_where_the_enforcer_has_them_lead(steps: tuple[object, ...], stage: Stage) -> None:
    """The table of `services/enforcer/disputes.py`, as it is shown; what leads nowhere changes nothing."""
    (claim,) = dispute(*steps).claims
    assert claim.stage is stage


def test_a_dispute_that_nobody_was_asked_about_is_none_yet() -> None:
    """It may have been refused, so no clock is shown and no step offered."""
    found = dispute(OPENING, asked=False)
    assert not found.is_open
    assert found.steps_of_uploader(OWNER_HERE) == ()


def test_what_came_back_is_over() -> None:
    """By silence, too, of which no step tells."""
    (claim,) = dispute(OPENING, status=BACK).claims
    assert (claim.stage, claim.until) == (Stage.ENDED, None)


def test_a_clock_runs_where_silence_decides() -> None:
    """While the claimant has to answer, and after a counter-notice; not once a court is to decide."""
    assert dispute(OPENING).until == TIME + 30 * DAY
    assert dispute(OPENING, UPHOLD).until is None
    assert dispute(OPENING, COUNTER).until == TIME + 30 * DAY
    assert dispute(OPENING, COUNTER, COURT).until is None


@pytest.mark.parametrize(
    ("left", "words"),
    [(30 * DAY, "30 days left"), (DAY, "24 hours left"), (timedelta(0), "0 hours left"), (-DAY, "over")],
)
def test_the_time_that_is_left_is_said_in_days_then_in_hours(left: timedelta, words: str) -> None:
    """And once it is over, that silence decides."""
    (claim,) = dispute(OPENING).claims
    assert claim.until
    assert claim.left(claim.until - left).startswith(words)


def test_each_takes_the_steps_that_are_theirs() -> None:
    """The claimant answers, whoever speaks for the uploader counters, and who reads takes none."""
    found = dispute(OPENING)
    (claim,) = found.claims
    assert found.steps_of(claim, CLAIMANT) == (Take.UPHOLD, Take.RELEASE)
    assert found.steps_of_uploader(CLAIMANT) == ()
    assert found.steps_of_uploader(OWNER_HERE) == (Take.COUNTER_NOTICE, Take.WITHDRAW)
    assert found.steps_of(claim, Viewer("bea", frozenset({Role.RIGHTSHOLDER}), "b")) == ()
    assert found.steps_of(claim, ANYBODY_HERE) == found.steps_of_uploader(ANYBODY_HERE) == ()
