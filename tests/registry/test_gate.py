"""The completeness gate: each thing that can be wrong with a submission, its reason, its field and its cure."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.contracts.submitted import (
    Attestation,
    License,
    Licensee,
    Policy,
    Reference,
    Register,
    Release,
    Revoke,
    Settle,
    WorkSubmitted,
    WorkUnreadable,
)
from services.contracts.topics import LISTINGS_CHANGED, REFERENCES_REQUESTED, WORKS_RECEIPTS
from services.contracts.types import timestamp
from tests.deciding import NOW, content
from tests.registry.facts import (
    LABEL,
    Reason,
    Status,
    by_digest,
    by_file,
    excludes,
    licence,
    licenses,
    licenses_all,
    on,
    refusals,
    register,
    registry,
    work,
)

MASTER = by_digest("master")
PAST = timestamp(NOW - 1)
INVALID = Reason.INVALID_FIELD
REFERENCES = "register.references"


def registers(*references: Reference, **more: Any) -> WorkSubmitted:
    """Return a registration with something wrong."""
    return WorkSubmitted(LABEL, "s1", "hit", register=register(*(references or (MASTER,)), **more))


DAY_MS = 24 * 3600 * 1000
EXCERPT = License.Use.EXCERPT
TWO = Licensee("fan", platform=True)


def everything(**action: Any) -> WorkSubmitted:
    """Return an action on everything that names a work all the same."""
    return WorkSubmitted(LABEL, "s1", "hit", **action)


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
    (registers(valid_until=PAST), [(INVALID, "register.valid_until")]),
    (registers(valid_until=timestamp(NOW)), [(INVALID, "register.valid_until")]),
    (registers(policy=Policy(territories=("DE", "XX", "YY"))), [(INVALID, "register.policy.territories[1]")]),
    (registers(policy=Policy(excerpt_ms_max=DAY_MS + 1)), [(INVALID, "register.policy.excerpt_ms_max")]),
    (licenses("s1", licensee=Licensee()), [(INVALID, "license.licensee")]),
    (licenses("s1", licensee=TWO), [(INVALID, "license.licensee")]),
    (licenses("s1", territories=("ZZ",)), [(INVALID, "license.territories[0]")]),
    (licenses("s1", excerpt_ms_max=1), [(INVALID, "license.use")]),
    (licenses_all("s1", excerpt_ms_max=30_000), [(INVALID, "license_catalogue.use")]),
    (licenses("s1", use=EXCERPT), [(INVALID, "license.excerpt_ms_max")]),
    (licenses("s1", use=EXCERPT, excerpt_ms_max=DAY_MS + 1), [(INVALID, "license.excerpt_ms_max")]),
    (licenses("s1", valid_from=PAST, valid_until=PAST), [(INVALID, "license.valid_until")]),
    (licenses("s1", work_id=""), [(INVALID, "work_id")]),
    (licenses_all("s1", licensee=TWO), [(INVALID, "license_catalogue.licensee")]),
    (licenses_all("s1", territories=("DE", "UK")), [(INVALID, "license_catalogue.territories[1]")]),
    (excludes("s1", start_ms=5, end_ms=5), [(INVALID, "exclude.end_ms")]),
    (excludes("s1", start_ms=5, end_ms=4), [(INVALID, "exclude.end_ms")]),
    (everything(license_catalogue=licence()), [(INVALID, "work_id")]),
    (everything(settle=Settle(Release.Reason.SETTLED)), [(INVALID, "work_id")]),
    (everything(revoke=Revoke("l1"), license=licence()), [(INVALID, "revoke")]),
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
        registers(policy=Policy(Policy.Action.TRACK, ("DE", "FR"), DAY_MS)),
        registers(valid_from=timestamp(NOW + 1)),
        registers(valid_from=PAST, valid_until=timestamp(NOW + 1)),
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
