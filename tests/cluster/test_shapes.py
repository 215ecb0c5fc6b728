"""In how many parts an index lies, by what its units say, and in how many it can lie."""

import pytest

from services.cluster.errors import ClusterError
from services.cluster.saved.at_rest import STATEFUL
from services.cluster.saved.shapes import Shape, Wanted, shapes
from services.runtime.changelog import UnitRecord

BEFORE = 2
READ = "uploads.read.v1"


@pytest.mark.parametrize(
    ("parts", "wanted", "why"),
    [
        ((2, 1), Wanted(index_parts=2), "Some units have an index in 1 parts, others in 2"),
        ((2, 2), Wanted(index_parts=1), "lies in 2 parts, which can be divided further, but not made 1"),
        ((2, 2), Wanted(3), "3 partitions cannot be divided by 2"),
    ],
    ids=["units that differ", "fewer parts", "no whole index"],
)
def test_an_index_that_cannot_lie_so_is_refused(parts: tuple[int, ...], wanted: Wanted, why: str) -> None:
    """Who took it for what it is not would look for half of it where it is not."""
    units = {each.name: [UnitRecord(offsets={READ: 1})] * BEFORE for each in STATEFUL}
    units["recogniser"] = [UnitRecord(offsets={READ: 1}, parts=each) for each in parts]
    with pytest.raises(ClusterError, match=why):
        shapes(units, wanted)


def test_a_unit_that_has_met_nothing_does_not_say_how_the_index_lies() -> None:
    """It has no record of itself yet, as on a cluster without references."""
    units = {each.name: [UnitRecord(offsets={READ: 1})] * BEFORE for each in STATEFUL}
    units["recogniser"] = [UnitRecord(), UnitRecord(offsets={READ: 1}, parts=2)]
    assert shapes(units, Wanted(2 * BEFORE))["recogniser"] == (Shape(BEFORE, 2), Shape(2 * BEFORE, 2))
