"""What reading found: content, failures with their retries, and files that change."""

import pytest

from services.contracts.inside import ReadRequested, UploadRead
from services.contracts.reading import Failure
from services.contracts.topics import READS_REQUESTED, VERDICTS_DECIDED
from services.enforcer.case import RETRIES_MAX
from services.enforcer.reads import FINAL
from tests.deciding import Deciding, digest
from tests.enforcer.facts import (
    HIT,
    UPLOAD,
    Reason,
    Status,
    Verdict,
    asked,
    blocked,
    case,
    clear,
    copies,
    match,
    on,
    read,
    submission,
    submitted,
    takedowns,
    verdicts,
)

WITHIN_MS = 30_000
SONG, OTHER = digest("song"), digest("other")
UNSCANNED = Verdict.UNSCANNED
CHANGED, TIMED_OUT = (UNSCANNED, Reason.CHANGED), (UNSCANNED, Reason.TIMED_OUT)
TRANSIENT = sorted(set(Failure) - FINAL - {Failure.SLOW})


@pytest.mark.parametrize("failure", sorted(set(Failure) - {Failure.SLOW}))
def test_a_failure_is_said_at_once(failure: Failure) -> None:
    """G5: UNSCANNED with the reason, in words that its reader understands; `complete` when it is final."""
    said = on(submitted(), read(failure))
    (verdict,) = said.of(VERDICTS_DECIDED)
    assert (verdict.verdict, verdict.reasons) == (UNSCANNED, (Reason(failure),))
    assert verdict.complete is (failure in FINAL)
    assert (verdict.content, verdict.scans, verdict.works, verdict.evidence) == (None, (), (), ())
    assert verdict.explanation.startswith("“Song” is not shown yet, because ")
    assert verdict.explanation.endswith("again by itself." if failure in FINAL else "It is tried again.")


@pytest.mark.parametrize("failure", TRANSIENT)
def test_a_failure_is_retried_with_backoff_and_then_final(failure: Failure) -> None:
    """Retries with doubling pauses by the enforcer's timers; said once at first and once when they are over."""
    deciding = submitted(media_type="audio/wav", size_bytes=5)
    assert verdicts(on(deciding, read(failure))) == [(UNSCANNED, Reason(failure))]
    for attempt in range(1, RETRIES_MAX + 1):
        pause = 1_000 * 2 ** (attempt - 1)
        assert deciding.pass_time(pause - 1) == ()
        said = deciding.pass_time(1)
        asked = ReadRequested(UPLOAD, 1, attempt, "file:/song", slow=False, media_type="audio/wav", size_bytes=5)
        assert said.of(READS_REQUESTED) == [asked]
        said = on(deciding, read(failure, attempt=attempt))
        assert [one.complete for one in said.of(VERDICTS_DECIDED)] == ([True] if attempt == RETRIES_MAX else [])
    assert deciding.store.next_due() is None


@pytest.mark.parametrize("failure", sorted(FINAL))
def test_what_its_address_alone_forbids_is_not_tried_again(failure: Failure) -> None:
    """Reading again cannot help; a second answer says nothing new."""
    deciding = submitted()
    on(deciding, read(failure))
    assert on(deciding, read(failure)) == ()
    assert deciding.pass_time(10 * WITHIN_MS) == ()


def test_the_next_failure_may_have_another_reason() -> None:
    """The verdict follows what is found, each change under the next revision."""
    deciding = submitted()
    said = list(on(deciding, read(Failure.NOT_FOUND)).of(VERDICTS_DECIDED))
    deciding.pass_time(1_000)
    said += on(deciding, read(Failure.EMPTY, attempt=1)).of(VERDICTS_DECIDED)
    assert [(one.reasons[0], one.revision) for one in said] == [(Reason.NOT_FOUND, 1), (Reason.EMPTY, 2)]


def test_a_retry_that_succeeds_corrects_the_verdict() -> None:
    """Failures are corrected: the bytes are compared, and the timers are over."""
    deciding = submitted()
    on(deciding, read(Failure.UNREACHABLE))
    deciding.pass_time(1_000)
    assert copies(on(deciding, read("song", attempt=1))) == [("+", SONG, 1)]
    assert verdicts(on(deciding, match(HIT))) == [(Verdict.BLOCKED, Reason.IDENTICAL)]
    assert deciding.store.next_due() is None


def test_what_takes_too_long_goes_to_the_slow_lane_and_stays_there() -> None:
    """Hasher: SLOW is inside only; the enforcer asks again at once, and says nothing before the deadline."""
    deciding = submitted()
    said = on(deciding, read(Failure.SLOW))
    assert (verdicts(said), asked(said)) == ([], [(1, 1, True)])
    assert verdicts(on(deciding, read(Failure.SLOW, attempt=1))) == [TIMED_OUT]
    assert asked(deciding.pass_time(2_000)) == [(1, 2, True)]
    assert copies(on(deciding, read("song", attempt=2))) == [("+", SONG, 1)]


