"""Who may submit: enrolment, suspension, keys."""

import pytest

from services.contracts.submitted import Enroll, Restore, RightsholderSubmitted, Suspend, WorkUnreadable
from services.contracts.topics import LISTINGS_CHANGED, RIGHTSHOLDERS_SUBMITTED
from services.registry import PROCESSOR
from tests.deciding import Deciding
from tests.registry.facts import (
    LABEL,
    Answer,
    Reason,
    Status,
    answer,
    by_digest,
    enrolment,
    in_force,
    on,
    receipts,
    refusals,
    registers,
    releases,
)

KEY = "A" * 43 + "="
Steps = list[RightsholderSubmitted]


def suspends(submission_id: str) -> RightsholderSubmitted:
    """Return: the platform suspends the label."""
    return RightsholderSubmitted(LABEL, submission_id, suspend=Suspend("because"))


def restores(submission_id: str) -> RightsholderSubmitted:
    """Return: the suspension of the label is over."""
    return RightsholderSubmitted(LABEL, submission_id, restore=Restore())


UNKNOWN = (Reason.UNKNOWN_RIGHTSHOLDER, "rightsholder_id")
SUSPENDED = (Reason.SUSPENDED, "rightsholder_id")
UNSIGNED = (Reason.BAD_SIGNATURE, "staydown-signature")


@pytest.mark.parametrize(
    ("steps", "refusal"),
    [
        ([], UNKNOWN),
        ([restores("e1")], UNKNOWN),
        ([enrolment()], None),
        ([enrolment(public_key=KEY)], UNSIGNED),
        ([enrolment(), suspends("e2")], SUSPENDED),
        ([suspends("e1"), enrolment(submission_id="e2")], SUSPENDED),
        ([enrolment(), suspends("e2"), restores("e3")], None),
        ([enrolment(), suspends("e2"), restores("e3"), suspends("e2")], None),
        ([enrolment(), suspends("e2"), restores("e3"), suspends("e4")], SUSPENDED),
        ([enrolment(public_key=KEY), enrolment(submission_id="e2")], None),
        ([enrolment(), enrolment(submission_id="e2", public_key=KEY)], UNSIGNED),
        ([enrolment(submission_id="e2", public_key=KEY), enrolment(), suspends("e3")], SUSPENDED),
        ([enrolment(standing=Enroll.Standing.TRUSTED)], None),
    ],
)
def test_a_submission_is_judged_by_every_step_before_it(steps: Steps, refusal: tuple[Reason, str] | None) -> None:
    """Enrolment: the last enrolment replaces all before, suspensions last until restored; a repeated step is none."""
    deciding = Deciding(PROCESSOR)
    assert on(deciding, *steps) == ()
    said = on(deciding, registers("s1", by_digest("master")))
    assert refusals(said) == ([("s1", *refusal)] if refusal else [])
    assert bool(said.of(LISTINGS_CHANGED)) is (refusal is None)


def test_enrolments_are_read_before_anything_is_refused_for_lack_of_them() -> None:
    """Enrolment is another topic: the engine reads it first, because the value says so."""
    assert PROCESSOR.first == (RIGHTSHOLDERS_SUBMITTED,)
    assert PROCESSOR.reads[0] is RIGHTSHOLDERS_SUBMITTED


def test_who_may_not_submit_is_told_that_alone() -> None:
    """A stranger learns nothing about what else is wrong, and a malformed submission of theirs changes nothing."""
    deciding = Deciding(PROCESSOR)
    said = on(deciding, WorkUnreadable(LABEL, "s1", "", "register", "Expected `object`", "0" * 32))
    assert refusals(said) == [("s1", *UNKNOWN)]


def test_what_stands_stands_when_its_rightsholder_is_suspended() -> None:
    """Suspended: nothing new is accepted, a release neither, and what is on its way is still answered."""
    deciding = in_force("master")
    on(deciding, registers("s2", by_digest("remix")), suspends("e2"))
    assert refusals(on(deciding, releases("s3"))) == [("s3", *SUSPENDED)]
    assert receipts(on(deciding, answer(Answer.APPLIED, "remix", 2))) == [("s2", Status.ACCEPTED)]
