"""What reading found: content, failures with their retries, and files that change."""

from itertools import pairwise

import pytest

from services.contracts.inside import ReadRequested, UploadRead
from services.contracts.reading import BUSY_PAUSE_MS_MAX, BUSY_PAUSE_MS_MIN, Failure, busy_pause_ms
from services.contracts.topics import READS_REQUESTED, VERDICTS_DECIDED
from services.enforcer.case import RETRIES_MAX, UNANSWERED_MS
from services.enforcer.reads import FINAL
from tests.deciding import NOW, Deciding, digest
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
INSIDE = {Failure.SLOW, Failure.BUSY}
TRANSIENT = sorted(set(Failure) - FINAL - INSIDE)


@pytest.mark.parametrize("failure", sorted(set(Failure) - INSIDE))
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


def busy(deciding: Deciding, *, slow: bool = False) -> int:
    """Answer the present question BUSY, see it asked again on the same lane, and return the pause before."""
    attempt = case(deciding).attempt
    assert on(deciding, read(Failure.BUSY, attempt=attempt)) == ()
    due = deciding.store.next_due()
    assert due is not None
    pause = due - deciding.now
    assert asked(deciding.pass_time(pause)) == [(1, attempt + 1, slow)]
    return pause


def test_what_the_hasher_had_no_room_for_is_asked_again_and_nothing_said() -> None:
    """Overload of ours is no failure of the file: no verdict, no try and no slow lane, however often it is met."""
    deciding = submitted()
    pauses = [busy(deciding) for _ in range(4)]
    assert all(later > before for before, later in pairwise(pauses))
    assert verdicts(deciding.pass_time(WITHIN_MS)) == [TIMED_OUT]
    pauses += [busy(deciding) for _ in range(3 * RETRIES_MAX)]
    assert min(pauses) >= BUSY_PAUSE_MS_MIN
    assert BUSY_PAUSE_MS_MAX // 2 <= pauses[-1] <= BUSY_PAUSE_MS_MAX
    assert case(deciding).tries == 0
    assert copies(on(deciding, read("song", attempt=len(pauses)))) == [("+", SONG, 1)]


def test_the_deadline_does_not_put_off_what_waits_for_room() -> None:
    """The verdict is TIMED_OUT after 30 s, and the pause ends when it would have."""
    deciding = submitted()
    for _ in range(4):
        busy(deciding)
    deciding.pass_time(WITHIN_MS + NOW - deciding.now - 1)
    on(deciding, read(Failure.BUSY, attempt=4))
    assert verdicts(deciding.pass_time(1)) == [TIMED_OUT]
    assert asked(deciding.pass_time(BUSY_PAUSE_MS_MAX)) == [(1, 5, False)]


def test_uploads_that_found_no_room_do_not_all_come_back_at_once() -> None:
    """What a thousand were refused at one time is spread over a second, and the same for each when it is replayed."""
    pauses = {busy_pause_ms(0, f"upload-{number}") for number in range(1_000)}
    assert len(pauses) > 500
    assert BUSY_PAUSE_MS_MIN <= min(pauses) <= max(pauses) <= 2 * BUSY_PAUSE_MS_MIN
    assert busy_pause_ms(0, "upload-0") == busy_pause_ms(0, "upload-0")


def test_room_that_is_short_between_failures_counts_for_nothing() -> None:
    """A file that cannot be read has all its retries, on the slow lane too, and no more of them."""
    deciding = submitted()
    on(deciding, read(Failure.SLOW))
    for _ in range(1, RETRIES_MAX):
        busy(deciding, slow=True)
        assert busy(deciding, slow=True) >= 2 * BUSY_PAUSE_MS_MIN
        on(deciding, read(Failure.UNREACHABLE, attempt=case(deciding).attempt))
        assert case(deciding).busy == 0
        assert len(asked(deciding.pass_time(2**RETRIES_MAX * 1_000))) == 1
    (verdict,) = on(deciding, read(Failure.NOT_FOUND, attempt=case(deciding).attempt)).of(VERDICTS_DECIDED)
    assert verdict.complete


def test_what_was_busy_and_is_never_answered_is_given_up_in_the_end() -> None:
    """Asking without counting is for answers; silence after one is counted as any other."""
    deciding = submitted()
    busy(deciding)
    for tries in range(RETRIES_MAX + 1):
        assert asked(deciding.pass_time(UNANSWERED_MS * 2**tries)) == [(1, 1, False)]
    (verdict,) = deciding.pass_time(UNANSWERED_MS * 2 ** (RETRIES_MAX + 1)).of(VERDICTS_DECIDED)
    assert verdict.complete


@pytest.mark.parametrize(
    "fact", [read(Failure.NOT_FOUND), read(Failure.SLOW), read(Failure.BUSY), read("song"), read(Failure.NOT_FOUND, 2)]
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
