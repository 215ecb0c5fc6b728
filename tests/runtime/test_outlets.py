"""What the at-least-once engine writes is checked before it is sent."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer

from services.runtime.intake import DeadLetter
from services.runtime.outgoing import UnwritableError
from services.runtime.outlets import Outgoing, Outlets
from services.runtime.planning import DEAD_LETTER_BYTES_MAX, MESSAGE_BYTES_MAX


def _written() -> None:
    pytest.fail("nothing was written")


def _failure(record: Outgoing | DeadLetter) -> BaseException:
    """Return the error that comes of a record when there is no broker."""

    async def scenario() -> BaseException:
        failed: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        producer = AIOKafkaProducer()
        outlets = Outlets(producer, 1, failed.set_result)
        if isinstance(record, DeadLetter):
            outlets.bury(record, _written)
        else:
            outlets.put(record)
        async with asyncio.timeout(10):
            await failed
            await producer.stop()
        return failed.result()

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    "record",
    [
        Outgoing("t", 0, b"k", b"x" * MESSAGE_BYTES_MAX, _written),
        Outgoing("t", 0, b"k", None, _written, [("name", b"x" * MESSAGE_BYTES_MAX)]),
        DeadLetter("t", 0, b"k", b"x" * DEAD_LETTER_BYTES_MAX, [], "r"),
    ],
    ids=["value", "headers", "dead letter"],
)
def test_a_record_that_no_broker_takes_is_refused_before_it_is_sent(record: Outgoing | DeadLetter) -> None:
    """The client's empty batch takes a record of any size, and the broker's refusal names no record."""
    error = _failure(record)
    assert isinstance(error, UnwritableError)
    assert "for t" in str(error)
