"""The partitions that facts name, so that nobody need hash an id twice: as they are in another number of partitions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from services.contracts.inside import (
    ContentCompared,
    ContentMet,
    CopyChanged,
    ListingChanged,
    Met,
    ReferenceFingerprinted,
    Resemblance,
)

PartitionOf = Callable[[str], int]
"""Gives the partition of an id."""

Placed = tuple[int, str, Any]
"""A unit, and an entry's name and the entry that it has then, or None."""


@dataclass(frozen=True, slots=True)
class Move:
    """From unit `number` of some whose index lies in `parts_before`, to `partitions` units with an index in `parts`."""

    number: int
    parts_before: int
    partitions: int
    parts: int
    partition_of: PartitionOf

    @property
    def parts_of_one(self) -> range:
        """The parts that there are of the part which the unit has."""
        return range(self.number % self.parts_before, self.parts, self.parts_before)

    @property
    def is_of_first_index(self) -> bool:
        """Whether the unit is one of the first that have a whole index together."""
        return self.number < self.parts_before

    @property
    def is_divided_first(self) -> bool:
        """Whether the index was whole in every unit, and is no more."""
        return self.parts_before == 1 < self.parts

    def every(self, part: int) -> range:
        """Return the units that have a part."""
        return range(part, self.partitions, self.parts)


NAMING = (CopyChanged, ReferenceFingerprinted, ListingChanged, ContentCompared, ContentMet)
"""The facts that name any."""


def moved(fact: Any, partition_of: PartitionOf) -> Any:
    """Return a fact as it is written where partitions are these; what names none as it is."""
    match fact:
        case CopyChanged():
            return replace(fact, upload_partition=partition_of(fact.upload_id))
        case ReferenceFingerprinted() | ListingChanged() | Resemblance() | Met():
            return replace(fact, rightsholder_partition=partition_of(fact.rightsholder_id))
        case ContentCompared() | ContentMet():
            return replace(fact, found=tuple(moved(one, partition_of) for one in fact.found))
        case _:
            return fact
