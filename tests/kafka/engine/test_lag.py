"""Whatever holds a unit up, the age of the oldest record that waits for it is seen to grow."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition

from services.contracts.codec import encode
from services.runtime.assignor import CopartitionedAssignor
from services.runtime.clients import group_consumer
from services.runtime.partitioning import partition_of
from services.runtime.settings import Settings
from tests.kafka.engine import topics
from tests.kafka.engine.sample import Told
from tests.kafka.engine.workers import SESSION_TIMEOUT_MS, Worker, workers

pytestmark = pytest.mark.kafka

KEY = "k0"
AT = partition_of(KEY.encode(), topics.PARTITIONS)
EVERY_KEY = [f"k{number}" for number in range(40)]
# More than between two looks: what is so old is looked at again and again.
GROWN_SECONDS = 1.5


def test_what_comes_for_a_unit_that_is_stopped_gets_older(kafka: str, prefix: str, tmp_path: Path) -> None:
    """It fetches nothing any more, also of topics of which nothing waited when it was stopped."""

    async def story(worker: Worker) -> None:
        await topics.tell(kafka, prefix, topics.too_much_poison(AT))
        await topics.until("the unit stops", lambda: bool(worker.logged("unit_stopped")))
        await topics.tell(kafka, prefix, [Told(KEY, f"late {n}", "right") for n in range(3)])
        for side in ("left", "right"):
            await _until_old(worker, f"{prefix}.{side}", [AT])
        assert worker.shown("staydown_lag_records", f"{prefix}.right")[AT] == 3

    _with_worker(kafka, prefix, tmp_path, story)


def test_what_waits_behind_an_open_transaction_gets_older(kafka: str, prefix: str, tmp_path: Path) -> None:
    """Nobody is served behind it until its writer ends it; then nothing waits any more."""

    async def story(worker: Worker) -> None:
        async with AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=f"{prefix}.outside") as producer:
            async with producer.transaction():
                fact = Told(KEY, "in a transaction", "left")
                await producer.send_and_wait(f"{prefix}.left", encode(fact), KEY.encode(), AT)
                await topics.tell(kafka, prefix, [Told(KEY, "behind it", "left")])
                await _until_old(worker, f"{prefix}.left", [AT])
            await topics.until("it is served", lambda: worker.shown("staydown_lag_seconds", f"{prefix}.left")[AT] == 0)

    _with_worker(kafka, prefix, tmp_path, story)


def test_what_comes_while_another_process_holds_the_group_gets_older(kafka: str, prefix: str, tmp_path: Path) -> None:
    """It does not let go of what it has, so that nobody is assigned anything."""

    async def story(worker: Worker) -> None:
        async with AsyncExitStack() as stack:
            holding = Holding()
            await _join(kafka, prefix, stack, holding)
            await topics.until("both have a share", lambda: holding.has_some and len(worker.logged("assigned")) > 1)
            kept = worker.logged("assigned")[-1]["partitions"]
            await _join(kafka, prefix, stack, Holding())
            stack.callback(holding.let_go.set)
            await topics.until("it is asked to let go", lambda: holding.is_asked)
            await topics.tell(kafka, prefix, [Told(key, key, "left") for key in EVERY_KEY])
            await _until_old(worker, f"{prefix}.left", kept)

    _with_worker(kafka, prefix, tmp_path, story)


class Holding(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Lets go of what it has only when told to."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.has_some = False
        self.is_asked = False

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Wait, if there is anything to let go of."""
        if revoked:
            self.is_asked = True
            await self.let_go.wait()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Take it."""
        self.has_some = bool(assigned)


async def _join(kafka: str, prefix: str, stack: AsyncExitStack, holding: Holding) -> None:
    """Make this process a member of the sample's group."""
    settings = Settings(kafka=kafka, session_timeout_ms=SESSION_TIMEOUT_MS)
    consumer = group_consumer(settings, prefix, CopartitionedAssignor())
    await consumer.start()
    stack.push_async_callback(consumer.stop)
    consumer.subscribe([f"{prefix}.left", f"{prefix}.right"], listener=holding)


def _with_worker(kafka: str, prefix: str, folder: Path, story: Callable[[Worker], Coroutine[None, None, None]]) -> None:
    """Play a story with one worker, which has begun."""

    async def run(worker: Worker) -> None:
        await topics.until("it has begun", lambda: bool(worker.logged("assigned")))
        await story(worker)

    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, folder) as running:
        asyncio.run(run(running.start()))


async def _until_old(worker: Worker, topic: str, numbers: Sequence[int]) -> None:
    """Return when the oldest that waits in each of these partitions is old, by what the worker shows."""

    def are_old() -> bool:
        shown = worker.shown("staydown_lag_seconds", topic)
        return all(shown.get(number, 0.0) > GROWN_SECONDS for number in numbers)

    await topics.until(f"what waits in {topic} gets older", are_old, 20.0)
