"""Newcomers: what they register is counted first, and what is too much waits for a person."""

import pytest
from msgspec.structs import replace

from services.contracts.standing import Standee, StrikesChanged
from services.contracts.submitted import Enroll
from services.contracts.topics import LISTINGS_CHANGED, STRIKES_CHANGED, WORKS_RECEIPTS
from services.contracts.types import timestamp
from services.registry import PROCESSOR, probation
from tests.deciding import NOW, Deciding, Said, digest
from tests.registry.facts import (
    LABEL,
    Answer,
    Change,
    Reason,
    Status,
    answer,
    by_digest,
    by_file,
    enrolment,
    head,
    licenses,
    listings,
    obey,
    on,
    put,
    read,
    receipts,
    refusals,
    registers,
    releases,
    reviews,
    settles,
    work,
)
from tests.registry.test_likenesses import likes, resembles, sampled

PROBATION = Enroll.Standing.PROBATION
TOO_MANY, PENDING = Reason.TOO_MANY_COPIES, Reason.TOO_MANY_PENDING
COUNTED, PROTECTED = Answer.COUNTED, Answer.PROTECTED
MAX = 10


def newcomer() -> Deciding:
    """Return a registry with a label on probation."""
    deciding = Deciding(PROCESSOR)
    on(deciding, enrolment(standing=PROBATION))
    return deciding


def held(*labels: str, copies: int = MAX + 1) -> Deciding:
    """Return a registry in which a label's first registration is held, for these bytes."""
    deciding = newcomer()
    on(deciding, registers("s1", *map(by_digest, labels or "a")))
    on(deciding, *(answer(COUNTED, label, copies=copies) for label in labels or "a"))
    return deciding


def judged(standing: str, kind: Standee.Kind = Standee.Kind.RIGHTSHOLDER) -> StrikesChanged:
    """Return: the ledger says how somebody of the label's name stands."""
    subject = Standee(kind, LABEL)
    said = StrikesChanged.Standing(standing)
    return StrikesChanged(subject=subject, standing=said, strikes=9, changed_at=timestamp(NOW))


def questions(said: Said) -> list[tuple[str, str]]:
    """Return (digest, reference) of each content whose copies are asked for."""
    return [(one.digest, one.reference_id) for one in said.of(LISTINGS_CHANGED) if one.change is Change.COUNTED]


def test_each_content_is_counted_once_and_nothing_is_listed_before() -> None:
    """Blast radius: nothing is stored anywhere until all is known; then all listings are put, or none."""
    deciding = newcomer()
    said = on(deciding, registers("s1", by_digest("a"), by_digest("b"), by_digest("a", "again")))
    assert questions(said) == [(digest("a"), "a"), (digest("b"), "b")]
    assert put(said) == []
    assert on(deciding, answer(COUNTED, "a", copies=MAX), answer(COUNTED, "a", copies=MAX)) == ()
    said = on(deciding, answer(COUNTED, "b"))
    assert listings(said) == [("+", "a", 1), ("+", "b", 1), ("+", "again", 1)]
    assert receipts(said) == []


def test_files_are_read_before_they_are_counted() -> None:
    """What a file holds is not known before."""
    deciding = newcomer()
    assert questions(on(deciding, registers("s1", by_file("a")))) == []
    assert questions(on(deciding, read("a", "a"))) == [(digest("a"), "a")]


@pytest.mark.parametrize(("copies", "is_held"), [(0, False), (MAX, False), (MAX + 1, True)])
def test_what_finds_too_many_copies_is_held(copies: int, is_held: bool) -> None:
    """More than the limit, over all of its contents: HELD says how many there are, and no upload feels it."""
    deciding = newcomer()
    on(deciding, registers("s1", by_digest("a"), by_digest("b")), answer(COUNTED, "b", copies=1))
    said = on(deciding, answer(COUNTED, "a", copies=copies - 1 if copies else 0))
    assert receipts(said) == ([("s1", Status.HELD)] if is_held else [])
    assert bool(put(said)) is not is_held
    if is_held:
        (receipt,) = said.of(WORKS_RECEIPTS)
        assert (receipt.copies_found, receipt.reasons) == (copies, (TOO_MANY,))
        assert receipt.problems[0].cure
    assert head(deciding).held == int(is_held)


