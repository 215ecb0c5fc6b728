"""The contiguous prefix: what may be committed while records get done in any order."""

from hypothesis import given
from hypothesis import strategies as st

from services.runtime.window import BYTES_MAX, RECORDS_MAX, Window

OFFSETS = st.lists(st.integers(0, 60), unique=True, max_size=30).map(sorted)


@given(OFFSETS, st.data())
def test_the_position_never_passes_a_record_that_is_not_done(offsets: list[int], data: st.DataObject) -> None:
    """Whatever the order: all before the position is done, and it moves as far as that allows."""
    window = Window(0)
    assert [window.take(offset, 1) for offset in offsets] == [True] * len(offsets)
    undone = set(offsets)
    for offset in data.draw(st.permutations(offsets)):
        window.finish(offset)
        undone.discard(offset)
        assert window.position == min(undone, default=offsets[-1] + 1)


@given(OFFSETS, st.integers(0, 60))
def test_records_before_the_next_are_not_taken_twice(offsets: list[int], again: int) -> None:
    """After a seek back the client gives the same records once more."""
    window = Window(0)
    for offset in offsets:
        window.take(offset, 1)
    assert window.take(again, 1) == (again > max(offsets, default=-1))


def test_a_window_without_records_stands_where_it_started() -> None:
    """Nothing taken, nothing to commit beyond the start."""
    assert (Window(17).position, Window(17).next, len(Window(17))) == (17, 17, 0)


def test_gaps_of_markers_and_compaction_are_passed() -> None:
    """Offsets that hold no record are no reason to wait."""
    window = Window(0)
    window.take(3, 1)
    window.take(9, 1)
    window.finish(3)
    assert window.position == 9
    window.finish(9)
    assert window.position == 10


def test_a_window_is_full_by_records_and_has_room_at_half() -> None:
    """Pauses are few: between full and half there is no change."""
    window = Window(0)
    for offset in range(RECORDS_MAX):
        assert not window.is_full
        window.take(offset, 1)
    assert window.is_full
    for offset in range(RECORDS_MAX // 2):
        assert not window.has_room
        window.finish(offset)
    assert window.has_room


def test_a_window_is_full_by_bytes_and_takes_at_least_one_record() -> None:
    """A single record larger than the bound is taken all the same."""
    window = Window(0)
    window.take(0, BYTES_MAX + 1)
    assert window.is_full
    window.finish(0)
    assert window.has_room
