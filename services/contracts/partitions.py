"""The partitions that facts name, so that nobody need hash an id twice: as they are in another number of partitions."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from services.contracts.inside import ContentCompared, CopyChanged, ListingChanged, ReferenceFingerprinted, Resemblance

PartitionOf = Callable[[str], int]
"""Gives the partition of an id."""

NAMING = (CopyChanged, ReferenceFingerprinted, ListingChanged, ContentCompared)
"""The facts that name any."""


def moved(fact: Any, partition_of: PartitionOf) -> Any:
    """Return a fact as it is written where partitions are these; what names none as it is."""
    match fact:
        case CopyChanged():
            return replace(fact, upload_partition=partition_of(fact.upload_id))
        case ReferenceFingerprinted() | ListingChanged() | Resemblance():
            return replace(fact, rightsholder_partition=partition_of(fact.rightsholder_id))
        case ContentCompared():
            return replace(fact, found=tuple(moved(one, partition_of) for one in fact.found))
        case _:
            return fact