def test_a_read_that_is_always_too_slow_ends_as_timed_out() -> None:
    """Bounded: the slow lane's retries are over some time, too."""
    deciding = submitted()
    on(deciding, read(Failure.SLOW))
    for attempt in range(1, RETRIES_MAX):
        on(deciding, read(Failure.SLOW, attempt=attempt))
        assert asked(deciding.pass_time(2**RETRIES_MAX * 1_000)) == [(1, attempt + 1, True)]
    (verdict,) = on(deciding, read(Failure.SLOW, attempt=RETRIES_MAX)).of(VERDICTS_DECIDED)
    assert (verdict.reasons, verdict.complete) == ((Reason.TIMED_OUT,), True)


@pytest.mark.parametrize(
    "fact", [read(Failure.NOT_FOUND), read(Failure.SLOW), read("song"), read(Failure.NOT_FOUND, 2)]
)
def test_what_follows_a_digest_and_is_no_other_is_ignored(fact: UploadRead) -> None:
    """Submission: a failure after a digest is ignored, and a second answer with the same digest is no news."""
    deciding = clear()
    on(deciding, submission())
    assert on(deciding, fact) == ()


@pytest.mark.parametrize("attempt", [0, 2])
def test_failures_of_other_attempts_are_ignored(attempt: int) -> None:
    """Submission: reads.requested carries an attempt, echoed; only the present one's failure counts."""
    deciding = submitted()
    on(deciding, read(Failure.UNREACHABLE))
    deciding.pass_time(1_000)
    before = case(deciding)
    assert on(deciding, read(Failure.NOT_ALLOWED, attempt=attempt)) == ()
    assert case(deciding) == before


def test_a_second_failure_of_one_attempt_is_ignored() -> None:
    """The hasher answers at least once: a repetition must not use up a retry."""
    deciding = submitted()
    on(deciding, read(Failure.UNREACHABLE))
    before = case(deciding)
    assert on(deciding, read(Failure.UNREACHABLE), read(Failure.NOT_FOUND)) == ()
    assert case(deciding) == before


def changed() -> Deciding:
    """Return an enforcer whose upload was blocked, and whose second look found other bytes."""
    deciding = blocked()
    on(deciding, submission(), read("other", 2))
    return deciding


def test_two_digests_under_one_submission_void_the_verdict_and_are_read_again() -> None:
    """Submission: the file changed: UNSCANNED [CHANGED], the copy goes, and what is there now is asked for."""
    deciding = blocked()
    said = on(deciding, submission(), read("other", 2))
    assert verdicts(said) == [CHANGED]
    assert copies(said) == [("-", SONG, 1)]
    assert asked(said) == [(1, 1, False)]
    assert takedowns(said) == []
    (verdict,) = said.of(VERDICTS_DECIDED)
    assert (verdict.submission, verdict.content, verdict.complete) == (1, None, False)


@pytest.mark.parametrize("stale", [read("song"), read("other", 2), read("third"), read(Failure.NOT_FOUND, 2)])
def test_after_a_change_only_newer_attempts_set_the_digest(stale: UploadRead) -> None:
    """Submission: what was asked before the change was noticed may be either file; it counts no more."""
    deciding = changed()
    before = case(deciding)
    assert on(deciding, stale) == ()
    assert case(deciding) == before


def test_the_newer_attempt_decides_what_the_changed_file_is() -> None:
    """The bytes that are there now are compared; what was down for the old ones comes back."""
    deciding = changed()
    assert copies(on(deciding, read("other", attempt=1))) == [("+", OTHER, 1)]
    said = on(deciding, match(version=0, label="other"))
    assert (verdicts(said), takedowns(said)) == ([(Verdict.CLEAR, Reason.NO_MATCH)], [(HIT, Status.REINSTATED)])


def test_a_changed_file_that_is_listed_too_stays_down() -> None:
    """G3: the takedown alternates; the same work in other bytes is no second takedown."""
    deciding = changed()
    said = on(deciding, read("other", attempt=1), match(HIT, label="other"))
    assert (verdicts(said), takedowns(said)) == ([(Verdict.BLOCKED, Reason.IDENTICAL)], [])


def test_a_file_may_change_back() -> None:
    """The same digest again after a change is a copy that comes again, and is compared again."""
    deciding = changed()
    assert copies(on(deciding, read("song", attempt=1))) == [("+", SONG, 1)]
    said = on(deciding, match(HIT))
    assert (verdicts(said), takedowns(said)) == ([(Verdict.BLOCKED, Reason.IDENTICAL)], [])


def test_a_change_is_noticed_again_in_a_later_look() -> None:
    """A look after the change counts: it is not older than what was asked when the change was noticed."""
    deciding = changed()
    on(deciding, read("other", attempt=1), match(version=0, label="other"), submission())
    said = on(deciding, read("third", 3))
    assert (verdicts(said), asked(said)) == ([CHANGED], [(1, 2, False)])


def test_a_changed_file_that_cannot_be_read_says_why() -> None:
    """After a change the present attempt's failure counts, and is retried."""
    deciding = changed()
    assert verdicts(on(deciding, read(Failure.NOT_FOUND, attempt=1))) == [(UNSCANNED, Reason.NOT_FOUND)]
    assert asked(deciding.pass_time(2_000)) == [(1, 2, False)]
