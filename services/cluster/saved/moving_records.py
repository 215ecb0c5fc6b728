"""The records of one topic on their way to another number of partitions. Pure.

Promises: records of one key keep their order, since they come from one partition; where several merge, times decide.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge

from services.cluster.saved.records import Kept
from services.contracts.codec import decode, encode
from services.contracts.inside import ReferenceFingerprinted
from services.contracts.malformed import MalformedError
from services.contracts.partitions import NAMING, moved
from services.contracts.topics import TOPICS, Topic
from services.runtime.partitioning import partition_of

Numbered = tuple[int, Kept]
"""A record, and its partition."""

_TOPICS = {topic.name: topic for topic in TOPICS}


def records(topic: str, sources: Sequence[Iterable[Kept]], partitions: int) -> Iterator[Numbered]:
    """Give the records of a topic, from each of its old partitions, in the order in which they are to be written."""
    moving = _Moving(_TOPICS.get(topic), partitions)
    numbered = (_numbered(number, source) for number, source in enumerate(sources))
    for number, record in merge(*numbered, key=lambda one: one[1].timestamp):
        yield moving.one(number, record)


def _numbered(number: int, source: Iterable[Kept]) -> Iterator[Numbered]:
    return ((number, record) for record in source)


class _Moving:
    """Finds the partition of one record after another. `topic`: none for dead letters, whose keys may be anything."""

    def __init__(self, topic: Topic | None, partitions: int) -> None:
        self._topic = topic
        self._partitions = partitions
        self._homes: dict[bytes, int] = {}
        """Of references: they stand where their rightsholder is, which their ends, without a value, do not say."""

    def one(self, number: int, record: Kept) -> Numbered:
        if record.key is None:
            return number % self._partitions, record
        home = self._homes.get(record.key, partition_of(record.key, self._partitions))
        if record.value is None or self._topic is None or self._topic.fact not in NAMING:
            return home, record
        try:
            fact = moved(decode(self._topic.fact, record.value), self._partition_of)
        except MalformedError:  # some earlier version's; it is read by nobody any more
            return home, record
        if isinstance(fact, ReferenceFingerprinted):
            home = self._homes[record.key] = fact.rightsholder_partition
        return home, Kept(record.timestamp, record.key, encode(fact), record.headers)

    def _partition_of(self, key: str) -> int:
        return partition_of(key.encode(), self._partitions)
