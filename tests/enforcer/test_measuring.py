"""What the steps of a case give to be measured."""

from hypothesis import given
from hypothesis import strategies as st

from services.contracts.measured import Measure, Measured, Tallied, Tally
from services.contracts.reading import Failure
from services.contracts.submitted import UploadDeleted
from services.enforcer.case import VERDICT_WITHIN_MS, Case
from services.runtime.tallying import count, oldest_ms, tallied
from tests.deciding import LATE_MS, NOW, Deciding
from tests.enforcer.facts import HIT, UPLOAD, Verdict, enforcer, match, on, read, submission, submitted

MINUTE_MS = 60_000
ANSWERED = Measured(Measure.ANSWERED, since=NOW - LATE_MS)


def _counted(deciding: Deciding, measure: Measure) -> list[str]:
    return [one.value for one in deciding.measured if isinstance(one, Measured) and one.measure is measure]


def _case(deciding: Deciding) -> Case:
    return deciding.entry(UPLOAD) or Case()


def _tallies(deciding: Deciding) -> tuple[int, int | None]:
    tallies = tallied(None, (one for one in deciding.measured if isinstance(one, Tallied)))
    return count(tallies, Tally.HELD), oldest_ms(tallies, Tally.UNSCANNED)


def test_an_upload_is_timed_once_from_its_submission_to_its_first_verdict() -> None:
    """What is said of the same submission later is no answer to it, and the case keeps its time no longer."""
    deciding = submitted()
    assert _case(deciding).submitted_at == NOW - LATE_MS
    on(deciding, read("song"), match(version=0))
    assert deciding.measured.count(ANSWERED) == 1
    assert _case(deciding).submitted_at == 0
    deciding.pass_time(1_000)
    on(deciding, match(HIT, version=1), match(version=2))
    assert _counted(deciding, Measure.ANSWERED) == [""]
    assert _counted(deciding, Measure.DECIDED) == ["CLEAR", "BLOCKED", "CLEAR"]
    assert _counted(deciding, Measure.TAKEN_DOWN) == ["NOTICE"]
    assert _counted(deciding, Measure.REINSTATED) == [""]
    assert _counted(deciding, Measure.REFUSED) == [], "it was shown first"


def test_an_upload_that_is_blocked_on_arrival_is_refused() -> None:
    """Two works list the bytes: two takedowns, one refusal."""
    deciding = submitted()
    on(deciding, read("song"), match(HIT, "other/work"))
    assert _counted(deciding, Measure.REFUSED) == [""]
    assert _counted(deciding, Measure.TAKEN_DOWN) == ["STAYDOWN", "STAYDOWN"]


def test_a_verdict_that_comes_only_by_the_deadline_is_the_first() -> None:
    """Who waited in vain is in the figures; what comes after that is another matter."""
    deciding = submitted()
    deciding.pass_time(VERDICT_WITHIN_MS)
    assert deciding.measured.count(ANSWERED) == 1
    on(deciding, read("song"), match(version=0))
    assert _counted(deciding, Measure.ANSWERED) == [""]


def test_a_verdict_that_voids_what_was_said_of_other_bytes_is_no_answer() -> None:
    """A changed resubmission is timed anew, to the verdict on its own bytes."""
    deciding = submitted()
    on(deciding, read("song"), match(version=0))
    deciding.pass_time(5_000)
    on(deciding, submission("file:/other"))
    assert _counted(deciding, Measure.ANSWERED) == [""]
    assert _counted(deciding, Measure.DECIDED) == ["CLEAR", "UNSCANNED"]
    on(deciding, read("other", submission=2), match(version=0, submission=2, label="other"))
    assert Measured(Measure.ANSWERED, since=NOW + 5_000 - LATE_MS) in deciding.measured


def test_an_upload_is_watched_while_it_is_unscanned_and_tried_again() -> None:
    """The time is that at which it became so, whatever the reasons are meanwhile; a verdict ends it."""
    deciding = submitted()
    on(deciding, read(Failure.UNREACHABLE))
    since = NOW - NOW % MINUTE_MS
    assert _tallies(deciding) == (0, since)
    deciding.pass_time(5 * MINUTE_MS)
    on(deciding, read(Failure.NOT_FOUND, attempt=_case(deciding).attempt))
    assert _tallies(deciding) == (0, since)
    on(deciding, read("song", attempt=_case(deciding).attempt), match(version=0))
    assert _tallies(deciding) == (0, None)


def test_what_is_not_tried_again_is_not_watched() -> None:
    """An upload whose address may not be read stays UNSCANNED for ever, and is nobody's delay."""
    deciding = submitted()
    on(deciding, read(Failure.NOT_ALLOWED))
    assert _case(deciding).verdict is Verdict.UNSCANNED
    deciding.pass_time(VERDICT_WITHIN_MS)
    assert _tallies(deciding) == (0, None)


FACTS = (
    submission(),
    submission("file:/other"),
    UploadDeleted(),
    *(read(found, number) for found in ("song", Failure.UNREACHABLE, Failure.SLOW, Failure.BUSY) for number in (1, 2)),
    *(match(*works, version=version, submission=2) for works in ((), (HIT,)) for version in (1, 2)),
)


@given(st.lists(st.sampled_from([*FACTS, 1_000, 60_000, 40 * MINUTE_MS]), max_size=25))
def test_what_is_watched_is_what_the_case_says_whatever_happens(facts: list[object]) -> None:
    """Increments and decrements add up to the present state of the case after any history."""
    deciding = enforcer()
    for fact in facts:
        if isinstance(fact, int):
            deciding.pass_time(fact)
        else:
            on(deciding, fact)
        case = _case(deciding)
        held, oldest = _tallies(deciding)
        assert held == (case.verdict is Verdict.HELD)
        is_tried = case.verdict is Verdict.UNSCANNED and (case.retry_at is not None or case.deadline is not None)
        assert oldest is None or is_tried
        assert (oldest is not None) == bool(is_tried and case.unscanned_since)
