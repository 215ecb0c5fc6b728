import pytest

from services.runtime.changelog import StateRefusedError, UnitRecord, starting_offsets

FIRST = {"left": 10, "right": 0}
END = {"left": 100, "right": 50}


@pytest.mark.parametrize(
    ("own", "committed", "starts"),
    [
        (None, {}, {"left": 10, "right": 0}),
        (UnitRecord(), {}, {"left": 10, "right": 0}),
        (UnitRecord({"left": 70, "right": 50}), {"left": 70, "right": 50}, {"left": 70, "right": 50}),
        (UnitRecord({"left": 70}), {"left": 70}, {"left": 70, "right": 0}),
        (UnitRecord({"left": 70, "gone": 5}), {"left": 70}, {"left": 70, "right": 0}),
        (UnitRecord({"left": 5}), {"left": 5}, {"left": 5, "right": 0}),
        (UnitRecord({"left": 70, "gone": 5}, group={"left": 60, "gone": 4}), {"left": 60}, {"left": 70, "right": 0}),
    ],
    ids=[
        "new",
        "only timers so far",
        "known",
        "new input",
        "input no longer read",
        "removed by retention",
        "told a while ago",
    ],
)
def test_a_unit_starts_where_its_last_transaction_left_it(
    own: UnitRecord | None, committed: dict[str, int], starts: dict[str, int]
) -> None:
    """Where changelog and group agree, a unit goes on there; an input never read is read from its first record."""
    assert starting_offsets(own, committed, FIRST, END) == starts


@pytest.mark.parametrize(
    ("own", "committed"),
    [
        (UnitRecord({"left": 70}), {}),
        (UnitRecord({"left": 70}), {"left": 60}),
        (UnitRecord({"left": 60}), {"left": 70}),
        (None, {"left": 70}),
        (UnitRecord({"left": 70}), {"left": 70, "right": 1}),
        (UnitRecord({"left": 70}, group={"left": 60}), {"left": 70}),
        (UnitRecord({"left": 70}, group={"left": 60}), {"left": 50}),
    ],
    ids=[
        "group lost",
        "group set back",
        "changelog cut off",
        "changelog lost",
        "input not in the changelog",
        "group ahead of what it was told",
        "group behind what it was told",
    ],
)
def test_a_unit_is_refused_where_changelog_and_group_differ(own: UnitRecord | None, committed: dict[str, int]) -> None:
    """State without offsets, or with others than its own, is never worked on: records would be lost or come twice."""
    with pytest.raises(StateRefusedError, match="different offsets"):
        starting_offsets(own, committed, FIRST, END)


def test_a_unit_is_refused_where_its_input_has_become_shorter() -> None:
    """An input that ends before what was read of it has been made anew, and is no continuation."""
    with pytest.raises(StateRefusedError, match="left ends before"):
        starting_offsets(UnitRecord({"left": 101}), {"left": 101}, FIRST, END)
