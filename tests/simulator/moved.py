"""A simulated cluster that has drained, taken to another number of partitions by the functions that restore a copy."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from types import SimpleNamespace

from services.cluster.saved.manifest import Manifest, Part
from services.cluster.saved.moving import Moved, move
from services.cluster.saved.records import Kept
from services.cluster.saved.shapes import Wanted
from services.contracts.topics import TOPICS, WORKS_RECEIPTS, Topic, changelog
from services.runtime.changelog import OWN_KEY, UnitRecord, apply, own_of
from tests.simulator.cluster import Input, SimulatedCluster, Unit
from tests.simulator.log import Written
from tests.simulator.topics import NO_RECORD, Record

STEP = "step"
Records = dict[tuple[str, int], list[Kept]]


def moved(before: SimulatedCluster, partitions: int, parts: int | None = None) -> "MovedCluster":
    """Return a cluster of so many partitions that goes on from one at rest; ClusterError if that is not so."""
    kept = {at: [_kept(record) for record in log if record is not NO_RECORD] for at, log in before.log.items()}
    kept |= {(changelog(unit.processor.name), unit.partition): _entries(unit) for unit in before.units}
    put: Records = defaultdict(list)
    copy = Manifest("now", "0", before.topics.partitions, _parts(before, kept), _groups(before))

    @contextmanager
    def writing(topic: str) -> Iterator[Callable[[int, Kept], None]]:
        yield lambda number, record: put[topic, number].append(record)

    where = move(copy, Wanted(partitions, parts), lambda topic, number: kept.get((topic, number), []), writing)
    return MovedCluster(before, partitions, where, put, parts or before.parts)


class MovedCluster(SimulatedCluster):
    """Goes on from another; what was said there is in its log as it stood there."""

    def __init__(self, before: SimulatedCluster, partitions: int, where: Moved, put: Records, parts: int) -> None:
        super().__init__(before.random, before.readers[0].files, partitions, before.rules, parts)
        self._before = before
        self._ends = where.ends
        self.owns: dict[tuple[str, int], UnitRecord] = {}
        self.topics.step, self.topics.now = before.topics.step, before.now
        for topic in TOPICS:
            for number in range(partitions):
                there = [_record(one) for one in put[topic.name, number]]
                self.log[topic.name, number] = [NO_RECORD] * where.begins[topic.name] + there
        self.receipts_read = [*where.ends[WORKS_RECEIPTS.name]]
        for unit in self.units:
            self._go_on(unit, put[changelog(unit.processor.name), unit.partition])
        for reader in self.readers:
            for topic in reader.processor.reads:
                place = where.groups[reader.processor.name][topic.name][reader.partition]
                reader.fetched[topic.name] = reader.committed[topic.name] = place

    def written(self, topic: Topic) -> list[Written]:
        """Return the log of a topic: what was said before, at its offsets of then, and what was said since."""
        old = (one._replace(partition=self.topics.partition_of(one.key)) for one in self._before.written(topic))
        return [*old, *(one for one in super().written(topic) if one.offset >= self._ends[topic.name][one.partition])]

    def _go_on(self, unit: Unit, records: Iterable[Kept]) -> None:
        """Restore a unit, by the very function of the engine, and let it stand where its own record says."""
        mark = apply(
            [SimpleNamespace(offset=0, key=one.key, value=one.value) for one in records], unit.processor, unit.store
        )
        assert mark is not None
        self.owns[unit.processor.name, unit.partition] = own = own_of(mark)
        unit.now = own.now
        unit.positions = tuple(
            own.broadcasts[topic.name][number] if topic in unit.processor.broadcasts else own.offsets[topic.name]
            for topic, number in unit.inputs
        )
        for one in records:
            assert one.key is not None
            if one.value is None:
                unit.changelog.pop(one.key, None)
            elif one.key != OWN_KEY:
                unit.changelog[one.key] = one.value


def own_record(unit: Unit) -> UnitRecord:
    """Return what a unit would keep of itself."""
    stood = dict(zip(unit.inputs, unit.positions, strict=True))
    broadcasts = {topic: [at for at in stood if at.topic == topic] for topic in unit.processor.broadcasts}
    return UnitRecord(
        offsets={topic.name: stood[Input(topic, unit.partition)] for topic in unit.processor.reads},
        now=unit.now,
        broadcasts={topic.name: tuple(stood[at] for at in places) for topic, places in broadcasts.items()},
        parts=unit.processor.parts,
    )


def _entries(unit: Unit) -> list[Kept]:
    entries = [Kept(unit.now, key, value, ()) for key, value in unit.changelog.items()]
    return [*entries, Kept(unit.now, OWN_KEY, own_record(unit).packed(), ())]


def _parts(cluster: SimulatedCluster, kept: Records) -> dict[str, list[Part]]:
    """Return how a copy describes every partition, with whatever place anybody could stand at."""
    numbers = range(cluster.topics.partitions)
    names = (*(topic.name for topic in TOPICS), *{changelog(unit.processor.name) for unit in cluster.units})
    return {
        name: [_part(cluster.log[name, number], kept.get((name, number), [])) for number in numbers] for name in names
    }


def _part(log: list[Record], kept: list[Kept]) -> Part:
    before = accumulate((record is not NO_RECORD for record in log), initial=0)
    return Part(0, len(log), len(kept), "", dict(enumerate(before)))


def _groups(cluster: SimulatedCluster) -> dict[str, dict[str, list[int | None]]]:
    found: dict[str, dict[str, list[int | None]]] = {}
    for reader in cluster.readers:
        for topic in reader.processor.reads:
            of = found.setdefault(reader.processor.name, {}).setdefault(topic.name, [None] * cluster.topics.partitions)
            of[reader.partition] = reader.committed[topic.name]
    return found


def _kept(record: Record) -> Kept:
    """Return a record as it is in a copy; its step is in a header of its own, since a copy knows times alone."""
    return Kept(record.time, record.key, record.value, ((STEP, str(record.step).encode()), *record.headers))


def _record(kept: Kept) -> Record:
    (_, step), *headers = kept.headers
    return Record(kept.key, kept.value, int(step), kept.timestamp, tuple(headers))
