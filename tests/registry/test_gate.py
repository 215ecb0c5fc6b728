"""The completeness gate: each thing that can be wrong with a submission, its reason, its field and its cure."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.contracts.decided import WorkReceipt
from services.contracts.submitted import (
    Attestation,
    Policy,
    Reference,
    Register,
    Release,
    WorkSubmitted,
    WorkUnreadable,
)
from services.contracts.topics import LISTINGS_CHANGED, REFERENCES_REQUESTED, WORKS_RECEIPTS
from services.contracts.types import timestamp
from tests.deciding import NOW, content
from tests.registry.facts import LABEL, Reason, Status, by_digest, by_file, on, refusals, register, registry, work

MASTER = by_digest("master")
PAST = timestamp(NOW - 1)
INVALID = Reason.INVALID_FIELD
REFERENCES = "register.references"


def registers(*references: Reference, **more: Any) -> WorkSubmitted:
    """Return a registration with something wrong."""
    return WorkSubmitted(LABEL, "s1", "hit", register=register(*(references or (MASTER,)), **more))


REFUSED: list[tuple[WorkSubmitted, list[tuple[Reason, str]]]] = [
    (registers(documents=()), [(Reason.MISSING_DOCUMENT, "register.documents")]),
    (registers(attestation=None), [(Reason.MISSING_ATTESTATION, "register.attestation")]),
    (
        registers(attestation=Attestation(True, False, True, "N. N.")),
        [(Reason.MISSING_ATTESTATION, "register.attestation")],
    ),
    (
        registers(attestation=Attestation(True, True, False, "N. N.")),
        [(Reason.MISSING_ATTESTATION, "register.attestation")],
    ),
    (registers(attestation=Attestation(True, True, True, "")), [(Reason.MISSING_ATTESTATION, "register.attestation")]),
    (
        registers(attestation=Attestation(False, True, True, "N. N.")),
        [(Reason.NOT_EXCLUSIVE, "register.attestation.exclusive")],
    ),
    (registers(references=()), [(Reason.NO_REFERENCE, REFERENCES)]),
    (registers(MASTER, MASTER), [(INVALID, f"{REFERENCES}[1].reference_id")]),
    (registers(MASTER, Reference("m")), [(INVALID, f"{REFERENCES}[1].uri")]),
    (registers(Reference("m", "file:/m", content("m"))), [(INVALID, f"{REFERENCES}[0].uri")]),
    (registers(valid_from=PAST, valid_until=PAST), [(INVALID, "register.valid_until")]),
    (registers(valid_from=PAST, valid_until=PAST - timedelta(days=1)), [(INVALID, "register.valid_until")]),
    (WorkSubmitted(LABEL, "s1", "", register=register(MASTER)), [(INVALID, "work_id")]),
    (WorkSubmitted(LABEL, "s1", "hit"), [(INVALID, "register")]),
    (
        WorkSubmitted(LABEL, "s1", "hit", register=register(MASTER), release=Release(Release.Reason.MISTAKE)),
        [(INVALID, "release")],
    ),
    (
        WorkSubmitted(LABEL, "s1", "hit", release=Release(Release.Reason.MISTAKE)),
        [(Reason.UNKNOWN_WORK, "work_id")],
    ),
    (
        WorkSubmitted(LABEL, "s1", "", register=Register("a song")),
        [
            (INVALID, "work_id"),
            (Reason.MISSING_DOCUMENT, "register.documents"),
            (Reason.MISSING_ATTESTATION, "register.attestation"),
            (Reason.NO_REFERENCE, REFERENCES),
        ],
    ),
]


@pytest.mark.parametrize(("submission", "problems"), REFUSED)
def test_everything_wrong_is_answered_at_once_with_its_field_and_cure(
    submission: WorkSubmitted, problems: list[tuple[Reason, str]]
) -> None:
    """A refusal names every problem, where it stands and how it is cured, and nothing else happens."""
    deciding = registry()
    said = on(deciding, submission)
    (receipt,) = said.of(WORKS_RECEIPTS)
    assert receipt.status is Status.REJECTED
    assert refusals(said) == [("s1", reason, field) for reason, field in problems]
    assert receipt.reasons == tuple(dict.fromkeys(reason for reason, _ in problems))
    assert all(problem.cure.endswith(".") for problem in receipt.problems)
    assert (receipt.work_id, receipt.copies_found) == (submission.work_id, 0)
    assert receipt.received_at == receipt.decided_at == timestamp(NOW)
    assert work(deciding) is None


@pytest.mark.parametrize(
    "submission",
    [
        registers(),
        registers(by_file("master")),
        registers(valid_from=PAST),
        registers(policy=Policy(urgent=True)),
        registers(isrc="DEA123456789", artists=("A", "B")),
    ],
)
def test_what_is_complete_goes_on(submission: WorkSubmitted) -> None:
    """The gate is no wall: a complete registration is listed, or its files are asked for."""
    said = on(registry(), submission)
    assert said.of(LISTINGS_CHANGED) or said.of(REFERENCES_REQUESTED)
    assert said.of(WORKS_RECEIPTS) == []


@pytest.mark.parametrize("field", ["register.references[0].uri", ""])
def test_what_cannot_be_read_is_refused_as_an_invalid_field(field: str) -> None:
    """CONTRACT: a works submission whose ids can be read is answered, not dead-lettered."""
    unreadable = WorkUnreadable(LABEL, "s1", "hit", field, "Expected `str`, got `int`", "0" * 32)
    said = on(registry(), unreadable)
    assert refusals(said) == [("s1", Reason.INVALID_FIELD, field)]
    assert "Expected `str`, got `int`" in said.of(WORKS_RECEIPTS)[0].problems[0].cure


def test_the_time_on_a_submission_decides_nothing() -> None:
    """Time: nobody's `submitted_at` decides anything; windows go by the clock that the event carries."""
    late = datetime(2100, 1, 1, tzinfo=UTC)
    submission = WorkSubmitted(LABEL, "s1", "hit", late, register(MASTER, valid_from=timestamp(NOW)))
    assert on(registry(), submission).of(LISTINGS_CHANGED)


def test_every_reason_is_given_somewhere() -> None:
    """Each reason that the contract has now is in the table above, or in another test of the registry."""
    here = {reason for _, problems in REFUSED for reason, _ in problems}
    elsewhere = {
        Reason.UNKNOWN_RIGHTSHOLDER,
        Reason.SUSPENDED,
        Reason.BAD_SIGNATURE,
        Reason.UNREADABLE_REFERENCE,
        Reason.OVERLAPPING_CLAIM,
        Reason.TOO_MANY_PENDING,
        Reason.SUPERSEDED,
        Reason.DUPLICATE_SUBMISSION,
    }
    assert here | elsewhere == set(WorkReceipt.Reason)
