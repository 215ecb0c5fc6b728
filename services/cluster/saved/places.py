"""Where everything stands after it was restored: from old offsets to new ones. Pure.

Kafka gives a record the offset that comes next, so a partition whose first record had another offset than 0 is first
filled, and what filled it is deleted. Promises, for each topic:

- What comes from the world keeps its offsets, since a verdict names a submission by its offset. That takes a partition
  without gaps; one that has some (its producer used transactions) can be restored once everybody has read all of it.
- Everything else begins where it ended, so that whoever remembers up to where it has heard takes nothing that is
  new for old. Dead letters and changelogs, whose offsets nobody remembers, begin at 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.cluster.errors import ClusterError
from services.cluster.saved.manifest import Manifest, Part
from services.contracts.topics import TOPICS
from services.runtime.changelog import UnitRecord

_FROM_WORLD = {topic.name for topic in TOPICS if topic.from_world}
_KNOWN = {topic.name for topic in TOPICS}


def base(topic: str, part: Part) -> int:
    """Return the offset that the first record of a partition gets."""
    if topic not in _KNOWN:
        return 0
    return part.first if topic in _FROM_WORLD and part.is_whole else part.end


@dataclass(frozen=True, slots=True)
class Places:
    """The new offsets of one copy."""

    manifest: Manifest
    lineage: str
    """Of this restore alone: what disks have of before follows from other records."""

    def check(self) -> None:
        """Refuse, by ClusterError, a copy of which a part cannot go on."""
        for topic in sorted(_FROM_WORLD & self.manifest.topics.keys()):
            for number, part in enumerate(self.manifest.topics[topic]):
                if not part.is_whole and any(place != part.count for place in part.places.values()):
                    raise ClusterError(
                        f"{topic}, partition {number}, has gaps and was not read to its end by everybody, so what "
                        "was not read would get other offsets: let the services read all of it, and save again."
                    )

    def new(self, topic: str, partition: int, offset: int) -> int:
        """Return where something stands that stood at an old offset."""
        part = self.manifest.topics[topic][partition]
        return base(topic, part) + part.places[offset]

    def group(self, name: str) -> dict[tuple[str, int], int]:
        """Return where a group stands, by topic and partition."""
        return {
            (topic, number): self.new(topic, number, offset)
            for topic, offsets in self.manifest.groups[name].items()
            for number, offset in enumerate(offsets)
            if offset is not None
        }

    def unit(self, partition: int, own: UnitRecord) -> UnitRecord:
        """Return a unit's own record with its offsets as they are now, of a lineage of its own."""
        return replace(
            own,
            lineage=self.lineage,
            offsets=self._inputs(partition, own.offsets),
            group=None if own.group is None else self._inputs(partition, own.group),
            broadcasts={
                topic: tuple(self.new(topic, number, offset) for number, offset in enumerate(offsets))
                for topic, offsets in own.broadcasts.items()
                if topic in self.manifest.topics
            },
        )

    def _inputs(self, partition: int, offsets: Mapping[str, int]) -> dict[str, int]:
        there = self.manifest.topics
        return {topic: self.new(topic, partition, offset) for topic, offset in offsets.items() if topic in there}


def standing(own: Sequence[tuple[int, UnitRecord]]) -> dict[tuple[str, int], set[int]]:
    """Return at which offsets of which partitions units stand; each with its partition number."""
    found: dict[tuple[str, int], set[int]] = {}
    for partition, record in own:
        for offsets in (record.offsets, record.in_group):
            for topic, offset in offsets.items():
                found.setdefault((topic, partition), set()).add(offset)
        for topic, each in record.broadcasts.items():
            for number, offset in enumerate(each):
                found.setdefault((topic, number), set()).add(offset)
    return found
