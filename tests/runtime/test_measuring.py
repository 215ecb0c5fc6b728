"""What is shown of how far a unit is behind, and what is counted after a commit."""

import time
from dataclasses import replace

from prometheus_client import REGISTRY

from services.contracts.measured import Measure, Measured, Tallied, Tally
from services.runtime.changelog import UnitRecord
from services.runtime.deciding import Turn
from services.runtime.measuring import Lag, Measuring, Standing
from services.runtime.outgoing import Outgoing
from services.runtime.store import MemoryStore, pack
from services.runtime.tallying import tallied
from tests.runtime.exactly_once.records import record

TOPIC = "tests.measured"
AT = {"topic": TOPIC, "partition": "7"}


def _value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def _lag() -> tuple[float | None, float | None]:
    return _value("staydown_lag_records", **AT), _value("staydown_lag_seconds", **AT)


def test_the_age_of_what_waits_is_that_of_the_oldest_that_is_here() -> None:
    """A record bears its time, however short it has been here."""
    now = 1_000.0
    lag = Lag(TOPIC, 7, lambda: now)
    lag.show(5, 9, oldest_ms=940_000)
    assert _lag() == (4, 60)
    lag.show(9, 9)
    assert _lag() == (0, 0)
    lag.show(9, 10, oldest_ms=2_000_000)
    assert _lag() == (1, 0), "a clock that is ahead makes no negative ages"
    lag.forget()
    assert _lag() == (None, None)


def test_what_has_not_been_fetched_is_as_old_as_it_has_been_seen_to_wait() -> None:
    """Until what was seen then has been passed; what is unknown is not shown."""
    clock = [100.0]
    lag = Lag(TOPIC, 7, lambda: clock[0])
    lag.show(5, None)
    assert _lag() == (None, None)
    lag.show(5, 9)
    clock[0] = 130.0
    lag.show(6, 12)
    assert _lag() == (6, 30)
    lag.show(9, 12)
    assert _lag() == (3, 0), "what was seen first is served: the next has been seen now"
    clock[0] = 140.0
    lag.show(11, 12)
    assert _lag() == (1, 10)
    lag.forget()


def test_what_stands_still_gets_older_whatever_is_known_of_it() -> None:
    """A record that is no longer here is as old as it was when it was; nobody need answer where the partition ends."""
    clock = [100.0]
    lag = Lag(TOPIC, 7, lambda: clock[0])
    clock[0] = 107.0
    lag.show_unread()
    assert _lag() == (None, 7), "where it stands is not known"
    lag.show(5, 9, oldest_ms=40_000)
    assert _lag() == (4, 67)
    clock[0] = 110.0
    lag.show(5, None)
    assert _lag() == (4, 70), "nobody tells the end"
    lag.show(5, 12)
    assert _lag() == (7, 70)
    lag.show(6, 12)
    assert _lag() == (6, 0), "what was so old is served"
    lag.show(12, 12)
    clock[0] = 120.0
    lag.show(11, 12)
    assert _lag() == (0, 0), "the last was a marker, which was passed"
    lag.forget()
    lag.show(12, 13)
    assert _lag() == (None, None), "somebody else has it"


def test_a_batch_is_counted_by_topic_with_the_age_of_its_oldest() -> None:
    """And what its decisions gave to be measured, timed until now."""
    now_ms = int(time.time() * 1000)
    records = [replace(record(TOPIC, offset), timestamp=now_ms - 2_500 + offset) for offset in range(3)]
    verdicts = [(Measured(Measure.DECIDED, verdict), None) for verdict in ("BLOCKED", "HELD", "BLOCKED")]
    measured = ((Measured(Measure.ANSWERED, since=now_ms - 200), None), *verdicts)
    names = ("staydown_verdict_seconds_count", "staydown_verdict_seconds_sum")
    before = [_value(name) or 0 for name in names]
    said = {verdict: _value("staydown_verdicts_total", verdict=verdict) or 0 for verdict in ("BLOCKED", "HELD")}
    Measuring(7).committed(Turn(Outgoing(1), {}, UnitRecord(), (), measured), records)
    assert _value("staydown_records_in_total", topic=TOPIC) == 3
    assert _value("staydown_record_seconds_bucket", topic=TOPIC, le="2.0") == 0
    assert _value("staydown_record_seconds_bucket", topic=TOPIC, le="3.0") == 1
    count, seconds = ((_value(name) or 0) - was for name, was in zip(names, before, strict=True))
    assert count == 1
    assert 0.2 <= seconds < 5
    assert _value("staydown_verdicts_total", verdict="BLOCKED") == said["BLOCKED"] + 2
    assert _value("staydown_verdicts_total", verdict="HELD") == said["HELD"] + 1


def test_how_the_state_stands_is_shown_until_the_unit_is_gone() -> None:
    """Its size, and what is watched of it, by the clock by which deadlines are met."""
    store = MemoryStore()
    store.apply({("key", ""): pack(b"1234", None), ("key", "id/1"): pack(b"12", 5)})
    store.apply({("key", "id/1"): None})
    own = UnitRecord(tallies=tallied(None, [Tallied(Tally.HELD, 2), Tallied(Tally.UNSCANNED, 1, 60_000)]))
    measuring = Measuring(7)
    measuring.watch(lambda: Standing(store, own, 160.0))
    names = ("state_entries", "state_bytes", "holds_waiting", "unscanned_oldest_seconds", "state_unwritten")
    shown = [_value(f"staydown_{name}", partition="7") for name in names]
    assert shown == [1, len("key") + len(pack(b"1234", None)), 2, 100, 0]
    measuring.forget()
    assert [_value(f"staydown_{name}", partition="7") for name in names] == [None] * 5
