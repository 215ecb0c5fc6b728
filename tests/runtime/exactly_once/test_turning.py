"""Turns are many while nobody else is there, and paced while others are."""

import pytest

from services.runtime.store import TURNS_MAX
from services.runtime.turning import OTHERS_SECONDS, TURN_SECONDS, Turning


class Clock:
    """A clock that is set."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_with_nobody_else_there_turns_follow_one_another() -> None:
    """As many as a batch takes, in every batch."""
    turning = Turning(Clock())
    assert [turning.turns() for _ in range(3)] == [TURNS_MAX] * 3
    assert turning.wait_seconds() == 0
    assert not turning.gives_way


def test_with_others_there_turns_keep_their_distance() -> None:
    """One, then none until the distance is over, and that also when the others have nothing to do for a moment."""
    clock = Clock()
    turning = Turning(clock)
    turning.saw_others()
    assert [turning.turns(), turning.turns()] == [1, 0]
    assert turning.wait_seconds() == pytest.approx(TURN_SECONDS)
    clock.now += TURN_SECONDS
    assert [turning.turns(), turning.turns()] == [1, 0]
    assert turning.gives_way


def test_when_others_have_gone_turns_follow_one_another_again() -> None:
    """They are gone who had nothing to do for a while."""
    clock = Clock()
    turning = Turning(clock)
    turning.saw_others()
    turning.turns()
    clock.now += OTHERS_SECONDS
    assert turning.turns() == TURNS_MAX
    assert not turning.gives_way
