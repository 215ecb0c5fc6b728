"""One partition of the hasher in a simulated cluster: it answers at least once, in any order."""

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

from msgspec.structs import replace

from services.contracts.processor import Event, Processor, Worked
from services.contracts.reading import Read
from services.runtime.batch import decide_batch
from services.runtime.store import MemoryStore
from tests.simulator.files import Files
from tests.simulator.topics import Topics


@dataclass
class Reader:
    """What it has fetched, what it has answered, and what it has committed."""

    processor: Processor
    partition: int
    topics: Topics
    files: Files
    random: Random
    fetched: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    committed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    in_flight: dict[tuple[str, int], Event] = field(default_factory=dict)
    answered: set[tuple[str, int]] = field(default_factory=set)

    def do_something(self) -> None:
        """Fetch and read, answer, commit, or begin again from what was committed."""
        chance = self.random.random()
        if chance < 0.45:
            self._start()
        elif chance < 0.85 and self.in_flight:
            self._answer(self.random.choice(list(self.in_flight)))
        elif chance < 0.95:
            self._commit()
        else:
            self.fetched = defaultdict(int, self.committed)
            self.in_flight.clear()
            self.answered.clear()

    def do_all(self) -> bool:
        """Answer everything that is there; return whether there was anything."""
        worked = False
        while self._start():
            worked = True
        for at in list(self.in_flight):
            worked = True
            self._answer(at)
        self._commit()
        return worked

    def _start(self) -> bool:
        """Fetch one record and read its file as it is now."""
        for topic in self.random.sample(self.processor.reads, len(self.processor.reads)):
            offset = self.fetched[topic.name]
            if offset == self.topics.end(topic, self.partition):
                continue
            self.fetched[topic.name] += 1
            event = self.topics.admit(self.processor, topic, self.partition, offset, self.partition)
            job: Read | None = self.processor.work(event.fact) if event else None
            if event is None or job is None:
                self.answered.add((topic.name, offset))
            else:
                worked = Worked(event.fact, self.files.read(job, self.random))
                self.in_flight[topic.name, offset] = replace(event, fact=worked)
            return True
        return False

    def _answer(self, at: tuple[str, int]) -> None:
        event = self.in_flight.pop(at)
        for emit in decide_batch(self.processor, MemoryStore(), [event]).emit:
            self.topics.append(self.processor, emit)
        self.answered.add(at)

    def _commit(self) -> None:
        for topic in self.processor.reads:
            while (topic.name, self.committed[topic.name]) in self.answered:
                self.committed[topic.name] += 1
