"""Deadlines: nothing flips but on time, and everything fails closed."""

import pytest

from services.contracts.reading import Failure
from services.contracts.topics import VERDICTS_DECIDED
from services.enforcer.case import RETRIES_MAX, UNANSWERED_MS
from tests.deciding import Deciding, content, digest
from tests.enforcer.facts import (
    HIT,
    Reason,
    Verdict,
    asked,
    case,
    clear,
    copies,
    match,
    on,
    read,
    submission,
    submitted,
    verdicts,
)

WITHIN_MS = 30_000
TIMED_OUT = (Verdict.UNSCANNED, Reason.TIMED_OUT)


def test_who_has_no_verdict_after_30_seconds_is_unscanned() -> None:
    """G5: too slow is UNSCANNED [TIMED_OUT], never silently CLEAR."""
    deciding = submitted()
    assert deciding.pass_time(WITHIN_MS - 1) == ()
    said = deciding.pass_time(1)
    assert verdicts(said) == [TIMED_OUT]
    (verdict,) = said.of(VERDICTS_DECIDED)
    assert (verdict.complete, verdict.content) == (False, None)


def test_bytes_that_are_not_compared_in_time_are_unscanned() -> None:
    """CLEAR is said about bytes that were read and compared: read alone is not enough, and the verdict names them."""
    deciding = submitted()
    on(deciding, read("song"))
    said = deciding.pass_time(WITHIN_MS)
    assert verdicts(said) == [TIMED_OUT]
    assert said.of(VERDICTS_DECIDED)[0].content == content("song")
    assert verdicts(on(deciding, match(version=0))) == [(Verdict.CLEAR, Reason.NO_MATCH)]


@pytest.mark.parametrize(
    "answer", [[read("song"), match(version=0)], [read("song"), match(HIT)], [read(Failure.NOT_ALLOWED)]]
)
def test_who_has_a_verdict_in_time_hears_nothing_of_the_deadline(answer: list[object]) -> None:
    """The deadline is for the first verdict alone: a comparison or a first failure is one."""
    deciding = submitted()
    deciding.pass_time(WITHIN_MS - 1)
    assert verdicts(on(deciding, *answer))
    assert deciding.pass_time(1) == ()


def test_a_deadline_flips_only_when_woken() -> None:
    """Time: a fact that comes after the deadline, and before its timer, is decided by what it says itself."""
    deciding = submitted()
    deciding.now += 2 * WITHIN_MS
    said = on(deciding, read("song"), match(version=0))
    assert verdicts(said) == [(Verdict.CLEAR, Reason.NO_MATCH)]
    assert deciding.pass_time(0) == ()


def test_each_submission_has_a_deadline_of_its_own() -> None:
    """A changed resubmission begins anew; an identical one gains no time."""
    deciding = clear()
    on(deciding, submission(title="Mine"))
    deciding.pass_time(WITHIN_MS - 1)
    on(deciding, submission(title="Mine"))
    assert verdicts(deciding.pass_time(1)) == [TIMED_OUT]
    assert deciding.pass_time(WITHIN_MS) == ()


def test_the_clock_of_the_uploader_decides_nothing() -> None:
    """Time: `submitted_at` is for display; the deadline runs from when the submission was met."""
    deciding = submitted(submitted_at=None)
    assert case(deciding).deadline == deciding.now + WITHIN_MS


def overdue() -> Deciding:
    """Return an enforcer whose upload nobody has read in time."""
    deciding = submitted()
    deciding.pass_time(WITHIN_MS)
    return deciding


def test_a_read_that_nobody_answers_is_asked_for_again_much_later() -> None:
    """G1: what was lost is found in the end; sooner, a hasher that lags would be asked for everything twice."""
    deciding = overdue()
    assert deciding.pass_time(UNANSWERED_MS - 1) == ()
    for wait in range(RETRIES_MAX + 1):
        assert asked(deciding.pass_time(1)) == [(1, 0, False)]
        assert deciding.pass_time(UNANSWERED_MS * 2**wait - 1) == ()
    (verdict,) = deciding.pass_time(1).of(VERDICTS_DECIDED)
    assert (verdict.reasons, verdict.complete) == ((Reason.TIMED_OUT,), True)
    assert copies(on(deciding, read("song"))) == [("+", digest("song"), 1)]


def test_an_identical_resubmission_of_what_was_given_up_begins_the_reads_anew() -> None:
    """G5: whoever puts the file right and submits again is tried as often as the first time."""
    deciding = overdue()
    assert verdicts(on(deciding, read(Failure.NOT_ALLOWED))) == [(Verdict.UNSCANNED, Reason.NOT_ALLOWED)]
    assert asked(on(deciding, submission())) == [(1, 1, False)]
    assert asked(on(deciding, read(Failure.SLOW, attempt=1))) == [(1, 2, True)]
    assert on(deciding, submission()) == ()


def test_a_read_that_comes_after_the_deadline_counts() -> None:
    """Late is not lost: content is compared and nothing is asked again; a failure says why and is retried soon."""
    deciding = overdue()
    assert copies(on(deciding, read("song"))) == [("+", digest("song"), 1)]
    assert deciding.pass_time(UNANSWERED_MS) == ()
    deciding = overdue()
    assert verdicts(on(deciding, read(Failure.NOT_FOUND))) == [(Verdict.UNSCANNED, Reason.NOT_FOUND)]
    assert asked(deciding.pass_time(1_000)) == [(1, 1, False)]
