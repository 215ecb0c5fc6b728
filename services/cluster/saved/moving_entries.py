"""The state of one service on its way to another number of units. Pure.

Entries go to the unit of their key, the present form of them; those that follow from broadcasts are the same in all
units, and of the first one they go to all. That one comes last, so that what others have forgotten of them long ago
forgets nothing. Of an index in parts the recogniser says itself what goes where. What was set aside, and is no more, is
left out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from services.cluster.errors import ClusterError
from services.cluster.saved.records import Kept
from services.cluster.saved.shapes import Shape
from services.contracts.codec import decode, encode
from services.contracts.measured import Tallied
from services.contracts.partitions import Move, Placed
from services.contracts.processor import Processor, unmoved
from services.runtime.batch import stored_form
from services.runtime.partitioning import partition_of
from services.runtime.quarantine import NOBODY
from services.runtime.store import changelog_key, entry_of, kind_of, pack, unpack, wake_of
from services.runtime.tallying import Tallies, tallied
from services.runtime.upgrading import NewerStateError, upgraded


class Entries:
    """Moves them, and counts what is watched."""

    def __init__(self, processor: Processor, before: Shape, after: Shape) -> None:
        """`before`, `after`: how many units there were, and are to be."""
        self._processor = processor
        self._parts_before = before.parts
        self._parts = after.parts
        self._before = before.partitions
        self._after = after.partitions
        self._counted: dict[bytes, tuple[int, tuple[Tallied, ...]]] = {}
        """Of each entry that is counted, its new unit and as what."""

    def moved(self, changelogs: Sequence[Iterable[Kept]]) -> Iterator[tuple[int, Kept]]:
        """Give the records of all units, each with its new one, in the order in which they are to be written."""
        for number in reversed(range(self._before)):
            for record in changelogs[number]:
                yield from self._placed(number, record)

    def tallies(self) -> list[Tallies | None]:
        """Return for each new unit how many there are of what is watched, once all have been moved."""
        found: list[list[Tallied]] = [[] for _ in range(self._after)]
        for home, counted in self._counted.values():
            found[home] += counted
        return [tallied(None, sorted(each, key=lambda one: one.since)) for each in found]

    def _placed(self, number: int, record: Kept) -> Iterator[tuple[int, Kept]]:
        """Give a record as it is to be written, wherever that is."""
        assert record.key is not None, "a changelog has keys"  # noqa: S101  # an invariant
        key, name = entry_of(record.key)
        if key == NOBODY:
            return
        if self._processor.placed is not None:
            yield from self._in_parts(self._processor.placed, number, record, key, name)
            return
        yield from ((home, one) for one, homes in self._one(number, record, key, name) for home in homes)

    def _in_parts(
        self, placed: Callable[..., Iterable[Placed]], number: int, record: Kept, key: str, name: str
    ) -> Iterator[tuple[int, Kept]]:
        """Give what becomes of an entry of an index in parts."""
        entry = None if record.value is None else self._entry(name, self._upgraded(name, record.value))
        if entry is not None and not self._processor.everywhere(entry):
            self._check_home(number, key)
        move = Move(number, self._parts_before, self._after, self._parts, self._partition_of)
        for home, there, one in placed(move, key, name, entry):
            value = None if one is None else stored_form(self._processor, one)
            yield home, Kept(record.timestamp, changelog_key(key, there), value, record.headers)

    def _one(self, number: int, record: Kept, key: str, name: str) -> Iterator[tuple[Kept, Sequence[int]]]:
        """Give a record as it is to be written, and where."""
        assert record.key is not None, "a changelog has keys"  # noqa: S101  # an invariant
        home, everywhere = self._partition_of(key), range(self._after)
        self._counted.pop(record.key, None)
        if record.value is None:
            yield record, [home] if number else everywhere
            return
        stored = self._upgraded(name, record.value)
        entry = self._entry(name, stored)
        one = Kept(record.timestamp, record.key, self._stored(name, entry, stored), record.headers)
        if self._processor.everywhere(entry):
            yield one, () if number else everywhere
            return
        self._check_home(number, key)
        if counted := tuple(self._processor.tallies(entry)):
            self._counted[record.key] = (home, counted)
        yield one, [home]

    def _upgraded(self, name: str, value: bytes) -> bytes:
        try:
            return upgraded(self._processor, name, value)
        except NewerStateError as error:
            raise ClusterError(f"{error}.") from error

    def _entry(self, name: str, stored: bytes) -> Any:
        return decode(self._processor.entries[kind_of(name)], unpack(stored))

    def _partition_of(self, of: str) -> int:
        return partition_of(of.encode(), self._after)

    def _stored(self, name: str, entry: Any, stored: bytes) -> bytes:
        """Return the stored form of an entry with the partitions that it names; its timer stays."""
        if self._processor.moved is unmoved:
            return stored
        there = self._processor.moved(name, entry, self._partition_of)
        return pack(encode(there), wake_of(stored), self._processor.format)

    def _check_home(self, number: int, key: str) -> None:
        """Refuse what a producer that partitions otherwise has led to: one key could have two states."""
        if partition_of(key.encode(), self._before) // self._parts_before != number // self._parts_before:
            raise ClusterError(
                f"The {self._processor.name} has state of {key[:64]!r} in partition {number}, which is not that key's: "
                "somebody writes who does not partition by murmur2 as Kafka's Java client does, so nobody can "
                "tell where what they wrote belongs."
            )
