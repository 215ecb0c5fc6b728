"""Facts as the services write them: the story that every service is asked, as far as the public hears of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from loadtest.deciding.plant import Plant
from loadtest.deciding.story import Story
from loadtest.target import LoadTestError
from services.archivist import ARCHIVIST
from services.runtime.partitioning import partition_of

# A scene's record leads to some fifty public facts over the whole story; fewer, and the story would be too short.
FACTS_OF_ONE = 45


@dataclass(frozen=True, slots=True)
class Told:
    """A record of a public topic, and the partition that its key has."""

    topic: str
    partition: int
    key: bytes
    value: bytes | None


def tell(count: int, partitions: int, seed: int, facts_of_one: int = FACTS_OF_ONE) -> Sequence[Told]:
    """Return so many facts. Each topic is in its order, and what topics say is mixed evenly."""
    plant = Plant()
    Story(plant, ceil(count / facts_of_one) + 1, seed).play()
    found: list[tuple[float, int, Told]] = []
    for number, topic in enumerate(ARCHIVIST.reads):
        log = plant.written(topic)
        for record in log:
            assert record.key is not None, "every public topic has keys"  # noqa: S101  # an invariant
            told = Told(topic.name, partition_of(record.key, partitions), record.key, record.value)
            found.append((record.offset / len(log), number, told))
    if len(found) < count:
        raise LoadTestError(f"The story has {len(found):,} facts, and {count:,} are asked for.")
    return [told for _, _, told in sorted(found, key=lambda each: each[:2])][:count]
