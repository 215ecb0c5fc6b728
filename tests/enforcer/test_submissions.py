"""Which submission of an upload is alive: the highest offset, a deletion, a resubmission."""

import pytest
from msgspec.structs import replace

from services.contracts.inside import UploadRead
from services.contracts.reading import Failure
from services.contracts.submitted import UploadDeleted, UploadSubmitted
from services.contracts.topics import VERDICTS_DECIDED
from services.contracts.types import timestamp
from services.enforcer.case import EARLY_MAX, EARLY_MS, Case
from tests.deciding import NOW, digest
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
    enforcer,
    match,
    on,
    read,
    submission,
    submitted,
    takedowns,
    verdicts,
)

DAY_MS = 24 * 3600 * 1000
WITHIN_MS = 30_000
SONG = digest("song")
CLEAR, BLOCKED = (Verdict.CLEAR, Reason.NO_MATCH), (Verdict.BLOCKED, Reason.IDENTICAL)
CHANGED, TIMED_OUT = (Verdict.UNSCANNED, Reason.CHANGED), (Verdict.UNSCANNED, Reason.TIMED_OUT)
NOT_FOUND = (Verdict.UNSCANNED, Reason.NOT_FOUND)


def test_a_submission_waits_for_its_bytes_and_then_for_their_matches() -> None:
    """One upload: nothing is said before bytes were read and compared; the copy goes to the matcher once."""
    deciding = enforcer()
    assert on(deciding, submission()) == ()
    said = on(deciding, read("song"))
    assert (copies(said), verdicts(said)) == ([("+", SONG, 1)], [])
    assert verdicts(on(deciding, match(version=0))) == [CLEAR]


@pytest.mark.parametrize("offset", [0, 4, 5])
@pytest.mark.parametrize("fact", [submission("file:/other"), submission(), UploadDeleted()])
def test_what_is_older_than_what_was_seen_is_dropped(offset: int, fact: UploadSubmitted | UploadDeleted) -> None:
    """Submission: the highest offset wins; a replayed older record changes nothing."""
    deciding = enforcer()
    deciding.on(UPLOAD, submission(), offset=5)
    before = case(deciding)
    assert deciding.on(UPLOAD, fact, offset=offset) == ()
    assert case(deciding) == before


@pytest.mark.parametrize(
    "change",
    [
        {"uri": "file:/other"},
        {"title": "Song 2"},
        {"uploader_id": "other"},
        {"community_id": ""},
        {"territories": ("DE",)},
        {"media_type": "audio/wav"},
    ],
)
def test_a_changed_resubmission_voids_clear_at_once(change: dict[str, object]) -> None:
    """Submission: CLEAR is about other bytes, perhaps; it is taken back before anything is read."""
    deciding = clear()
    said = on(deciding, replace(submission(), **change))
    assert verdicts(said) == [CHANGED]
    (verdict,) = said.of(VERDICTS_DECIDED)
    assert (verdict.submission, verdict.revision, verdict.content, verdict.complete) == (2, 2, None, False)
    assert copies(said) == [("-", SONG, 1)]


def test_blocked_stays_on_a_resubmission_until_the_new_bytes_are_known() -> None:
    """Submission: nobody frees a file by submitting it again; the takedown of the new submission is a new one."""
    deciding = blocked()
    (old,) = deciding.said(VERDICTS_DECIDED)
    said = on(deciding, submission(title="Mine"))
    assert (verdicts(said), copies(said)) == ([], [("-", SONG, 1)])
    assert copies(on(deciding, read("song", 2))) == [("+", SONG, 2)]
    said = on(deciding, match(HIT, submission=2))
    assert (verdicts(said), takedowns(said)) == ([BLOCKED], [(HIT, Status.ISSUED)])
    (new,) = said.of(VERDICTS_DECIDED)
    assert (new.submission, new.revision, old.revision) == (2, 2, 1)


