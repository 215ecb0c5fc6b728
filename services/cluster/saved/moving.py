"""To another number of partitions: what a cluster at rest has, each record and entry where its key is then. Pure.

    records of a topic    ─► the partition of their key                                    (`moving_records.py`)
    entries of a state    ─► the unit of their key; what follows from broadcasts, every unit (`moving_entries.py`);
                             of an index in parts, the units that have its part (`recogniser/moving.py`)
    a unit's own record   ─► made anew: at the ends of its inputs

Why that is all: offsets are versions, and each is compared with others of its own key alone: submissions, and what was
seen of disputes and reviews (enforcer), admissions and answers (matcher, recogniser), facts that were counted (ledger),
rows of the readable record. Every partition of a topic begins at or above the largest end of the old ones, so whatever
comes from now on is later than all that anybody remembers, whichever partition that was in. What was there gets other
offsets and is read by nobody who remembers it, since everybody stands at the ends. Ids of what a unit writes are made
of how much it has written, so that goes on after the most that any has.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain

from services.cluster.saved.at_rest import STATEFUL, Read, check
from services.cluster.saved.manifest import Manifest
from services.cluster.saved.moving_entries import Entries
from services.cluster.saved.moving_records import records
from services.cluster.saved.records import Kept
from services.cluster.saved.shapes import Shape, Wanted, shapes
from services.contracts.processor import Processor
from services.contracts.topics import changelog
from services.runtime.changelog import OWN_KEY, UnitRecord

Writing = Callable[[str], AbstractContextManager[Callable[[int, Kept], None]]]
"""Opens a topic, once, and gives what appends a record to one of its partitions."""
Ends = Mapping[str, Sequence[int]]
"""By topic, the offset that comes next in each partition."""

_CHANGELOGS = {changelog(each.name) for each in STATEFUL}


@dataclass(frozen=True, slots=True)
class Moved:
    """Where every partition of a topic begins, where each ends, and where groups stand."""

    begins: Mapping[str, int]
    ends: Ends
    groups: Mapping[str, Mapping[str, Sequence[int]]]


def move(manifest: Manifest, wanted: Wanted, read: Read, writing: Writing) -> Moved:
    """Write all that a copy has, one topic after another; ClusterError if it is not of a cluster at rest."""
    units = check(manifest, read)
    shaped = shapes(units, wanted)
    partitions = wanted.partitions or manifest.partitions
    begins = {topic: max(part.end for part in parts) for topic, parts in manifest.topics.items()}
    ends = {topic: [begin] * partitions for topic, begin in begins.items()}

    def sources(topic: str) -> list[Iterable[Kept]]:
        return [read(topic, number) for number in range(manifest.partitions)]

    def write(topic: str, numbered: Iterable[tuple[int, Kept]]) -> None:
        with writing(topic) as put:
            for number, record in numbered:
                put(number, record)
                ends[topic][number] += 1

    for topic in manifest.topics.keys() - _CHANGELOGS:
        write(topic, records(topic, sources(topic), partitions))
    for processor in STATEFUL:
        topic, (before, after) = changelog(processor.name), shaped[processor.name]
        entries = Entries(processor, before, after)
        own = _own(processor, units[processor.name], entries, ends, after)
        write(topic, chain(entries.moved(sources(topic)), own))
    return Moved(begins, ends, _groups(manifest, ends))


def _own(
    processor: Processor, before: Sequence[UnitRecord], entries: Entries, ends: Ends, after: Shape
) -> Iterable[tuple[int, Kept]]:
    """Give the own record of each new unit."""
    now, written = max(each.now for each in before), max(each.written for each in before)
    for number, tallies in enumerate(entries.tallies()):
        own = UnitRecord(
            offsets={topic.name: ends[topic.name][number] for topic in processor.reads},
            now=now,
            written=written,
            broadcasts={topic.name: tuple(ends[topic.name]) for topic in processor.broadcasts},
            tallies=tallies,
            parts=after.parts,
        )
        yield number, Kept(now, OWN_KEY, own.packed(), ())


def _groups(manifest: Manifest, ends: Ends) -> dict[str, dict[str, Sequence[int]]]:
    """Return where groups stand; those of units where these stand, or they would refuse to start."""
    units = {each.name: [topic.name for topic in each.reads] for each in STATEFUL}
    return {name: {topic: ends[topic] for topic in topics} for name, topics in {**manifest.groups, **units}.items()}
