import re

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.processor import Emit
from services.contracts.topics import LISTINGS_CHANGED, VERDICTS_DECIDED
from services.runtime.intake import DeadLetter
from services.runtime.outgoing import OVERHEAD_BYTES_MAX, Envelope, Outgoing, UnwritableError
from services.runtime.partitioning import partition_of
from services.runtime.planning import DEAD_LETTER_BYTES_MAX, MESSAGE_BYTES_MAX

NOW = 1_700_000_000_123


@given(st.binary(max_size=100), st.integers(1, 100))
def test_keys_go_where_the_java_client_sends_them(key: bytes, partitions: int) -> None:
    """A key's partition is the one of the default partitioner, which equals Java's."""
    every = list(range(partitions))
    assert partition_of(key, partitions) == DefaultPartitioner()(key, every, every)


def test_public_records_carry_events_and_traces_and_inside_ones_nothing() -> None:
    """Every record of a public topic has all CloudEvents attributes and a W3C trace parent; inside topics need none."""
    outgoing = Outgoing(4)
    emits = [Emit(VERDICTS_DECIDED, "u-1", None, 3), Emit(LISTINGS_CHANGED, "d", None, 3)]
    outgoing.emit(emits, Envelope("enforcer", 2, 41, NOW))
    ((key, value, headers),) = outgoing.records["verdicts.decided.v1", 3]
    said = {name: (text or b"").decode() for name, text in headers}
    assert (key, value) == (b"u-1", None)
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-00", said.pop("traceparent"))
    assert said == {
        "ce_specversion": "1.0",
        "ce_id": "enforcer-2-41",
        "ce_source": "/staydown/enforcer",
        "ce_type": "staydown.verdicts.decided.v1",
        "ce_time": "2023-11-14T22:13:20.123Z",
    }
    assert outgoing.records["listings.changed.v1", 3] == [(b"d", None, [])]


def test_ids_go_on_where_the_last_batch_ended() -> None:
    """No two public records of a unit have one id, and the next batch begins after the last id of this one."""
    envelope = Envelope("enforcer", 2, 0, NOW)
    Outgoing(4).emit([Emit(VERDICTS_DECIDED, "u-1", None)] * 3, envelope)
    assert envelope.written == 3
    assert dict(Envelope("enforcer", 2, envelope.written, NOW).headers(VERDICTS_DECIDED))["ce_id"] == b"enforcer-2-3"


def test_the_size_of_all_that_is_written_is_known() -> None:
    """Keys and values count, and a dead letter's headers; our own are few, and the overhead covers them."""
    outgoing = Outgoing(4)
    outgoing.add("t", 0, b"key", b"value", [("name", b"text"), ("none", None)])
    outgoing.add("t", 1, b"key", None)
    outgoing.bury([DeadLetter("t.dead", 1, None, b"xx", [("é", b"r")], "r")])
    assert outgoing.size_bytes == 3 + 5 + 3 + 2 + 3


def test_records_stay_in_order_within_their_partition() -> None:
    """Each partition gets its records in the order in which they were emitted."""
    outgoing = Outgoing(4)
    for number in range(10):
        outgoing.add("t", number % 2, b"k", str(number).encode())
    assert [value for _, value, _ in outgoing.records["t", 1]] == [b"1", b"3", b"5", b"7", b"9"]


@pytest.mark.parametrize(
    ("size", "fits"), [(MESSAGE_BYTES_MAX - OVERHEAD_BYTES_MAX - 1, True), (MESSAGE_BYTES_MAX, False)]
)
def test_a_record_that_no_broker_takes_is_refused_before_it_is_sent(size: int, fits: bool) -> None:
    """A record above the limit raises here, since a commit would succeed although the broker refused the record."""
    outgoing = Outgoing(4)
    if fits:
        outgoing.add("t", 0, b"k", b"x" * size)
        assert len(outgoing.records["t", 0]) == 1
        return
    with pytest.raises(UnwritableError, match="for t"):
        outgoing.add("t", 0, b"k", b"x" * size)


def test_a_record_for_a_partition_that_is_not_there_is_refused() -> None:
    """A partition carried along beside a key is checked, since no broker would take the record."""
    with pytest.raises(UnwritableError, match="partition 4 of 4"):
        Outgoing(4).emit([Emit(LISTINGS_CHANGED, "d", None, 4)], Envelope("registry", 0, 0, NOW))


def test_the_largest_record_there_is_fits_into_the_dead_letters() -> None:
    """A public record of the greatest size, with all that is said about it, is buried; one beyond that raises."""
    outgoing = Outgoing(4)
    largest = DeadLetter("t.dead", 1, b"k", b"x" * MESSAGE_BYTES_MAX, [("staydown-reason", b"r" * 4_000)], "r")
    outgoing.bury([largest])
    assert outgoing.records["t.dead", 1] == [(largest.key, largest.value, largest.headers)]
    with pytest.raises(UnwritableError, match=r"for t\.dead"):
        outgoing.bury([DeadLetter("t.dead", 1, b"k", b"x" * DEAD_LETTER_BYTES_MAX, [], "r")])