def test_blocked_ends_with_other_bytes() -> None:
    """The new bytes are nobody's: CLEAR, without a reinstatement of what ended with its submission."""
    deciding = blocked()
    on(deciding, submission("file:/other"), read("other", 2))
    said = on(deciding, match(version=0, submission=2, label="other"))
    assert (verdicts(said), takedowns(said)) == ([CLEAR], [])


def test_blocked_ends_with_the_first_failure() -> None:
    """What cannot be read is UNSCANNED, whatever stood before."""
    deciding = blocked()
    assert verdicts(on(deciding, submission(title="Mine"), read(Failure.NOT_FOUND, 2))) == [NOT_FOUND]


def test_blocked_ends_with_the_deadline() -> None:
    """What is not read in time is UNSCANNED, whatever stood before."""
    deciding = blocked()
    on(deciding, submission(title="Mine"))
    assert verdicts(deciding.pass_time(WITHIN_MS)) == [TIMED_OUT]


def test_an_identical_resubmission_keeps_the_submission() -> None:
    """The same upload_id with the same content is a second look: nothing is said, nothing is voided."""
    deciding = clear()
    assert on(deciding, submission(), submission(submitted_at=timestamp(NOW))) == ()
    assert (case(deciding).submission, case(deciding).seen) == (1, 3)
    assert on(deciding, read("song", 2), read("song", 3)) == ()


def test_an_identical_resubmission_s_read_counts_as_a_read() -> None:
    """The second look finds other bytes: the file has changed; or finds bytes where there were none."""
    deciding = clear()
    assert verdicts(on(deciding, submission(), read("other", 2))) == [CHANGED]
    deciding = submitted()
    on(deciding, read(Failure.NOT_FOUND), submission())
    assert copies(on(deciding, read("song", 2))) == [("+", SONG, 1)]


def test_an_identical_resubmission_is_a_second_look_after_the_last_retry() -> None:
    """After the retries are over, a submission of the same again finds what is there now."""
    deciding = submitted()
    on(deciding, read(Failure.NOT_ALLOWED))
    assert verdicts(on(deciding, submission(), read("song", 2), match(version=0))) == [CLEAR]


@pytest.mark.parametrize(
    ("history", "has_copy", "has_verdict"),
    [
        ([], False, False),
        ([submission()], False, False),
        ([submission(), read(Failure.NOT_FOUND)], False, True),
        ([submission(), read("song")], True, False),
        ([submission(), read("song"), match(HIT)], True, True),
    ],
)
def test_a_deletion_ends_everything_up_to_it(history: list[object], has_copy: bool, has_verdict: bool) -> None:
    """A tombstone: null for a verdict, the copy goes, takedowns end without a record, late facts change nothing."""
    deciding = enforcer()
    on(deciding, *history)
    said = on(deciding, UploadDeleted())
    assert verdicts(said) == ([None] if has_verdict else [])
    assert copies(said) == ([("-", SONG, 1)] if has_copy else [])
    assert takedowns(said) == []
    late = (read("song"), read("song", attempt=1), read(Failure.NOT_FOUND), match(HIT, version=9), UploadDeleted())
    assert on(deciding, *late) == ()
    assert deciding.pass_time(WITHIN_MS) == ()


def test_a_deleted_upload_is_kept_for_a_day_and_forgotten() -> None:
    """A tombstone ends all up to its own: what was seen is kept a day, so that a late hash changes nothing."""
    deciding = clear()
    on(deciding, UploadDeleted())
    deciding.pass_time(DAY_MS - 1)
    assert on(deciding, read("song", 1)) == ()
    assert case(deciding) == Case(seen=case(deciding).seen, revision=1, forget_at=deciding.now + 1)
    assert deciding.pass_time(1) == ()
    assert case(deciding) is None


