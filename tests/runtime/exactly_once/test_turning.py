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
    assert [turning.allow(others=False) for _ in range(3)] == [TURNS_MAX] * 3
    assert turning.wait_seconds() == 0


def test_with_others_there_turns_keep_their_distance() -> None:
    """One, then none until the distance is over, and that also in batches without records, for a while."""
    clock = Clock()
    turning = Turning(clock)
    assert [turning.allow(others=True), turning.allow(others=True), turning.allow(others=False)] == [1, 0, 0]
    assert turning.wait_seconds() == pytest.approx(TURN_SECONDS)
    clock.now += TURN_SECONDS
    assert [turning.allow(others=False), turning.allow(others=False)] == [1, 0]


def test_when_others_have_gone_turns_follow_one_another_again() -> None:
    """They are gone who had no record for a while."""
    clock = Clock()
    turning = Turning(clock)
    turning.allow(others=True)
    clock.now += OTHERS_SECONDS
    assert turning.allow(others=False) == TURNS_MAX
