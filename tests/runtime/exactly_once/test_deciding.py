import orjson
import pytest

from services.contracts.codec import encode
from services.contracts.processor import Processor
from services.runtime.changelog import OWN_KEY, UnitRecord
from services.runtime.deciding import TIMERS_MAX, Batched, Decider
from services.runtime.store import MemoryStore, changelog_key, pack
from tests.kafka.engine.sample import Told, sample
from tests.runtime.exactly_once.records import record

NOW = 1_700_000_000_000
PROCESSOR: Processor = sample("s")


def _batch(*told: Told, offsets: dict[str, int] | None = None) -> Batched:
    records = [record(f"s.{fact.side}", n, encode(fact), fact.key.encode()) for n, fact in enumerate(told)]
    return Batched(records, (), offsets or {})


def test_one_transaction_holds_outputs_changes_and_where_the_unit_stands() -> None:
    """Beside what was emitted and changed, the unit's own record goes to its partition of the changelog."""
    own = UnitRecord({"s.left": 1, "s.right": 7}, now=5, written=10)
    turn = Decider(PROCESSOR, 3, 4).decide(
        MemoryStore(), own, _batch(Told("k", "i", "left"), offsets={"s.left": 2}), NOW
    )
    state = {key: value for key, value, _ in turn.outgoing.records["s.state", 3]}
    assert state.keys() == {changelog_key("k", ""), changelog_key("k", "id/i"), OWN_KEY}
    written = orjson.loads(state[OWN_KEY] or b"")
    offsets = {"s.left": 2, "s.right": 7}
    assert written == {"offsets": offsets, "now": NOW, "written": 11, "format": 1, "broadcasts": {}, "parts": 1}
    assert turn.own == UnitRecord({"s.left": 2, "s.right": 7}, NOW, 11)


def test_deciding_again_gives_the_same_records() -> None:
    """What is decided a second time, since the first time was not committed, is the same to the byte, ids included."""
    batch = _batch(Told("k", "i", "left"), Told("l", "j", "right"))
    turns = [Decider(PROCESSOR, 0, 4).decide(MemoryStore(), UnitRecord(), batch, NOW) for _ in range(2)]
    assert turns[0].outgoing.records == turns[1].outgoing.records


def test_timers_come_back_as_events_once_they_are_due() -> None:
    """An entry's wake time is kept with it, and makes an event when it has come."""
    store = MemoryStore()
    decider = Decider(PROCESSOR, 0, 4)
    turn = decider.decide(store, UnitRecord(), _batch(Told("k", "i", "left", "wake", NOW + 5)), NOW)
    store.apply(turn.changes)
    assert decider.timers(store, NOW + 4, 100) == []
    (timer,) = decider.timers(store, NOW + 5, 100)
    woken = decider.decide(store, turn.own, Batched((), (timer,), {}), NOW + 5)
    store.apply(woken.changes)
    assert decider.timers(store, NOW + 99, 100) == []


@pytest.mark.parametrize(("batch_records", "timers", "turns"), [(8, 8, 1), (64, 64, 8), (5_000, TIMERS_MAX, 8)])
def test_timers_and_turns_are_as_few_as_records(batch_records: int, timers: int, turns: int) -> None:
    """A unit whose batches must be small takes few of everything, and some of everything."""
    store = MemoryStore()
    store.apply({(f"t{number}", ""): pack(b"{}", NOW) for number in range(2 * TIMERS_MAX)})
    store.apply({(f"turn{number}", ""): pack(b"{}", 0) for number in range(2 * turns)})
    found = Decider(PROCESSOR, 0, 4).timers(store, NOW, batch_records)
    assert len(found) == timers + turns
    assert sum(event.key.startswith("turn") for event in found) == turns


def test_a_malformed_public_record_is_buried_and_the_others_are_decided() -> None:
    """A dead letter is written in the transaction of the records around it."""
    good = record("s.left", 1, encode(Told("k", "i", "left")))
    turn = Decider(PROCESSOR, 0, 4).decide(
        MemoryStore(), UnitRecord(), Batched([record("s.left", 0, b"not JSON"), good], (), {}), NOW
    )
    assert [key for key, _, _ in turn.outgoing.records["s.left.s.dead", 0]] == [b"k"]
    assert turn.changes.keys() == {("k", ""), ("k", "id/i")}
    assert [(where.offset, letter.key) for where, letter in turn.letters] == [(0, b"k")]
