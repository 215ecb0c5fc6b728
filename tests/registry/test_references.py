"""Reading references: asked for at once, again after a pause, on the slow lane, and then given up."""

import pytest
from msgspec.structs import replace

from services.contracts.inside import ReferenceRead, ReferenceRequested
from services.contracts.reading import BUSY_PAUSE_MS_MAX, BUSY_PAUSE_MS_MIN, Failure
from services.contracts.topics import REFERENCES_REQUESTED, WORKS_RECEIPTS
from services.contracts.types import timestamp
from services.registry.references import FINAL, RETRIES_MAX, UNANSWERED_MS
from tests.deciding import NOW, Deciding, Said
from tests.registry.facts import (
    LABEL,
    Answer,
    Reason,
    answer,
    asked,
    by_digest,
    by_file,
    listings,
    on,
    read,
    receipts,
    refusals,
    registers,
    registry,
    releases,
    work,
)

PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000]
TRANSIENT = sorted(set(Failure) - FINAL - {Failure.SLOW, Failure.BUSY})


def reading(*labels: str) -> Deciding:
    """Return a registry that has asked for the files of registration 1."""
    deciding = registry()
    on(deciding, registers("s1", *map(by_file, labels)))
    return deciding


def test_every_file_is_asked_for_at_once_and_no_digest() -> None:
    """A registration by files and digests asks for its files; nothing is listed before all are read."""
    deciding = registry()
    song = replace(by_file("two"), media_type="audio/wav")
    said = on(deciding, registers("s1", by_digest("known"), by_file("one"), song))
    assert said.of(REFERENCES_REQUESTED) == [
        ReferenceRequested(LABEL, "hit", "one", 1, 0, "file:/one", slow=False),
        ReferenceRequested(LABEL, "hit", "two", 1, 0, "file:/two", slow=False, media_type="audio/wav"),
    ]
    assert listings(on(deciding, read("two", "two"))) == []
    assert listings(on(deciding, read("one", "one"))) == [("+", "known", 1), ("+", "one", 1), ("+", "two", 1)]


def test_a_registration_by_digests_is_listed_at_once() -> None:
    """There is nothing to read: the listings follow from the submission itself."""
    assert listings(on(registry(), registers("s1", by_digest("a"), by_digest("b")))) == [("+", "a", 1), ("+", "b", 1)]


@pytest.mark.parametrize("failure", TRANSIENT)
def test_what_cannot_be_read_is_asked_for_again_with_doubling_pauses(failure: Failure) -> None:
    """References that cannot be read are retried by timers, half a minute in all, and then refused."""
    deciding = reading("m")
    times = []
    for attempt in range(RETRIES_MAX):
        assert on(deciding, read("m", failure, attempt=attempt)) == ()
        due = deciding.store.next_due()
        assert due is not None
        times.append(due - deciding.now)
        assert deciding.pass_time(times[-1] - 1) == ()
        assert asked(deciding.pass_time(1)) == [("m", attempt + 1, False)]
    assert times == PAUSES_MS
    said = on(deciding, read("m", failure, attempt=RETRIES_MAX))
    assert refusals(said) == [("s1", Reason.UNREADABLE_REFERENCE, "register.references[0].uri")]
    (receipt,) = said.of(WORKS_RECEIPTS)
    assert failure in receipt.problems[0].cure
    assert receipt.received_at == timestamp(NOW)
    assert receipt.decided_at == timestamp(deciding.now)
    assert work(deciding) is None


