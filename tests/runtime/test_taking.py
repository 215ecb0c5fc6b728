"""A member of a group takes, commits the prefix, and lets go."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from services.runtime.metrics import RECORDS_EXPIRED
from services.runtime.taking import Taking
from services.runtime.window import BYTES_MAX, RECORDS_MAX
from tests.runtime.records import PlainRecord

AT = TopicPartition("uploads.submitted.v1", 0)
OTHER = TopicPartition("uploads.submitted.v1", 1)


class FakeConsumer:
    """A consumer whose partitions hold records up to an end, and whose group may be between assignments."""

    def __init__(self, ends: dict[TopicPartition, int]) -> None:
        self.ends = ends
        self.first = dict.fromkeys(ends, 0)
        self.offsets: dict[TopicPartition, int] = {}
        self.positions: dict[TopicPartition, int] = {}
        self.paused: set[TopicPartition] = set()
        self.is_rebalancing = False
        self.commits = 0
        self.record = PlainRecord()

    async def getmany(self, *asked: TopicPartition, timeout_ms: int, max_records: int) -> dict[TopicPartition, Any]:
        """Give what there is; as aiokafka does, wait for the next assignment whatever the timeout."""
        assert timeout_ms > 0
        if self.is_rebalancing:
            await asyncio.Event().wait()
        found = {}
        for at in set(asked) - self.paused:
            end = min(self.ends[at], self.positions[at] + max_records)
            found[at] = [replace(self.record, offset=offset) for offset in range(self.positions[at], end)]
            self.positions[at] = end
        return {at: records for at, records in found.items() if records}

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Note the offsets, unless the group is being assigned anew."""
        if self.is_rebalancing:
            raise CommitFailedError
        self.commits += 1
        self.offsets |= offsets

    async def committed(self, at: TopicPartition) -> int | None:
        """Return what was noted."""
        return self.offsets.get(at)

    async def beginning_offsets(self, every: list[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the first offsets that there are."""
        return {at: self.first[at] for at in every}

    def seek(self, at: TopicPartition, offset: int) -> None:
        """Go on from there."""
        self.positions[at] = offset

    def pause(self, *every: TopicPartition) -> None:
        """Give nothing of these."""
        self.paused |= set(every)

    def resume(self, *every: TopicPartition) -> None:
        """Give again."""
        self.paused -= set(every)


class Member:
    """What a test needs of one: its consumer, itself, and what it called."""

    def __init__(self, at: int = 0) -> None:
        self.consumer = FakeConsumer({AT: at, OTHER: 0})
        self.lost: list[bool] = []
        self.errors: list[BaseException] = []
        self.taking = Taking(self.consumer, lambda: self.lost.append(True), self.errors.append)


def _run(scenario: Coroutine[None, None, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await scenario

    asyncio.run(bounded())


def test_what_is_committed_is_the_prefix_of_what_is_finished() -> None:
    """And nothing is committed again that was."""

    async def scenario() -> None:
        member = Member(at=3)
        await member.taking.on_partitions_assigned({AT, OTHER})
        ((window, records),) = await member.taking.take()
        assert [record.offset for record in records] == [0, 1, 2]
        window.finish(1)
        await member.taking.commit()
        assert member.consumer.offsets == {AT: 0, OTHER: 0}
        window.finish(0)
        await member.taking.commit()
        await member.taking.commit()
        assert member.consumer.offsets == {AT: 2, OTHER: 0}
        assert member.consumer.commits == 2

    _run(scenario())


def test_a_poll_that_waits_for_an_assignment_does_not_hold_up_the_revocation() -> None:
    """Else each would wait for the other."""

    async def scenario() -> None:
        member = Member(at=3)
        await member.taking.on_partitions_assigned({AT})
        member.consumer.is_rebalancing = True
        polling = asyncio.create_task(member.taking.take())
        await asyncio.sleep(0)
        await member.taking.on_partitions_revoked({AT})
        assert await polling == ()
        assert not member.taking.is_assigned
        assert (member.lost, member.errors) == ([True], [])

    _run(scenario())


def test_what_was_in_flight_at_a_revocation_is_taken_again() -> None:
    """Its late end moves nothing: the new window knows only its own records."""

    async def scenario(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("services.runtime.taking.DRAIN_SECONDS", 0)
        member = Member(at=3)
        await member.taking.on_partitions_assigned({AT})
        ((old, _),) = await member.taking.take()
        old.finish(0)
        await member.taking.on_partitions_revoked({AT})
        assert member.consumer.offsets == {AT: 1}
        await member.taking.on_partitions_assigned({AT})
        ((_, records),) = await member.taking.take()
        assert [record.offset for record in records] == [1, 2]
        old.finish(1)
        old.finish(2)
        await member.taking.commit()
        assert member.consumer.offsets == {AT: 1}

    with pytest.MonkeyPatch.context() as monkeypatch:
        _run(scenario(monkeypatch))


def test_a_commit_that_comes_too_late_is_no_error() -> None:
    """The group is being assigned anew; it will be done again."""

    async def scenario() -> None:
        member = Member(at=1)
        await member.taking.on_partitions_assigned({AT})
        member.consumer.is_rebalancing = True
        await member.taking.commit()
        member.consumer.is_rebalancing = False
        await member.taking.commit()
        assert member.consumer.offsets == {AT: 0}

    _run(scenario())


def test_a_partition_whose_window_is_full_pauses_and_the_others_go_on() -> None:
    """Until half of it is free."""

    async def scenario() -> None:
        member = Member(at=3 * RECORDS_MAX)
        await member.taking.on_partitions_assigned({AT, OTHER})
        windows = [window for _ in range(RECORDS_MAX // 1_000) for window, _ in await member.taking.take()]
        assert windows[0].is_full
        assert await member.taking.take() == []
        assert member.consumer.paused == {AT}
        member.consumer.ends[OTHER] = 1
        ((_, records),) = await member.taking.take()
        assert [record.offset for record in records] == [0]
        for offset in range(RECORDS_MAX // 2):
            windows[0].finish(offset)
        ((_, records),) = await member.taking.take()
        assert records[0].offset == RECORDS_MAX

    _run(scenario())


def test_keys_and_headers_fill_a_window_as_values_do() -> None:
    """What a stranger writes is bounded wherever it stands in the record."""

    async def scenario(record: PlainRecord) -> None:
        member = Member(at=1)
        member.consumer.record = record
        await member.taking.on_partitions_assigned({AT})
        ((window, _),) = await member.taking.take()
        assert window.is_full

    large = b"x" * BYTES_MAX
    for record in (PlainRecord(key=large), PlainRecord(headers=(("name", large),))):
        _run(scenario(record))


def test_records_that_retention_removed_are_counted_and_passed() -> None:
    """Who asked asks again; standing still would help nobody."""

    async def scenario() -> None:
        member = Member(at=9)
        member.consumer.offsets[AT] = 2
        member.consumer.first[AT] = 7
        before = RECORDS_EXPIRED.labels(AT.topic)._value.get()  # noqa: SLF001  # there is no other way to read one
        await member.taking.on_partitions_assigned({AT})
        ((_, records),) = await member.taking.take()
        assert [record.offset for record in records] == [7, 8]
        assert RECORDS_EXPIRED.labels(AT.topic)._value.get() - before == 5  # noqa: SLF001  # see above

    _run(scenario())


def test_an_error_in_a_callback_reaches_the_engine() -> None:
    """The client would log it and go on."""

    async def scenario() -> None:
        member = Member()
        await member.taking.on_partitions_assigned({TopicPartition("unknown", 0)})
        assert [type(error) for error in member.errors] == [KeyError]

    _run(scenario())
