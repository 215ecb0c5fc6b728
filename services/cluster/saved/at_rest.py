"""Whether a copy is of a cluster at rest: what would be on its way between partitions has arrived. Pure.

Promises: if nothing is raised, every group and every unit has read all that its inputs hold (what aborted transactions
and markers left is no record), nothing is set aside, and no entry wants a turn at once. Timers of later may wait.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from services.cluster.errors import ClusterError
from services.cluster.saved.manifest import Manifest
from services.cluster.saved.records import Kept
from services.contracts.processor import Engine, Processor
from services.contracts.topics import changelog
from services.pipeline import PIPELINE
from services.runtime.changelog import OWN_KEY, UnitRecord, own_of
from services.runtime.quarantine import KIND as PARKED
from services.runtime.quarantine import NOBODY
from services.runtime.store import Mark, changelog_key, wake_of

Read = Callable[[str, int], Iterable[Kept]]
"""Gives the records of a topic's partition, as often as it is asked."""
Units = Mapping[str, Sequence[UnitRecord]]
"""By service, the own record of each of its units."""

_PARKED = changelog_key(NOBODY, f"{PARKED}/")
STATEFUL = tuple(each for each in PIPELINE if each.engine is Engine.EXACTLY_ONCE)


def check(manifest: Manifest, read: Read) -> Units:
    """Return what units keep of themselves; ClusterError says who has something left to do."""
    for name, topic, number, offset in _groups(manifest):
        _check_read(manifest, name, topic, number, offset)
    units = {}
    for processor in STATEFUL:
        units[processor.name] = [
            _unit(processor, number, read(changelog(processor.name), number)) for number in range(manifest.partitions)
        ]
        for number, own in enumerate(units[processor.name]):
            for topic, partition, offset in _inputs(processor, number, own, manifest.partitions):
                _check_read(manifest, processor.name, topic, partition, offset)
    return units


def _groups(manifest: Manifest) -> Iterator[tuple[str, str, int, int | None]]:
    """Give where groups stand: what a unit's group is told may lag behind the unit, and who keeps nothing has a group.

    A service of the pipeline has to be there, whoever else was only if it was.
    """
    nowhere = [None] * manifest.partitions
    needed = {
        each.name: {topic.name: nowhere for topic in each.reads}
        for each in PIPELINE
        if each.engine is Engine.AT_LEAST_ONCE
    }
    for name in sorted({*needed, *manifest.groups} - {each.name for each in STATEFUL}):
        for topic, offsets in {**needed.get(name, {}), **manifest.groups.get(name, {})}.items():
            yield from ((name, topic, number, offset) for number, offset in enumerate(offsets))


def _inputs(
    processor: Processor, number: int, own: UnitRecord, partitions: int
) -> Iterator[tuple[str, int, int | None]]:
    """Give where a unit stands in each partition that it reads; None: it has read nothing of it."""
    for topic in processor.reads:
        yield topic.name, number, own.offsets.get(topic.name)
    for topic in processor.broadcasts:
        known = own.broadcasts.get(topic.name, ())
        yield from ((topic.name, each, known[each] if each < len(known) else None) for each in range(partitions))


def _check_read(manifest: Manifest, name: str, topic: str, partition: int, offset: int | None) -> None:
    part = manifest.topics[topic][partition]
    left = part.count - (0 if offset is None else part.places[offset])
    if left:
        raise _unrest(f"{name} has {left:,} records of {topic}, partition {partition}, still to read")


def _unit(processor: Processor, number: int, records: Iterable[Kept]) -> UnitRecord:
    """Return a unit's own record, if nothing in its state waits for a turn or is set aside."""
    own, parked, wanting = UnitRecord(), set[bytes](), set[bytes]()
    for record in records:
        assert record.key is not None, "a changelog has keys"  # noqa: S101  # an invariant
        for kept in (parked, wanting):
            kept.discard(record.key)
        if record.value is None:
            continue
        if record.key == OWN_KEY:
            own = own_of(Mark(0, record.value))
        elif record.key.startswith(_PARKED):
            parked.add(record.key)
        elif wake_of(record.value) == 0:
            wanting.add(record.key)
    if parked:
        raise ClusterError(
            f"Of {processor.name}, partition {number}, {len(parked):,} records are set aside, which may be of any "
            "partition: start the version that can decide them, and save again when `staydown_quarantined_keys` is 0."
        )
    if wanting:
        raise _unrest(f"{processor.name}, partition {number}, is in the middle of {len(wanting):,} long rounds")
    return own


def _unrest(what: str) -> ClusterError:
    return ClusterError(
        f"The copy is not of a cluster at rest: {what}. Its number of partitions stays until it is: stop who writes, "
        "let the services run until `staydown_lag_seconds` is 0, stop them, and save again."
    )
