"""How much topics hold: on the broker's disk, and of that what stays once only the latest of each key is left."""

import re
import time
from collections import defaultdict
from collections.abc import Mapping

from aiokafka import TopicPartition

from loadtest.peers.subjects import Bench
from loadtest.reading import lone_consumer
from loadtest.target import LoadTestError
from services.contracts.processor import Engine
from services.contracts.topics import VERDICTS_DECIDED, changelog
from services.pipeline import PIPELINE

SECONDS_MAX = 120.0
POLL_MS = 200
_PARTITION = re.compile(r"(.+)-(\d+)")
COMPACTED = (
    VERDICTS_DECIDED.name,
    *(changelog(processor.name) for processor in PIPELINE if processor.engine is Engine.EXACTLY_ONCE),
)


def topic_bytes(bench: Bench) -> Mapping[str, float]:
    """Return the bytes of each topic's segments. Segments only grow here: nothing is as old as to be removed."""
    found: dict[str, float] = defaultdict(float)
    for folder in (bench.folder / "kafka").glob("kafka-*/data/*-*"):
        if partition := _PARTITION.fullmatch(folder.name):
            found[partition[1]] += sum(segment.stat().st_size for segment in folder.glob("*.log"))
    return found


async def kept_bytes(bench: Bench) -> Mapping[str, float]:
    """Return the bytes of the latest record of each key, for each topic that is compacted. Keys and values alone."""
    found = {}
    for name in COMPACTED:
        latest: dict[tuple[int, bytes], int] = {}
        partitions = [TopicPartition(name, number) for number in range(bench.broker.partitions)]
        async with lone_consumer(bench.broker.bootstrap, partitions) as consumer:
            ends = await consumer.end_offsets(partitions)
            await consumer.seek_to_beginning(*partitions)
            deadline = time.monotonic() + SECONDS_MAX
            while [at for at in partitions if await consumer.position(at) < ends[at]]:
                if time.monotonic() > deadline:
                    raise LoadTestError(f"{name} could not be read to its end.")
                for at, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
                    for record in records:
                        size = len(record.key) + len(record.value) if record.value is not None else 0
                        latest[at.partition, record.key] = size
        found[name] = float(sum(latest.values()))
    return found
