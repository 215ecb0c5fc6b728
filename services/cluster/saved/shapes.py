"""How many units a service has and is to have, and in how many parts its index lies, if it has one that does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.cluster.errors import ClusterError
from services.cluster.saved.at_rest import STATEFUL
from services.contracts.processor import Processor
from services.runtime.changelog import UnitRecord


@dataclass(frozen=True, slots=True)
class Shape:
    """So many units, with an index in so many parts."""

    partitions: int
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a restore is to change: None leaves it as it was."""

    partitions: int | None = None
    index_parts: int | None = None

    def is_as(self, partitions: int) -> bool:
        """Tell whether nothing of a copy with so many partitions is to change."""
        return self.partitions in (None, partitions) and self.index_parts is None


AS_IT_WAS = Wanted()


def shapes(units: Mapping[str, Sequence[UnitRecord]], wanted: Wanted) -> dict[str, tuple[Shape, Shape]]:
    """Return by service what it is now and what it is to be; ClusterError if it cannot be that."""
    return {each.name: _shapes(each, units[each.name], wanted) for each in STATEFUL}


def _shapes(processor: Processor, units: Sequence[UnitRecord], wanted: Wanted) -> tuple[Shape, Shape]:
    partitions = wanted.partitions or len(units)
    if not processor.is_divided:
        return Shape(len(units)), Shape(partitions)
    lies_in = {each.parts for each in units if each.offsets or each.broadcasts}  # who has met nothing does not know
    if len(lies_in) > 1:
        raise ClusterError(f"Some units have an index in {min(lies_in)} parts, others in {max(lies_in)}.")
    before = next(iter(lies_in), 1)
    parts = wanted.index_parts or before
    if parts % before:
        raise ClusterError(f"The index lies in {before} parts, which can be divided further, but not made {parts}.")
    if partitions % parts:
        raise ClusterError(f"{partitions} partitions cannot be divided by {parts}, the parts of the index.")
    return Shape(len(units), before), Shape(partitions, parts)