@pytest.mark.parametrize(
    ("waiting", "copies", "reasons"), [(19, 0, []), (20, 0, [PENDING]), (20, 11, [TOO_MANY, PENDING])]
)
def test_what_comes_while_too_many_wait_is_held(waiting: int, copies: int, reasons: list[Reason]) -> None:
    """A newcomer's mass registration waits for a person, however few copies each finds."""
    deciding = newcomer()
    for number in range(waiting):
        on(deciding, registers(f"w{number}", by_digest("a"), work_id=f"work {number}"))
        on(deciding, replace(answer(COUNTED, "a", number + 1, copies=MAX + 1), work_id=f"work {number}"))
    on(deciding, registers("s1", by_digest("a")))
    said = on(deciding, answer(COUNTED, "a", waiting + 1, copies=copies))
    assert [reason for _, reason, _ in refusals(said)] == reasons
    assert bool(put(said)) is not bool(reasons)


def test_no_more_than_a_bound_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large keys: what would be one more is refused, and may be registered again when some are decided."""
    monkeypatch.setattr(probation, "HELD_MAX", 1)
    deciding = held()
    on(deciding, registers("s2", by_digest("b"), work_id="other"))
    said = on(deciding, replace(answer(COUNTED, "b", 2, copies=MAX + 1), work_id="other"))
    assert receipts(said) == [("s2", Status.REJECTED)]
    assert refusals(said) == [("s2", PENDING, "rightsholder_id")]


@pytest.mark.parametrize(
    ("steps", "is_limited"),
    [
        ([enrolment(standing=PROBATION)], True),
        ([enrolment()], False),
        ([enrolment(standing=PROBATION), enrolment(submission_id="e2")], False),
        ([enrolment(), judged("PROBATION")], True),
        ([judged("PROBATION"), enrolment()], True),
        ([enrolment(), judged("PROBATION"), judged("TRUSTED")], False),
        ([enrolment(), judged("PROBATION"), judged("GOOD")], False),
        ([enrolment(standing=PROBATION), judged("TRUSTED")], True),
        ([enrolment(), judged("RESTRICTED", Standee.Kind.UPLOADER)], False),
        ([enrolment(), judged("PROBATION", Standee.Kind.COMMUNITY)], False),
        ([enrolment(), judged("PROBATION"), judged("GOOD", Standee.Kind.UPLOADER)], True),
    ],
)
def test_the_platform_and_the_ledger_put_on_probation(steps: list[object], is_limited: bool) -> None:
    """Either is enough; an uploader or a community of the same name is somebody else."""
    deciding = Deciding(PROCESSOR)
    on(deciding, *steps)
    said = on(deciding, registers("s1", by_digest("a")))
    assert bool(questions(said)) is is_limited
    assert bool(put(said)) is not is_limited


def test_standing_is_followed_by_every_unit() -> None:
    """Its topic is keyed by who it is about, and partitioned as its writer likes."""
    assert PROCESSOR.broadcasts == (STRIKES_CHANGED,)


@pytest.mark.parametrize(
    ("later", "said_of_it"),
    [
        (registers("s2", by_digest("b")), [("s1", Status.REJECTED)]),
        (releases("s2"), [("s1", Status.REJECTED), ("s2", Status.RELEASED)]),
        (settles("s2"), [("s1", Status.REJECTED), ("s2", Status.RELEASED)]),
    ],
    ids=["register", "release", "settle"],
)
def test_what_is_held_is_superseded_by_what_comes_later(later: object, said_of_it: list[tuple[str, Status]]) -> None:
    """A later register, release or settlement came before it was decided."""
    deciding = held()
    said = obey(deciding, later)
    assert receipts(said) == said_of_it
    assert refusals(said) == [("s1", Reason.SUPERSEDED, "work_id")]
    assert head(deciding).held == 0


def test_what_is_held_waits_for_nobody_and_nobody_for_it() -> None:
    """A licence of the work is given meanwhile; what is in force stays so, and is told."""
    deciding = held()
    assert receipts(on(deciding, licenses("s2"))) == [("s2", Status.LICENSED)]
    said = on(deciding, reviews("APPROVE"))
    assert [one.license_id for one in put(said)[0].terms.licences] == ["l1"]


def test_a_registration_that_was_superseded_hears_of_no_count() -> None:
    """Late counts are dropped."""
    deciding = newcomer()
    on(deciding, registers("s1", by_digest("a")), releases("s2"))
    assert on(deciding, answer(COUNTED, "a", copies=99)) == ()
    assert work(deciding) is None


def test_a_second_held_registration_supersedes_the_first_also_when_it_waited() -> None:
    """A registration that was queued begins as soon as the one before is held."""
    deciding = newcomer()
    on(deciding, registers("s1", by_digest("a")), registers("s2", by_digest("a")))
    said = on(deciding, answer(COUNTED, "a", copies=MAX + 1))
    assert receipts(said) == [("s1", Status.HELD), ("s1", Status.REJECTED)]
    assert questions(said) == [(digest("a"), "a")]
    assert receipts(on(deciding, answer(COUNTED, "a", 2, copies=MAX + 1))) == [("s2", Status.HELD)]
    assert head(deciding).held == 1


def test_protected_content_is_dropped_alone() -> None:
    """PROTECTED_CONTENT only if no reference remains: while it is counted, and when it is put."""
    deciding = newcomer()
    on(deciding, registers("s1", by_digest("a"), by_digest("b")), answer(PROTECTED, "a"))
    assert listings(on(deciding, answer(COUNTED, "b"))) == [("+", "b", 1)]
    said = on(deciding, answer(PROTECTED, "b"))
    assert refusals(said) == [("s1", Reason.PROTECTED_CONTENT, "register.references")]
    on(deciding, registers("s2", by_digest("a")))
    said = on(deciding, answer(PROTECTED, "a", 2))
    assert refusals(said) == [("s2", Reason.PROTECTED_CONTENT, "register.references")]
    assert work(deciding) is None


def test_a_protected_reference_costs_a_trusted_registration_that_reference() -> None:
    """What remains is in force, and nothing is said of what was dropped when the work is released."""
    deciding = Deciding(PROCESSOR)
    on(deciding, enrolment(), registers("s1", by_digest("a"), by_digest("b"), by_digest("c")))
    on(deciding, answer(PROTECTED, "a"), answer(Answer.REFUSED, "c"))
    assert receipts(on(deciding, answer(Answer.APPLIED, "b"))) == [("s1", Status.ACCEPTED)]
    assert listings(on(deciding, releases("s2"))) == [("WITHDRAWN", "b", 1)]


def test_likenesses_of_a_newcomer_count_as_copies() -> None:
    """Identical and similar together stay within the limit; beyond it nothing is listed, until they are trusted."""
    deciding = newcomer()
    on(deciding, registers("s1", by_file("a")), sampled("a"), answer(COUNTED, "a", copies=MAX - 1))
    on(deciding, answer(Answer.APPLIED, "a", copies=MAX - 2))
    assert [change for change, _, _ in likes(on(deciding, resembles("a", "x"), resembles("a", "y")))] == ["+", "+"]
    assert likes(on(deciding, resembles("a", "z"), resembles("a", "x"))) == [
        ("", digest("z"), -1),
        ("+", digest("x"), 1),
    ]
    on(deciding, enrolment(submission_id="e2"))
    assert likes(on(deciding, resembles("a", "z"))) == [("+", digest("z"), 1)]