@pytest.mark.parametrize("failure", sorted(FINAL))
def test_what_its_address_alone_forbids_is_refused_at_once(failure: Failure) -> None:
    """Reading again cannot help: the answer names the field of the very reference."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("known"), by_file("m")))
    said = on(deciding, read("m", failure))
    assert refusals(said) == [("s1", Reason.UNREADABLE_REFERENCE, "register.references[1].uri")]
    assert asked(said) == []


def test_what_takes_too_long_goes_to_the_slow_lane_and_stays_there() -> None:
    """SLOW is inside only: asked again at once with more time, then retried; the receipt says TIMED_OUT."""
    deciding = reading("m")
    assert asked(on(deciding, read("m", Failure.SLOW))) == [("m", 1, True)]
    for attempt in range(1, RETRIES_MAX):
        assert on(deciding, read("m", Failure.SLOW, attempt=attempt)) == ()
        assert asked(deciding.pass_time(60_000)) == [("m", attempt + 1, True)]
    said = on(deciding, read("m", Failure.SLOW, attempt=RETRIES_MAX))
    assert refusals(said) == [("s1", Reason.UNREADABLE_REFERENCE, "register.references[0].uri")]
    assert "TIMED_OUT" in said.of(WORKS_RECEIPTS)[0].problems[0].cure


def busy(deciding: Deciding, attempt: int, *, slow: bool = False) -> int:
    """Answer the present question BUSY, see it asked again on the same lane, and return the pause before."""
    assert on(deciding, read("m", Failure.BUSY, attempt=attempt)) == ()
    due = deciding.store.next_due()
    assert due is not None
    pause = due - deciding.now
    assert asked(deciding.pass_time(pause)) == [("m", attempt + 1, slow)]
    return pause


def test_a_registration_is_not_refused_because_uploads_are_many() -> None:
    """Overload of ours uses up no retry, however often it is met; the pauses grow up to a minute."""
    deciding = reading("m")
    pauses = [busy(deciding, attempt) for attempt in range(4 * RETRIES_MAX)]
    assert BUSY_PAUSE_MS_MIN <= pauses[0] <= 2 * BUSY_PAUSE_MS_MIN
    assert BUSY_PAUSE_MS_MAX // 2 <= pauses[-1] <= BUSY_PAUSE_MS_MAX
    assert listings(on(deciding, read("m", "m", attempt=len(pauses)))) == [("+", "m", 1)]


def test_room_that_is_short_between_failures_counts_for_nothing() -> None:
    """A file that cannot be read has all its retries, on the slow lane too, and no more of them."""
    deciding = reading("m")
    on(deciding, read("m", Failure.SLOW))
    attempt = 1
    for _ in range(1, RETRIES_MAX):
        busy(deciding, attempt, slow=True)
        assert busy(deciding, attempt + 1, slow=True) >= 2 * BUSY_PAUSE_MS_MIN
        on(deciding, read("m", Failure.UNREACHABLE, attempt=attempt + 2))
        attempt += 3
        assert asked(deciding.pass_time(60_000)) == [("m", attempt, True)]
    said = on(deciding, read("m", Failure.NOT_FOUND, attempt=attempt))
    assert refusals(said) == [("s1", Reason.UNREADABLE_REFERENCE, "register.references[0].uri")]


def test_a_read_that_nobody_answers_is_asked_for_again_much_later_and_given_up_in_the_end() -> None:
    """What retention removed unread holds up a work for hours, not for ever."""
    deciding = reading("m")
    for wait in range(RETRIES_MAX):
        assert deciding.pass_time(UNANSWERED_MS * 2**wait - 1) == ()
        assert asked(deciding.pass_time(1)) == [("m", 0, False)]
    said = deciding.pass_time(UNANSWERED_MS * 2**RETRIES_MAX)
    assert refusals(said) == [("s1", Reason.UNREADABLE_REFERENCE, "register.references[0].uri")]


@pytest.mark.parametrize(
    "stale",
    [
        read("m", "m", number=2),
        read("m", "m", attempt=7),
        read("other", "m"),
        ReferenceRead(LABEL, "other", "m", 1, 0, failure=Failure.NOT_ALLOWED),
        read("m", Failure.NOT_ALLOWED, attempt=1),
    ],
)
def test_an_answer_to_another_question_is_dropped(stale: ReferenceRead) -> None:
    """Answers echo registration and attempt; what is not the present question's changes nothing."""
    deciding = reading("m")
    before = work(deciding)
    assert on(deciding, stale) == ()
    assert work(deciding) == before


def test_the_hasher_may_answer_twice_and_in_any_order() -> None:
    """At least once: of two answers to one question the first counts, also after the question was asked again."""
    deciding = reading("a", "b")
    on(deciding, read("a", Failure.UNREACHABLE), read("a", Failure.UNREACHABLE))
    assert asked(deciding.pass_time(1_000)) == [("a", 1, False)]
    assert on(deciding, read("a", Failure.NOT_FOUND, attempt=0), read("a", "a", attempt=1)) == ()
    assert on(deciding, read("a", "b", attempt=1)) == ()
    assert listings(on(deciding, read("b", "b"))) == [("+", "a", 1), ("+", "b", 1)]
    assert on(deciding, read("b", "b"), read("a", Failure.NOT_ALLOWED, attempt=1)) == ()


def test_each_reference_has_a_pause_of_its_own() -> None:
    """One timer per work wakes the reference that is due, and no other."""
    deciding = reading("a", "b")
    on(deciding, read("a", Failure.UNREACHABLE))
    deciding.pass_time(400)
    on(deciding, read("b", Failure.UNREACHABLE))
    assert asked(deciding.pass_time(600)) == [("a", 1, False)]
    assert asked(deciding.pass_time(400)) == [("b", 1, False)]


def end_by_release(deciding: Deciding) -> Said:
    """Release the work while its files are read."""
    return on(deciding, releases("s2"))


def end_by_refusal(deciding: Deciding) -> Said:
    """Let another file of the work be forbidden."""
    return on(deciding, read("b", Failure.NOT_ALLOWED))


@pytest.mark.parametrize(("end", "number"), [(end_by_release, 3), (end_by_refusal, 2)])
def test_a_registration_that_has_ended_is_not_read_any_more(end: object, number: int) -> None:
    """Late answers and timers of what has ended change nothing, and the next registration has its own."""
    deciding = reading("a", "b")
    on(deciding, read("a", Failure.UNREACHABLE))
    end(deciding)  # type: ignore[operator]  # one of the two above
    assert deciding.pass_time(60_000) == ()
    assert on(deciding, read("a", "a"), read("b", "b")) == ()
    assert asked(on(deciding, registers("s3", by_file("a")))) == [("a", 0, False)]
    assert on(deciding, read("a", "a")) == ()
    assert listings(on(deciding, read("a", "a", number=number))) == [("+", "a", number)]
    assert receipts(on(deciding, answer(Answer.APPLIED, "a", number))) != []
