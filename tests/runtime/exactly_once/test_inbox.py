from dataclasses import replace

import pytest

from services.runtime.inbox import (
    BACKGROUND_RECORDS_MAX,
    BATCH_BYTES_MAX,
    TOPIC_BYTES_MAX,
    TOPIC_RECORDS_MAX,
    Inbox,
    shares,
)
from services.runtime.sizing import BATCH_RECORDS_MAX
from tests.runtime.exactly_once.records import record, records


def _offsets(inbox: Inbox, ends: dict[str, int] | None = None) -> list[tuple[str, int]]:
    return [(taken.topic, taken.offset) for taken in inbox.take(ends)]


def test_earlier_inputs_come_first_each_in_its_order() -> None:
    """A batch holds the records of earlier inputs first, whatever came first, and nothing twice."""
    inbox = Inbox(["left", "right"])
    inbox.put("right", records("right", [7, 8]))
    inbox.put("left", records("left", [3]))
    inbox.put("left", records("left", [5]))
    assert _offsets(inbox) == [("left", 3), ("left", 5), ("right", 7), ("right", 8)]
    assert _offsets(inbox) == []


def test_no_input_waits_behind_a_busy_one() -> None:
    """While one input has more than a batch, the others get all that they have, up to as much as it gets."""
    inbox = Inbox(["left", "right"])
    inbox.put("left", records("left", range(2 * BATCH_RECORDS_MAX)))
    inbox.put("right", records("right", range(1_000)))
    taken = [taken.topic for taken in inbox.take()]
    assert len(taken) == BATCH_RECORDS_MAX
    assert taken.count("right") == 1_000


@pytest.mark.parametrize(
    ("ready", "room", "expected"),
    [
        ({"a": 5, "b": 5}, 20, {"a": 5, "b": 5}),
        ({"a": 50, "b": 50, "c": 50}, 30, {"a": 10, "b": 10, "c": 10}),
        ({"a": 2, "b": 50, "c": 50}, 30, {"a": 2, "b": 14, "c": 14}),
        ({"a": 50, "b": 0}, 30, {"a": 30, "b": 0}),
        ({"a": 9, "b": 9, "c": 9}, 2, {"a": 1, "b": 1, "c": 1}),
    ],
)
def test_all_inputs_get_as_much_as_each_other(ready: dict[str, int], room: int, expected: dict[str, int]) -> None:
    """What one does not need goes to the others, and each gets something, however small the batch."""
    assert shares(ready, room) == expected


def test_a_batch_holds_so_many_bytes() -> None:
    """Inputs get as many as each other; one record, however large, is a batch."""
    inbox = Inbox(["left", "right"])
    inbox.put("left", [record("left", offset, b"x" * (BATCH_BYTES_MAX // 10)) for offset in range(9)])
    inbox.put("right", [record("right", offset, b"x" * (BATCH_BYTES_MAX // 10)) for offset in range(3)])
    inbox.put("left", [record("left", 9, b"x" * (2 * BATCH_BYTES_MAX))])
    batches = [_offsets(inbox) for _ in range(4)]
    assert [len([topic for topic, _ in batch if topic == "left"]) for batch in batches] == [6, 3, 1, 0]
    assert [len([topic for topic, _ in batch if topic == "right"]) for batch in batches] == [3, 0, 0, 0]


def test_an_input_is_taken_up_to_its_end() -> None:
    """Given ends, a batch holds what lies before them, and nothing of an input without one."""
    inbox = Inbox(["left", "middle", "right"])
    for topic in ("left", "middle", "right"):
        inbox.put(topic, records(topic, [1, 2, 4]))
    assert _offsets(inbox, {"left": 9, "right": 3}) == [
        ("left", 1),
        ("left", 2),
        ("left", 4),
        ("right", 1),
        ("right", 2),
    ]
    assert inbox.has_before("right", 5)
    assert not inbox.has_before("right", 4)
    assert inbox.ends() == {"middle": 5, "right": 5}


def test_an_inbox_is_full_by_records_and_by_bytes() -> None:
    """An input is full at its bound of records or of bytes, and has room again only well below."""
    inbox = Inbox(["left", "right"])
    inbox.put("left", records("left", range(TOPIC_RECORDS_MAX)))
    inbox.put("right", records("right", [0, 1], TOPIC_BYTES_MAX // 2))
    assert inbox.is_full("left")
    assert inbox.is_full("right")
    inbox.take()
    inbox.take()
    assert inbox.has_room("left")
    assert inbox.has_room("right")


def test_an_inbox_is_full_by_headers_alone() -> None:
    """A header is no way around the bound on bytes."""
    inbox = Inbox(["left"])
    bare = record("left", 0)
    inbox.put("left", [replace(bare, headers=(("name", b"x" * TOPIC_BYTES_MAX),))])
    assert inbox.is_full("left")
    inbox.take()
    assert inbox.has_room("left")


def test_a_batch_is_as_large_as_it_may_be_now() -> None:
    """The size of batches can be changed at any time; every input has its share of the smallest too."""
    inbox = Inbox(["left", "middle", "right"], 8)
    for topic in ("left", "middle", "right"):
        inbox.put(topic, records(topic, range(20)))
    assert [topic for topic, _ in _offsets(inbox)] == [*["left"] * 2, *["middle"] * 3, *["right"] * 3]
    assert inbox.filled.is_set()
    inbox.resize(53)
    assert not inbox.filled.is_set()
    inbox.resize(52)
    assert inbox.filled.is_set()
    assert len(inbox.take()) == 52


def test_events_tell_what_there_is() -> None:
    """A unit that waits is told of the first record, and of a whole batch, and of neither once they are taken."""
    inbox = Inbox(["left"])
    inbox.put("left", records("left", [0]))
    assert (inbox.arrived.is_set(), inbox.filled.is_set()) == (True, False)
    inbox.put("left", records("left", range(1, BATCH_RECORDS_MAX)))
    assert (inbox.arrived.is_set(), inbox.filled.is_set()) == (True, True)
    inbox.clear()
    assert (inbox.arrived.is_set(), inbox.filled.is_set()) == (False, False)


def test_what_is_in_the_background_gives_way() -> None:
    """As long as others are there a batch holds little of it, and it is no reason to hurry; else it has the room."""
    inbox = Inbox(["left", "right"], 2 * BACKGROUND_RECORDS_MAX, ["right"])
    inbox.put("right", records("right", range(10 * BACKGROUND_RECORDS_MAX)))
    assert not inbox.has_foreground()
    inbox.gives_way = True
    inbox.put("left", records("left", [0]))
    assert inbox.has_foreground()
    assert not inbox.filled.is_set()
    assert len(inbox.take()) == BACKGROUND_RECORDS_MAX + 1
    inbox.gives_way = False
    assert len(inbox.take()) == 2 * BACKGROUND_RECORDS_MAX
