import pytest

from loadtest.takedowns import Said, Status, Takedowns

DOWN = Said("a" * 32, Status.ISSUED, "song")
BACK = Said("a" * 32, Status.REINSTATED, "song")
OTHER_WORK = Said("a" * 32, Status.ISSUED, "another")
OTHER_TAKEDOWN = Said("b" * 32, Status.REINSTATED, "song")


@pytest.mark.parametrize(
    ("came", "missed", "wrong", "duplicate"),
    [
        ((DOWN, BACK), 0, 0, 0),
        ((), 1, 0, 0),
        ((DOWN,), 1, 0, 0),
        ((DOWN, DOWN, BACK), 0, 0, 1),
        ((DOWN, BACK, BACK), 0, 0, 1),
        ((DOWN, BACK, DOWN), 0, 0, 1),
        ((BACK,), 1, 1, 0),
        ((OTHER_WORK,), 1, 1, 0),
        ((DOWN, OTHER_TAKEDOWN), 1, 1, 0),
    ],
)
def test_a_takedown_is_issued_and_ended_once_each(
    came: tuple[Said, ...], missed: int, wrong: int, duplicate: int
) -> None:
    """Whatever else there is or is not is found, and named."""
    takedowns = Takedowns(range(7, 8), lambda _: "song")
    for one in came:
        takedowns.saw(7, one)
    found = takedowns.tally()
    assert (found.missed, found.wrong, found.duplicate) == (missed, wrong, duplicate)
    assert bool(found.examples) != found.is_right


def test_a_takedown_of_an_upload_that_nobody_lists_is_wrong() -> None:
    """Others' uploads are copies of nothing."""
    takedowns = Takedowns(range(0), lambda _: "song")
    takedowns.saw(3, DOWN)
    assert takedowns.tally().wrong == 1
