"""The pace at which the group is told where a unit stands, by a clock that is set by hand."""

from services.runtime.changelog import UnitRecord
from services.runtime.telling import TELL_SECONDS, Telling


class Clock:
    """A clock that stands."""

    now = 100.0

    def read(self) -> float:
        """Tell the time."""
        return self.now


def test_the_group_is_told_at_the_first_and_then_once_a_second() -> None:
    """What moves in between is told with what comes a second later, all of it."""
    clock = Clock()
    telling = Telling(clock.read)
    assert telling.offsets(UnitRecord(), {"left": 1}, leaving=False) == {"left": 1}
    own = UnitRecord({"left": 1})
    assert telling.offsets(own, {"left": 2}, leaving=False) == {}
    clock.now += TELL_SECONDS
    own = UnitRecord({"left": 2}, group={"left": 1})
    assert telling.is_due(own)
    assert telling.offsets(own, {}, leaving=False) == {"left": 2}
    assert not telling.is_due(own)


def test_an_input_that_the_group_never_heard_of_is_told_at_once_with_all_others() -> None:
    """Else an input that has been read would have no offsets, as if the group had been lost."""
    telling = Telling(Clock().read)
    telling.offsets(UnitRecord(), {"left": 1}, leaving=False)
    own = UnitRecord({"left": 2}, group={"left": 1})
    assert telling.offsets(own, {"right": 7}, leaving=False) == {"left": 2, "right": 7}


def test_who_leaves_tells_what_is_left_to_tell() -> None:
    """And nothing where the group knows all: then there is nothing to be written."""
    telling = Telling(Clock().read)
    telling.offsets(UnitRecord(), {"left": 1}, leaving=False)
    assert telling.offsets(UnitRecord({"left": 2}, group={"left": 1}), {}, leaving=True) == {"left": 2}
    assert telling.offsets(UnitRecord({"left": 2}), {}, leaving=True) == {}
    assert not telling.is_due(UnitRecord({"left": 2}))
