import msgspec
import pytest

from loadtest.truth import Expected, Said, SaidContent, Tally, Truth, Verdict

BLAKE3 = "b" * 64
CLEAR = Expected(Verdict.CLEAR, BLAKE3)
BLOCKED = Expected(Verdict.BLOCKED, BLAKE3, ("song",))


def said(verdict: Verdict, revision: int = 1, reasons: tuple[str, ...] = ()) -> Said:
    """Return a verdict as the system says it: about the bytes that were submitted, and the work that lists them."""
    return Said(
        upload_id="u",
        verdict=verdict,
        revision=revision,
        complete=reasons != ("TIMED_OUT",),
        reasons=reasons,
        work_ids=("song",) if verdict is Verdict.BLOCKED else (),
        decided_at="2026-01-01T00:00:00Z",
        content=None if verdict is Verdict.UNSCANNED else SaidContent(BLAKE3),
    )


def tally(expected: tuple[Expected, ...], came: tuple[Said, ...]) -> Tally:
    """Return what is to be complained of."""
    truth = Truth()
    number = truth.add(1)[0]
    for one in expected:
        truth.expect(number, one)
    for verdict in came:
        truth.saw(number, verdict, 1.0)
    return truth.tally()


FIRST, SECOND = said(Verdict.CLEAR), said(Verdict.BLOCKED, 2)
OTHER_BYTES = msgspec.structs.replace(FIRST, content=SaidContent("c" * 64))
OTHER_WORK = msgspec.structs.replace(SECOND, work_ids=("another",))
DELAY = said(Verdict.UNSCANNED, 1, ("TIMED_OUT",))
GIVEN_UP = msgspec.structs.replace(DELAY, complete=True)
THIRD = said(Verdict.CLEAR, 3)
FIRST_WRONG = said(Verdict.CLEAR, 2)


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
        ((CLEAR,), (FIRST, msgspec.structs.replace(FIRST, decided_at="later")), 0, 0, 1),
        ((CLEAR, BLOCKED), (FIRST, FIRST, SECOND), 0, 0, 1),
        ((CLEAR, BLOCKED, CLEAR), (FIRST, SECOND, THIRD), 0, 0, 0),
        ((CLEAR, BLOCKED, CLEAR), (FIRST, THIRD, SECOND), 0, 1, 0),
        ((BLOCKED,), (DELAY, SECOND), 0, 0, 0),
        ((BLOCKED,), (DELAY,), 1, 0, 0),
        ((CLEAR,), (GIVEN_UP,), 0, 1, 0),
        ((CLEAR,), (FIRST, said(Verdict.UNSCANNED, 2, ("TIMED_OUT",))), 0, 1, 0),
    ],
)
def test_missed_wrong_and_duplicate_are_told_apart(
    expected: tuple[Expected, ...], came: tuple[Said, ...], missed: int, wrong: int, duplicate: int
) -> None:
    """Each of them is found, named once, and makes the run not right."""
    found = tally(expected, came)
    assert (found.missed, found.wrong, found.duplicate) == (missed, wrong, duplicate)
    assert found.is_right == (missed == wrong == duplicate == 0)
    assert bool(found.examples) != found.is_right


def test_a_passing_clear_of_listed_content_is_wrong() -> None:
    """Corrected a moment later, it was on show for a moment (G4)."""
    assert tally((BLOCKED,), (FIRST, SECOND)).wrong == 1


def test_a_reason_that_must_be_given_is_compared() -> None:
    """None that is expected lets any be given."""
    settled = Expected(Verdict.CLEAR, BLAKE3, reasons=("SETTLED",))
    assert tally((settled,), (said(Verdict.CLEAR, reasons=("SETTLED",)),)).is_right
    assert tally((settled,), (FIRST,)).wrong == 1
    assert tally((CLEAR,), (said(Verdict.CLEAR, reasons=("SETTLED",)),)).is_right


def test_a_delay_is_counted_and_the_verdict_has_still_to_come() -> None:
    """CONTRACT: after 30 s an upload is UNSCANNED [TIMED_OUT] until it is known better."""
    truth = Truth()
    number = truth.add(1)[0]
    truth.expect(number, BLOCKED)
    truth.saw(number, DELAY, 1.0)
    assert (truth.outstanding, truth.arrivals([number])) == (1, {})
    truth.saw(number, SECOND, 2.0)
    assert (truth.outstanding, truth.arrivals([number])) == (0, {number: 2.0})
    assert truth.tally() == Tally(1, 0, 0, 0, (), delayed=1)


def test_what_is_outstanding_is_known_at_any_time() -> None:
    """By the number of verdicts, so that waiting ends with a wrong one too."""
    truth = Truth()
    first, second = truth.add(2)
    truth.expect(first, CLEAR)
    truth.expect(second, CLEAR)
    truth.saw(first, FIRST, 1.0)
    assert truth.outstanding == 1
    truth.expect(first, BLOCKED)
    assert truth.outstanding == 2
    truth.saw(first, FIRST, 2.0)
    assert truth.outstanding == 2
    truth.saw(first, FIRST_WRONG, 3.0)
    assert truth.outstanding == 1
    assert truth.arrivals([first, second]) == {first: 3.0}


def test_many_uploads_share_their_stories() -> None:
    """A million copies of one song have one, whatever each of them was told before."""
    truth = Truth()
    numbers = truth.add(1_000)
    truth.expect_all(numbers, CLEAR)
    truth.expect_all(numbers[:500], BLOCKED)
    assert truth.outstanding == 1_500
    for number in numbers:
        truth.saw(number, FIRST, 1.0)
        truth.saw(number, SECOND, 2.0)
    found = truth.tally()
    assert (found.missed, found.wrong, found.duplicate) == (0, 500, 0)
    assert len(found.examples) == 5


def test_the_tallies_of_repeats_add_up() -> None:
    """A verdict that was wrong in one of them is wrong in the report."""
    assert Tally(1, 0, 1, 0, ("a",)) + Tally(2, 1, 0, 3, ("b",), 4) == Tally(3, 1, 1, 3, ("a", "b"), 4)
