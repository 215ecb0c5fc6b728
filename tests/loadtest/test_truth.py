from dataclasses import replace
from datetime import UTC, datetime

import pytest

from loadtest.truth import Expected, Tally, Truth, Verdict
from services.contracts.decided import VerdictDecided
from services.contracts.types import Content

BLAKE3 = "b" * 64
CLEAR = Expected(Verdict.CLEAR, BLAKE3)
BLOCKED = Expected(Verdict.BLOCKED, BLAKE3, ("song",))


def said(verdict: Verdict, revision: int = 1, upload_id: str = "u") -> VerdictDecided:
    """Return a verdict as the system says it: about the bytes that were submitted, and the work that lists them."""
    return VerdictDecided(
        upload_id=upload_id,
        verdict=verdict,
        decision_id="d",
        revision=revision,
        submission=0,
        content=None if verdict is Verdict.UNSCANNED else Content("a" * 32, BLAKE3, 1),
        complete=True,
        scans=(),
        reasons=(),
        works=(),
        work_ids=("song",) if verdict is Verdict.BLOCKED else (),
        blocked_territories=(),
        evidence=(),
        explanation="",
        decided_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def tally(expected: tuple[Expected, ...], came: tuple[VerdictDecided, ...]) -> Tally:
    """Return what is to be complained of."""
    truth = Truth()
    for one in expected:
        truth.expect("u", one)
    for verdict in came:
        truth.saw(verdict, 1.0)
    return truth.tally()


FIRST, SECOND = said(Verdict.CLEAR), said(Verdict.BLOCKED, 2)
OTHER_BYTES = replace(FIRST, content=Content("a" * 32, "c" * 64, 1))
OTHER_WORK = replace(SECOND, work_ids=("another",))


@pytest.mark.parametrize(
    ("expected", "came", "missed", "wrong", "duplicate"),
    [
        ((CLEAR,), (FIRST,), 0, 0, 0),
        ((CLEAR, BLOCKED), (FIRST, SECOND), 0, 0, 0),
        ((Expected(Verdict.UNSCANNED),), (said(Verdict.UNSCANNED),), 0, 0, 0),
        ((CLEAR,), (), 1, 0, 0),
        ((CLEAR, BLOCKED), (FIRST,), 1, 0, 0),
        ((BLOCKED,), (FIRST,), 0, 1, 0),
        ((CLEAR,), (said(Verdict.UNSCANNED),), 0, 1, 0),
        ((CLEAR,), (OTHER_BYTES,), 0, 1, 0),
        ((CLEAR, BLOCKED), (FIRST, OTHER_WORK), 0, 1, 0),
        ((CLEAR,), (FIRST, SECOND), 0, 1, 0),
        ((CLEAR, BLOCKED), (SECOND, FIRST), 0, 1, 0),
        ((CLEAR,), (FIRST, FIRST), 0, 0, 1),
        ((CLEAR,), (FIRST, FIRST, FIRST), 0, 0, 2),
        ((CLEAR,), (FIRST, replace(FIRST, decision_id="e")), 0, 0, 1),
    ],
)
def test_missed_wrong_and_duplicate_are_told_apart(
    expected: tuple[Expected, ...], came: tuple[VerdictDecided, ...], missed: int, wrong: int, duplicate: int
) -> None:
    """Each of them is found, named once, and makes the run not right."""
    found = tally(expected, came)
    assert (found.missed, found.wrong, found.duplicate) == (missed, wrong, duplicate)
    assert found.is_right == (missed == wrong == duplicate == 0)
    assert bool(found.examples) != found.is_right


def test_a_passing_clear_of_listed_content_is_wrong() -> None:
    """Corrected a moment later, it was on show for a moment (G4)."""
    assert tally((BLOCKED,), (FIRST, SECOND)).wrong == 1


def test_what_is_outstanding_is_known_at_any_time() -> None:
    """By the number of verdicts, so that waiting ends with a wrong one too."""
    truth = Truth()
    truth.expect("u", CLEAR)
    truth.expect("v", CLEAR)
    truth.saw(FIRST, 1.0)
    assert truth.outstanding == {"v"}
    truth.expect("u", BLOCKED)
    assert truth.outstanding == {"u", "v"}
    truth.saw(FIRST, 2.0)
    assert truth.outstanding == {"u", "v"}
    truth.saw(SECOND, 3.0)
    assert truth.outstanding == {"v"}
    assert truth.came("u") == [1.0, 3.0]


def test_somebody_elses_uploads_are_nobodys_concern() -> None:
    """A running cluster has its own."""
    truth = Truth()
    truth.saw(said(Verdict.BLOCKED, upload_id="theirs"), 1.0)
    assert truth.tally() == Tally(0, 0, 0, 0, ())
