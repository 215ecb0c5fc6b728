"""A unit refuses an index that lies otherwise than it is told."""

from dataclasses import replace

import pytest

from services.recogniser import PROCESSOR
from services.runtime.changelog import StateRefusedError, UnitRecord
from services.runtime.division import check_division


def test_an_index_that_lies_as_it_is_told_is_taken() -> None:
    """And one that is new, and one from before there were parts."""
    check_division(replace(PROCESSOR, parts=2), 4, UnitRecord(parts=2))
    check_division(replace(PROCESSOR, parts=4), 4, None)
    check_division(PROCESSOR, 3, UnitRecord())


def test_partitions_that_cannot_be_divided_are_refused() -> None:
    """The last units would have no whole index together."""
    with pytest.raises(StateRefusedError, match="STAYDOWN_INDEX_PARTS is 3, by which 4 partitions cannot be divided"):
        check_division(replace(PROCESSOR, parts=3), 4, None)


@pytest.mark.parametrize(("parts", "told"), [(1, 2), (4, 2), (2, 1)])
def test_an_index_that_lies_in_other_parts_is_refused_and_how_to_go_on_is_told(parts: int, told: int) -> None:
    """Whoever went on would never find what lies elsewhere."""
    with pytest.raises(StateRefusedError, match=f"lies in {parts} parts?, .*--index-parts {told}"):
        check_division(replace(PROCESSOR, parts=told), 4, UnitRecord(parts=parts))
