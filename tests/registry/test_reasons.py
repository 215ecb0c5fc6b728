"""Every reason that the contract has for refusing or holding a submission: what gets it, where it stands, its cure."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from services.contracts.decided import WorkReceipt
from services.contracts.processor import Signed
from services.contracts.reading import Failure
from services.contracts.submitted import Attestation, Enroll
from services.contracts.topics import WORKS_RECEIPTS
from services.registry import PROCESSOR
from services.registry.state import QUEUE_MAX
from tests.deciding import NOW, Deciding, Said
from tests.registry.facts import (
    Answer,
    Reason,
    answer,
    by_digest,
    by_file,
    enrolment,
    in_force,
    on,
    read,
    registers,
    registry,
    releases,
    revokes,
)
from tests.registry.test_signatures import KEY, REGISTERS, WINDOW_MS, enrolled, sent, signed, text
from tests.registry.test_standing import suspends

WHOLE = by_digest("a")
UNSIGNED: Signed | None = None


def refused(*facts: object, before: Deciding | None = None) -> Said:
    """Decide facts in a registry that has enrolled the label, unless another is given."""
    return on(before or registry(), *facts)


def limited() -> Deciding:
    """Return a registry with a label on probation."""
    deciding = Deciding(PROCESSOR)
    on(deciding, enrolment(standing=Enroll.Standing.PROBATION))
    return deciding


def with_papers(**more: Any) -> Said:
    """Decide a registration in which something is missing."""
    return refused(registers("s1", WHOLE, **more))


REASONS: dict[Reason, tuple[str, Callable[[], Said]]] = {
    Reason.UNKNOWN_RIGHTSHOLDER: ("rightsholder_id", lambda: refused(REGISTERS, before=Deciding(PROCESSOR))),
    Reason.SUSPENDED: ("rightsholder_id", lambda: refused(suspends("e2"), REGISTERS)),
    Reason.BAD_SIGNATURE: ("staydown-signature", lambda: sent(enrolled(), REGISTERS, UNSIGNED)),
    Reason.REPLAYED: ("ce_time", lambda: sent(enrolled(), REGISTERS, signed(REGISTERS, at=NOW - WINDOW_MS - 1))),
    Reason.MISSING_DOCUMENT: ("register.documents", lambda: with_papers(documents=())),
    Reason.MISSING_ATTESTATION: ("register.attestation", lambda: with_papers(attestation=None)),
    Reason.NOT_EXCLUSIVE: (
        "register.attestation.exclusive",
        lambda: with_papers(attestation=Attestation(False, True, True, "N. N.")),
    ),
    Reason.NO_REFERENCE: ("register.references", lambda: refused(registers("s1"))),
    Reason.UNREADABLE_REFERENCE: (
        "register.references[0].uri",
        lambda: refused(registers("s1", by_file("a")), read("a", Failure.NOT_ALLOWED)),
    ),
    Reason.PROTECTED_CONTENT: ("register.references", lambda: refused(REGISTERS, answer(Answer.PROTECTED, "a"))),
    Reason.OVERLAPPING_CLAIM: ("register.references", lambda: refused(REGISTERS, answer(Answer.REFUSED, "a"))),
    Reason.TOO_MANY_COPIES: (
        "register.references",
        lambda: refused(REGISTERS, answer(Answer.COUNTED, "a", copies=11), before=limited()),
    ),
    Reason.TOO_MANY_PENDING: (
        "work_id",
        lambda: refused(*(registers(f"s{number}", by_file("a")) for number in range(QUEUE_MAX + 2))),
    ),
    Reason.UNKNOWN_WORK: ("work_id", lambda: refused(releases("s1"))),
    Reason.UNKNOWN_LICENSE: ("revoke.license_id", lambda: refused(revokes("s2"), before=in_force("a"))),
    Reason.SUPERSEDED: ("work_id", lambda: refused(registers("s1", by_file("a")), releases("s2"))),
    Reason.DUPLICATE_SUBMISSION: ("submission_id", lambda: refused(REGISTERS, replace(REGISTERS, work_id="other"))),
    Reason.INVALID_FIELD: ("work_id", lambda: refused(replace(REGISTERS, work_id=""))),
}


@pytest.mark.parametrize("reason", list(WorkReceipt.Reason))
def test_every_reason_of_the_contract_is_given_with_its_field_and_cure(reason: Reason) -> None:
    """Each has a submission that gets it, names the field that is wrong, and says in a sentence what to do."""
    field, play = REASONS[reason]
    receipts = [receipt for receipt in play().of(WORKS_RECEIPTS) if receipt.problems]
    (problem,) = receipts[-1].problems
    assert (problem.reason, problem.field, receipts[-1].reasons) == (reason, field, (reason,))
    assert problem.cure[0].isupper() or problem.cure.startswith("ce_")
    assert problem.cure.endswith(".")


def test_a_key_is_needed_only_where_there_is_one() -> None:
    """What is signed by somebody who need not is taken as it is."""
    assert sent(registry(), REGISTERS, signed(REGISTERS)).of(WORKS_RECEIPTS) == []
    assert text(KEY).endswith("=")
