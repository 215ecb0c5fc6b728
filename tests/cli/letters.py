"""A dead letter as an older version would have written it, of a record that this version can read."""

from services.contracts.codec import encode
from services.contracts.topics import UPLOADS_SUBMITTED, Topic, dead_letters
from services.runtime.partitioning import partition_of
from tests.cli.conftest import PARTITIONS
from tests.cli.topics import Topics

GARBAGE = b"{"
CAME_WITH: list[tuple[str, bytes | None]] = [("ce_id", b"7"), ("staydown-signature", b"x"), ("mine", None)]


def dead_letter(
    topics: Topics,
    key: str,
    fact: object,
    topic: Topic = UPLOADS_SUBMITTED,
    **said: str | None,
) -> tuple[str, int, int]:
    """Write garbage, and a dead letter of it whose value is something else; return the dead letter's place.

    So it stands in for one that an older version wrote, of a record that this version can read. `said`: what it says
    of where it is from, if not the truth.
    """
    partition = partition_of(key.encode(), PARTITIONS)
    origin = topics.write(topic.name, key.encode(), GARBAGE, [], partition)
    place = {"reason": "why", "partition": str(partition), "offset": str(origin)} | said
    headers = [*CAME_WITH, *((f"staydown-{name}", text.encode()) for name, text in place.items() if text is not None)]
    dead = dead_letters(topic.name, "hasher" if topic is UPLOADS_SUBMITTED else "registry")
    value = fact if isinstance(fact, bytes) else encode(fact)
    return dead, partition, topics.write(dead, key.encode(), value, headers, partition)
