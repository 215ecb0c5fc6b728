"""Idempotency keys: each submission is answered once for each content, and remembered for 90 days."""

from msgspec.structs import replace

from services.contracts.submitted import WorkUnreadable
from services.contracts.types import timestamp
from tests.deciding import NOW, Deciding
from tests.registry.facts import (
    LABEL,
    Answer,
    Reason,
    Status,
    answer,
    by_digest,
    enrolment,
    in_force,
    listings,
    on,
    receipts,
    refusals,
    registers,
    registry,
    releases,
)

DAY_MS = 24 * 3600 * 1000
REGISTERS = registers("s1", by_digest("master"))
DUPLICATE = ("s1", Reason.DUPLICATE_SUBMISSION, "submission_id")


def test_a_repeated_submission_emits_nothing_whenever_it_comes() -> None:
    """G3: not while it is being decided, not after, not after a release, whatever its display time says."""
    deciding = registry()
    on(deciding, REGISTERS)
    again = replace(REGISTERS, submitted_at=timestamp(NOW))
    assert on(deciding, REGISTERS, again) == ()
    on(deciding, answer(Answer.APPLIED, "master"))
    assert on(deciding, REGISTERS) == ()
    on(deciding, releases("s2"))
    assert on(deciding, REGISTERS, releases("s2")) == ()
    on(deciding, answer(Answer.REMOVED, "master"))
    assert on(deciding, REGISTERS, releases("s2")) == ()


def test_a_refused_submission_is_not_refused_twice() -> None:
    """One final receipt for a submission_id and content, also when it is a refusal."""
    deciding = Deciding(registry().processor)
    assert refusals(on(deciding, REGISTERS)) == [("s1", Reason.UNKNOWN_RIGHTSHOLDER, "rightsholder_id")]
    on(deciding, enrolment())
    assert on(deciding, REGISTERS) == ()


def test_another_content_under_the_same_id_is_refused_once_and_has_no_effect() -> None:
    """CONTRACT: the same id with another content is REJECTED [DUPLICATE_SUBMISSION] besides."""
    deciding = registry()
    on(deciding, REGISTERS)
    for other in (registers("s1", by_digest("remix")), releases("s1"), registers("s1", by_digest("x"), work_id="y")):
        said = on(deciding, other)
        assert (refusals(said), listings(said)) == ([DUPLICATE], [])
        assert on(deciding, other) == ()
    assert receipts(on(deciding, answer(Answer.APPLIED, "master"))) == [("s1", Status.ACCEPTED)]


def test_a_malformed_content_is_a_content() -> None:
    """What cannot be read is answered once too, and so is what can be read after it."""
    deciding = registry()
    unreadable = WorkUnreadable(LABEL, "s1", "hit", "register", "Expected `object`", "0" * 32)
    assert refusals(on(deciding, unreadable)) == [("s1", Reason.INVALID_FIELD, "register")]
    assert on(deciding, unreadable) == ()
    assert refusals(on(deciding, REGISTERS)) == [DUPLICATE]


def test_every_content_under_one_id_is_answered_once() -> None:
    """However many there are, in whatever order they are repeated; each has an entry, as a submission_id has."""
    deciding = registry()
    facts = [registers("s1", by_digest(f"b{number}")) for number in range(20)]
    assert [len(receipts(on(deciding, fact))) for fact in facts] == [0] + [1] * 19
    assert on(deciding, *facts, *reversed(facts)) == ()


def test_other_contents_are_forgotten_with_their_id() -> None:
    """Large keys: the window is the id's; what comes after it begins anew, under the same names."""
    deciding = registry()
    others = [registers("s1", by_digest(f"b{number}")) for number in range(3)]
    on(deciding, REGISTERS)
    deciding.pass_time(89 * DAY_MS)
    on(deciding, *others)
    deciding.pass_time(DAY_MS)
    assert not [name for name, _ in deciding.store.after(LABEL, "other/", 9)]
    assert refusals(on(deciding, registers("s1", by_digest("new")), *others, REGISTERS)) == [DUPLICATE] * 4


def test_a_submission_id_is_forgotten_after_90_days() -> None:
    """Large keys: submission ids are remembered for 90 days, by a timer; then the id is free again."""
    deciding = in_force("master")
    assert deciding.pass_time(90 * DAY_MS - 1) == ()
    assert on(deciding, REGISTERS) == ()
    assert deciding.pass_time(1) == ()
    assert deciding.entry(LABEL, "submission/s1") is None
    assert listings(on(deciding, REGISTERS)) == [("+", "master", 2)]


def test_a_repetition_does_not_prolong_the_90_days() -> None:
    """The window begins with the first: a producer that repeats itself daily keeps nothing alive."""
    deciding = in_force("master")
    for _ in range(90):
        deciding.pass_time(DAY_MS)
        if deciding.now < NOW + 90 * DAY_MS:
            on(deciding, REGISTERS)
    assert deciding.entry(LABEL, "submission/s1") is None


def test_enrolments_are_remembered_apart_from_works() -> None:
    """The two topics have ids of their own: the same id in both names two submissions."""
    deciding = registry()
    on(deciding, enrolment(submission_id="s1"))
    assert listings(on(deciding, REGISTERS)) == [("+", "master", 1)]
