import pytest

from loadtest.receipts import receipt_latencies, receipts_tally
from loadtest.session import Status

BOTH = {Status.ACCEPTED: [1.5], Status.ENFORCED: [1.7]}


@pytest.mark.parametrize(
    ("came", "missed", "wrong", "duplicate"),
    [
        (BOTH, 0, 0, 0),
        ({}, 2, 0, 0),
        ({Status.ACCEPTED: [1.5]}, 1, 0, 0),
        ({Status.REJECTED: [1.5]}, 2, 1, 0),
        ({**BOTH, Status.CONFLICTED: [1.6]}, 0, 1, 0),
        ({**BOTH, Status.ACCEPTED: [1.5, 2.5]}, 0, 0, 1),
    ],
)
def test_a_registration_has_one_accepted_and_one_enforced(
    came: dict[Status, list[float]], missed: int, wrong: int, duplicate: int
) -> None:
    """Whatever else there is or is not is found, and named."""
    found = receipts_tally({"song": came}, ["song"])
    assert (found.missed, found.wrong, found.duplicate) == (missed, wrong, duplicate)
    assert bool(found.examples) != found.is_right


def test_a_registration_waits_from_its_intended_time() -> None:
    """One without a receipt is missed, not counted."""
    found = receipt_latencies({"song": BOTH}, {"song": 1.0, "other": 1.0}, Status.ACCEPTED).percentiles()
    assert found.count == 1
    assert found.max == pytest.approx(500, rel=2e-3)


def test_a_settlement_is_released_once() -> None:
    """Its receipt names no work."""
    for came, right in (([1.5], True), ([], False), ([1.5, 1.6], False)):
        assert receipts_tally({"": {Status.RELEASED: came}}, [""], (Status.RELEASED,)).is_right is right
