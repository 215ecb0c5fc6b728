import asyncio
from collections.abc import Sequence

from services.runtime.first import FirstInputs
from services.runtime.inbox import Inbox
from services.runtime.sizing import BATCH_RECORDS_MAX
from tests.runtime.exactly_once.records import records


class Log:
    """The partitions of two inputs, of which as much is handed on as the test says."""

    def __init__(self) -> None:
        self.inbox = Inbox(["left", "right"])
        self.first = FirstInputs(self.inbox, ["left"], self)
        self.end = 0
        self.asked = 0
        self.at = 0

    async def ends(self, topics: Sequence[str]) -> dict[str, int]:
        """Return where the partitions end."""
        self.asked += 1
        return dict.fromkeys(topics, self.end)

    async def position(self, _topic: str) -> int:
        """Return what has been handed on of the first input."""
        return self.at

    def hand_on(self, topic: str, *offsets: int) -> None:
        """Put records into the inbox."""
        self.inbox.put(topic, records(topic, offsets))
        self.at = max([self.at, *(offset + 1 for offset in offsets)]) if topic == "left" else self.at

    def take(self) -> list[tuple[str, int]]:
        """Return the next batch."""
        return [(taken.topic, taken.offset) for taken in asyncio.run(self.first.take())]


def test_others_wait_until_the_first_input_has_been_read_to_its_end() -> None:
    """A record waits for all that the first input held when it was fetched, though that is still to come."""
    log = Log()
    log.end = 2
    log.hand_on("right", 0)
    assert log.take() == []
    log.hand_on("left", 0)
    assert log.take() == [("left", 0)]
    assert log.first.is_waiting
    log.hand_on("left", 1)
    assert log.take() == [("left", 1), ("right", 0)]
    assert not log.first.is_waiting


def test_what_came_later_waits_for_a_later_end() -> None:
    """Records fetched after the end was asked for are held back until it has been asked for again."""
    log = Log()
    log.end = 1
    log.hand_on("right", 0)
    assert log.take() == []
    log.hand_on("right", 1)
    log.hand_on("left", 0)
    assert log.take() == [("left", 0), ("right", 0)]
    log.end = 2
    assert log.take() == []
    log.hand_on("left", 1)
    assert log.take() == [("left", 1), ("right", 1)]
    assert log.asked == 2


def test_markers_at_the_end_are_no_records_to_wait_for() -> None:
    """Where only markers of transactions lie before the end, the position passes them and nothing waits for ever."""
    log = Log()
    log.end = 3
    log.hand_on("right", 0)
    log.hand_on("left", 0)
    assert log.take() == [("left", 0)]
    log.at = 3
    assert log.take() == [("right", 0)]


def test_a_first_input_alone_asks_for_nothing() -> None:
    """Records of first inputs are decided as they come."""
    log = Log()
    log.hand_on("left", 0, 1)
    assert log.take() == [("left", 0), ("left", 1)]
    assert log.asked == 0


def test_more_than_a_batch_of_the_first_input_comes_before_the_others() -> None:
    """However many batches the first input's records make, the others come after the last of them."""
    log = Log()
    log.end = 2 * BATCH_RECORDS_MAX
    log.hand_on("right", 0)
    log.hand_on("left", *range(log.end))
    batches = [log.take() for _ in range(3)]
    taken = [each for batch in batches for each in batch]
    assert taken == [*(("left", offset) for offset in range(log.end)), ("right", 0)]
    assert max(map(len, batches)) <= BATCH_RECORDS_MAX + 1


def test_a_suspended_unit_begins_anew() -> None:
    """After its inbox has been emptied a unit holds back nothing on account of what it had fetched before."""
    log = Log()
    log.end = 5
    log.hand_on("right", 0)
    assert log.take() == []
    log.inbox.clear()
    log.first.forget()
    assert not log.first.is_waiting
