import pytest

from loadtest.peers.tally import Answer, Said, Verdict, tally, together

CLEAR = Said(Verdict.CLEAR, "b" * 64)
BLOCKED = Said(Verdict.BLOCKED, "b" * 64, ("song",))
OTHER_BYTES = Said(Verdict.CLEAR, "c" * 64)


@pytest.mark.parametrize(
    ("expected", "came", "missed", "wrong", "duplicate"),
    [
        (CLEAR, [CLEAR], 0, 0, 0),
        ("b" * 64, ["b" * 64], 0, 0, 0),
        (CLEAR, [], 1, 0, 0),
        (BLOCKED, [CLEAR], 0, 1, 0),
        (CLEAR, [OTHER_BYTES], 0, 1, 0),
        ("b" * 64, ["NOT_FOUND"], 0, 1, 0),
        (CLEAR, [CLEAR, CLEAR, CLEAR], 0, 0, 2),
        (BLOCKED, [CLEAR, BLOCKED], 0, 1, 1),
    ],
)
def test_every_upload_must_have_one_answer_and_the_right_one(
    expected: Answer, came: list[Answer], missed: int, wrong: int, duplicate: int
) -> None:
    """A wrong answer that was corrected was wrong for a moment."""
    found = tally({"u": expected}, [("u", answer) for answer in came])
    assert (found.uploads, found.missed, found.wrong, found.duplicate) == (1, missed, wrong, duplicate)
    assert bool(found.examples) != found.is_right


def test_an_answer_about_somebody_elses_upload_is_nobodys() -> None:
    """Passes share Staydown's topics."""
    assert tally({"u": CLEAR}, [("another", BLOCKED), ("u", CLEAR)]).is_right


def test_passes_are_added_up() -> None:
    """One wrong answer in any of them makes the run not right."""
    right, wrong = tally({"u": CLEAR}, [("u", CLEAR)]), tally({"u": CLEAR}, [("u", BLOCKED)])
    found = together([right, wrong, right])
    assert (found.uploads, found.wrong) == (3, 1)
    assert not found.is_right
