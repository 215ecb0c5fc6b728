import asyncio
from dataclasses import replace

import msgspec
import pytest

from services.contracts.codec import encode
from services.contracts.processor import Processor
from services.runtime.broadcasts import broadcast_starts
from services.runtime.changelog import StateRefusedError, UnitRecord
from services.runtime.deciding import Batched, Decider, Turn
from services.runtime.first import FirstInputs
from services.runtime.inbox import Inbox
from services.runtime.sizing import BATCH_RECORDS_MAX
from services.runtime.store import MemoryStore
from tests.kafka.engine.sample import Linked, Told, sample
from tests.runtime.exactly_once.records import record, records

NOW = 1_700_000_000_000
PROCESSOR: Processor = sample("s", broadcast=True)


def _decided(unit: int, *told: Told, broadcasts: dict[str, tuple[int, ...]] | None = None) -> Turn:
    found = [record(f"s.{fact.side}", n, encode(fact), fact.key.encode()) for n, fact in enumerate(told)]
    own = UnitRecord({"s.left": 4}, broadcasts={"s.all": (1, 2), "gone": (9,)})
    return Decider(PROCESSOR, unit, 4).decide(MemoryStore(), own, Batched(found, (), {}, broadcasts or {}), NOW)


def test_a_broadcast_is_an_event_of_the_unit_that_reads_it() -> None:
    """Its partition is the unit's number, its offset the record's own, its changes the unit's."""
    turn = _decided(3, Told("k", "a", "all"), Told("k", "b", "all"))
    ((_, said),) = [each for each in turn.outgoing.records.items() if each[0][0] == "s.out"]
    facts = [msgspec.json.decode(value or b"", type=Linked) for _, value, _ in said]
    assert [(fact.side, fact.count, fact.other) for fact in facts] == [("all-3", 1, 0), ("all-3", 2, 1)]
    assert turn.changes.keys() == {("k", "all/chain")}


def test_where_broadcasts_stand_is_part_of_the_transaction() -> None:
    """The unit's own record holds the positions in every partition, and keeps those of topics that had nothing."""
    own = _decided(0, Told("k", "a", "all"), broadcasts={"s.all": (8, 2)}).own
    assert own.broadcasts == {"s.all": (8, 2), "gone": (9,)}
    assert msgspec.json.decode(own.packed(), type=UnitRecord) == own


def test_a_record_from_before_broadcasts_is_read() -> None:
    """A changelog of an older version has no positions of broadcasts: they are read from their first record on."""
    own = msgspec.json.decode(b'{"offsets":{"s.left":4},"now":5,"written":6,"format":1}', type=UnitRecord)
    assert own == UnitRecord({"s.left": 4}, 5, 6, broadcasts={})


@pytest.mark.parametrize("unit", range(4))
def test_a_malformed_broadcast_becomes_one_dead_letter(unit: int) -> None:
    """The unit of the record's own number buries it, in its own partition; the others pass it by."""
    bad = replace(record("s.all", 0, b"not JSON"), partition=6)
    turn = Decider(PROCESSOR, unit, 4).decide(MemoryStore(), UnitRecord(), Batched([bad], (), {}), NOW)
    assert [place for place in turn.outgoing.records if place[0].endswith(".dead")] == [("s.all.s.dead", 2)] * (
        unit == 2
    )
    assert not turn.changes


@pytest.mark.parametrize(
    ("known", "starts"),
    [((), (10, 0)), ((70, 50), (70, 50)), ((70,), (70, 0)), ((5, 0), (10, 0))],
    ids=["new", "known", "a partition more", "removed by retention"],
)
def test_a_broadcast_is_read_from_where_the_unit_left_it(known: tuple[int, ...], starts: tuple[int, ...]) -> None:
    """What was never read is read from its first record on, and so is that of which retention has removed more."""
    assert broadcast_starts("all", known, (10, 0), (100, 50)) == starts


@pytest.mark.parametrize("known", [(101, 0), (70, 50, 0)], ids=["shorter", "fewer partitions"])
def test_a_broadcast_that_ends_before_what_was_read_is_refused(known: tuple[int, ...]) -> None:
    """It was made anew, and its offsets mean other records."""
    with pytest.raises(StateRefusedError, match="all ends before"):
        broadcast_starts("all", known, (10, 0), (100, 50))


class Nothing:
    """A first input that has nothing, and an end that is never reached."""

    async def ends(self, topics: object) -> dict[str, int]:
        """Return an end that lies ahead."""
        assert topics == ("first",)
        return {"first": 9}

    async def position(self, _topic: str) -> int:
        """Return where nothing has been handed on."""
        return 0


def test_a_broadcast_waits_for_no_first_input() -> None:
    """While inputs wait for what comes first, broadcasts are taken, and by their offsets nothing is held back."""
    inbox = Inbox(["all", "first", "other"])
    first = FirstInputs(inbox, ["first"], Nothing(), ["all"])
    inbox.put("all", [*records("all", [7, 8]), *records("all", [1])])
    inbox.put("other", records("other", [3]))
    assert [(taken.topic, taken.offset) for taken in asyncio.run(first.take())] == [("all", 7), ("all", 8), ("all", 1)]
    assert first.is_waiting


def test_a_flood_of_broadcasts_leaves_its_share_to_the_inputs() -> None:
    """A broadcast is decided first, and takes no more than the others leave it."""
    inbox = Inbox(["all", "left"])
    inbox.put("all", records("all", range(2 * BATCH_RECORDS_MAX)))
    inbox.put("left", records("left", range(1_000)))
    taken = [taken.topic for taken in inbox.take()]
    assert taken == sorted(taken)
    assert len(taken) == BATCH_RECORDS_MAX
    assert taken.count("left") == 1_000
