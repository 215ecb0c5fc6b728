"""No record stops a consumer: what the client cannot read is stood in for."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.intake import UnreadableRecord
from services.runtime.polling import poll

AT = (TopicPartition("t", 0), TopicPartition("t", 1), TopicPartition("t", 2))


@dataclass(frozen=True)
class Good:
    """A record that can be read."""

    offset: int


class FakeConsumer:
    """Behaves as aiokafka does: a bad record raises, and good ones that were gathered before it are lost."""

    def __init__(self, logs: Mapping[TopicPartition, list[bool]]) -> None:
        self.logs = logs
        self.positions = dict.fromkeys(logs, 0)
        self.fetched = dict(self.positions)

    async def getmany(self, *asked: TopicPartition, timeout_ms: int, max_records: int) -> dict[TopicPartition, Any]:
        """Gather as aiokafka does."""
        assert timeout_ms > 0
        found: dict[TopicPartition, Any] = {}
        for at in asked:
            records = []
            while self.fetched[at] < len(self.logs[at]) and max_records:
                if not self.logs[at][self.fetched[at]]:
                    raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
                records.append(Good(self.fetched[at]))
                self.fetched[at] += 1
                max_records -= 1
            self.positions[at] = self.fetched[at]
            if records:
                found[at] = records
        return found

    def seek(self, at: TopicPartition, offset: int) -> None:
        """Step to an offset; what was fetched is dropped."""
        self.positions[at] = self.fetched[at] = offset

    async def position(self, at: TopicPartition) -> int:
        """Return what was given out."""
        return self.positions[at]

    def highwater(self, at: TopicPartition) -> int:
        """Return the end."""
        return len(self.logs[at])


@given(st.tuples(*[st.lists(st.booleans(), max_size=12)] * len(AT)), st.integers(1, 5))
def test_each_record_comes_once_and_in_order_or_its_stand_in_does(logs: tuple[list[bool], ...], most: int) -> None:
    """Wherever bad ones stand, in however many partitions."""
    consumer = FakeConsumer(dict(zip(AT, logs, strict=True)))
    got: dict[TopicPartition, list[tuple[int, bool]]] = {at: [] for at in AT}

    async def take_all() -> None:
        while any(len(got[at]) < len(consumer.logs[at]) for at in AT):
            nexts = {at: len(got[at]) for at in AT}
            for at, records in (await poll(consumer, nexts, 100, most)).items():
                got[at] += [(each.offset, not isinstance(each, UnreadableRecord)) for each in records]

    asyncio.run(take_all())
    assert got == {at: list(enumerate(consumer.logs[at])) for at in AT}
