"""A simulated cluster of which processors fail on some keys, until it is mended.

Its exactly-once units decide by the engine's own `Decider`, from records as the Kafka client gives them, so that what
cannot be decided is set aside, kept and tried again as there.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from aiokafka.structs import ConsumerRecord

from services.contracts.processor import Decision, Event, Processor, View
from services.contracts.rules import Rules
from services.contracts.topics import TOPICS, Topic
from services.runtime.changelog import UnitRecord
from services.runtime.deciding import Batched, Decider
from services.runtime.quarantine import keys_aside
from tests.simulator.cluster import SimulatedCluster, Unit
from tests.simulator.files import Files
from tests.simulator.log import Log, Written

BATCH_RECORDS = 16
"""How many timers a batch takes, and two turns."""

BY_NAME = {topic.name: topic for topic in TOPICS}

Poison = Callable[[str, Event], bool]
"""Tells of a service's name and an event whether it fails on it."""


class PoisonedError(Exception):
    """The bug."""


class PoisonedCluster(SimulatedCluster):
    """Fails on what `poison` tells, until it is mended."""

    def __init__(
        self, random: Random, files: Files, partitions: int, rules: Rules, poison: Poison, *, parts: int = 1
    ) -> None:
        super().__init__(random, files, partitions, rules, parts)
        self._poison: Poison | None = poison
        self._owns = {(unit.processor.name, unit.partition): UnitRecord() for unit in self.units}
        self._starting: set[tuple[str, int]] = set()
        self._deciders = {
            (unit.processor.name, unit.partition): Decider(self._rigged(unit.processor), unit.partition, partitions)
            for unit in self.units
        }

    def mend(self) -> None:
        """Start every unit with a version that fails on nothing."""
        self._poison = None
        for unit in self.units:
            self._restore(unit)

    def aside(self) -> set[tuple[str, str]]:
        """Return service and key of all that is set aside."""
        return {(unit.processor.name, key) for unit in self.units for key in keys_aside(unit.store)}

    def owns(self) -> dict[tuple[str, int], UnitRecord]:
        """Return what each unit keeps of itself, by service and partition."""
        return self._owns

    def _rigged(self, processor: Processor) -> Processor:
        def decide(state: View, event: Event) -> Decision:
            if self._poison is not None and self._poison(processor.name, event):
                raise PoisonedError
            return processor.decide(state, event)

        return replace(processor, decide=decide, rules=self.rules)

    def _is_wanted(self, unit: Unit) -> bool:
        return (unit.processor.name, unit.partition) in self._starting or super()._is_wanted(unit)

    def _restore(self, unit: Unit) -> None:
        super()._restore(unit)
        self._starting.add((unit.processor.name, unit.partition))

    def _run(self, unit: Unit, *, crash: bool = False, greedy: bool = False) -> bool:
        """Decide one batch and commit it, or lose it to a crash. Return whether there was anything to do."""
        at = (unit.processor.name, unit.partition)
        places, positions = self._fetch(unit, greedy=greedy)
        now = max(self.now, unit.now)
        timers = self._deciders[at].timers(unit.store, now, BATCH_RECORDS)
        if not timers and positions == unit.positions and at not in self._starting:
            return False
        records = [self._record(*one, offset) for one, offset in places if not self._is_compacted(one, offset)]
        batch = Batched(records, timers, {}, anew=at in self._starting)
        turn = self._deciders[at].decide(unit.store, self._owns[at], batch, now)
        if crash:
            self._restore(unit)
            return True
        for (topic, number), sent in turn.outgoing.records.items():
            for key, value, _ in sent if topic in BY_NAME else ():
                self.topics.write(BY_NAME[topic], number, (key or b"").decode(), value)
        self._commit(unit, turn.changes, positions, now)
        self._owns[at] = turn.own
        self._starting.discard(at)
        return True

    def _record(self, topic: Topic, number: int, offset: int) -> ConsumerRecord[bytes, bytes]:
        found = self.log[topic.name, number][offset]
        key, value = found.key, found.value
        sizes = (len(key or b""), len(value or b""))
        return ConsumerRecord(topic.name, number, offset, found.time, 0, key, value, None, *sizes, found.headers)


class Without:
    """A log as it would be if nobody had ever spoken of one upload."""

    def __init__(self, log: Log, upload_id: str) -> None:
        self.now, self.rules = log.now, log.rules
        self._log = log
        self._upload_id = upload_id

    def written(self, topic: Topic) -> list[Written]:
        """Return the log of a topic, decoded, without the upload."""
        return [one for one in self._log.written(topic) if one.key != self._upload_id]

    def entries(self) -> Iterator[tuple[str, str, object]]:
        """Return (key, name, entry) for every other entry of every service's state."""
        return (entry for entry in self._log.entries() if entry[0] != self._upload_id)