def test_revisions_go_on_after_a_deletion() -> None:
    """`revision` counts per upload: whoever keeps the highest must not drop what comes after a deletion."""
    deciding = clear()
    on(deciding, UploadDeleted(), submission(), read("song", 3))
    (verdict,) = on(deciding, match(version=0, submission=3)).of(VERDICTS_DECIDED)
    assert (verdict.revision, verdict.submission) == (2, 3)


def test_a_resubmission_after_a_deletion_is_a_new_submission() -> None:
    """Also when it says the same as before, and its case is not forgotten with the old one."""
    deciding = blocked()
    on(deciding, UploadDeleted(), submission())
    assert on(deciding, read("song", 1)) == ()
    new = case(deciding).submission
    assert takedowns(on(deciding, read("song", new), match(HIT, submission=new))) == [(HIT, Status.ISSUED)]
    deciding.pass_time(DAY_MS)
    assert case(deciding).record == submission()


def test_a_read_that_comes_before_its_submission_waits_for_it() -> None:
    """The hasher may be faster: what it found is parked for a bounded time."""
    deciding = enforcer()
    assert on(deciding, read("song", 9)) == ()
    said = deciding.on(UPLOAD, submission(), offset=9)
    assert copies(said) == [("+", SONG, 9)]
    assert case(deciding).early == ()


def test_early_reads_of_what_a_later_submission_replaced_are_dropped() -> None:
    """Each parked read is served with its own submission, or dropped with it."""
    deciding = enforcer()
    on(deciding, read("other", 1), read("song", 2), read("third", 3))
    assert copies(deciding.on(UPLOAD, submission(), offset=2)) == [("+", SONG, 2)]
    said = deciding.on(UPLOAD, submission("file:/third"), offset=3)
    assert copies(said) == [("-", SONG, 2), ("+", digest("third"), 3)]
    assert (case(deciding).early, case(deciding).early_until) == ((), None)


def test_early_reads_of_identical_submissions_all_count() -> None:
    """Two looks at one submission found two things, both before it was seen: the file changed."""
    deciding = enforcer()
    on(deciding, read("song", 1), read("other", 2))
    said = deciding.on(UPLOAD, submission(), offset=1)
    assert copies(said) == [("+", SONG, 1)]
    assert verdicts(deciding.on(UPLOAD, submission(), offset=2)) == [CHANGED]


def early(submissions: list[int]) -> list[UploadRead]:
    """Return reads of submissions that are still to come."""
    return [read(f"b{number}", number) for number in submissions]


@pytest.mark.parametrize("order", [[1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [6, 1, 2, 3, 4, 5], [6, 6, 6, 6, 6, 5]])
def test_of_many_early_reads_that_of_the_highest_submission_is_kept(order: list[int]) -> None:
    """Large keys: a bounded number is parked; the hasher answers in any order and twice, and the highest wins."""
    deciding = enforcer()
    on(deciding, *early(order))
    assert len(case(deciding).early) <= EARLY_MAX
    said = deciding.on(UPLOAD, submission(), offset=6)
    assert copies(said) == [("+", digest("b6"), 6)]


def test_early_reads_are_forgotten_after_a_while() -> None:
    """Large keys: a read of a submission that never comes does not stay for ever."""
    deciding = enforcer()
    on(deciding, read("song", 9))
    assert deciding.pass_time(EARLY_MS) == ()
    assert len(deciding.store) == 0


def test_an_early_read_outlives_the_upload_that_was_deleted_a_day_ago() -> None:
    """Forgetting is about the past: a read of a submission that is still to come is not the past."""
    deciding = clear()
    on(deciding, UploadDeleted())
    deciding.pass_time(DAY_MS - 1)
    on(deciding, read("song", 9))
    assert deciding.pass_time(1) == ()
    assert copies(deciding.on(UPLOAD, submission(), offset=9)) == [("+", SONG, 9)]


def test_nothing_is_asked_for_by_a_submission() -> None:
    """The hasher reads uploads.submitted itself; reads are only requested again."""
    assert asked(on(clear(), submission("file:/other"), submission("file:/third"))) == []
