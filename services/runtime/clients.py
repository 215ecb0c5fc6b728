"""The Kafka clients of the engines, with every setting that matters written out."""

from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from services.runtime.planning import DEAD_LETTER_BYTES_MAX
from services.runtime.settings import Settings, client_options

# Little enough that a partition that pauses, resumes or is new is fetched from soon: one poll holds up the next.
FETCH_WAIT_MS = 50
# Kafka's default. It counts only after an error, and a broker that starts again needs the processor for itself: with
# 10 ms, one service trying to reach it took a third of a core from it.
RETRY_BACKOFF_MS = 100
# Some 2,000 answers; larger batches gain nothing.
BATCH_BYTES_MAX = 512 * 1024
# State is read back at one go: that wants throughput.
RESTORE_BYTES_MAX = 4 * 1024 * 1024
# A poll that waits for nothing is repeated so often by every unit; what comes is answered at once. A partition that
# goes on after a pause waits for the poll of the others to end, so a unit catches up with 20,000 records a second.
BROADCAST_WAIT_MS = 500
HEARTBEATS_PER_SESSION = 6
# Above the bounded drain of whoever loses partitions.
REBALANCE_TIMEOUT_MS = 15_000
# A loop that hangs for so long has lost its session before.
POLL_INTERVAL_MS_MAX = 600_000


def group_consumer(
    settings: Settings, group: str, assignor: Any = RoundRobinPartitionAssignor, begins: str = "none"
) -> AIOKafkaConsumer:
    """Return a consumer of the group, to be subscribed once it has started; offsets are committed by hand.

    `begins`: where a partition begins of which the group knows no place that is there: nowhere, or the `earliest`.
    """
    return AIOKafkaConsumer(
        **client_options(settings),
        group_id=group,
        group_instance_id=f"{group}-{settings.instance}" if settings.instance else None,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset=begins,
        partition_assignment_strategy=(assignor,),
        session_timeout_ms=settings.session_timeout_ms,
        heartbeat_interval_ms=settings.session_timeout_ms // HEARTBEATS_PER_SESSION,
        rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
        max_poll_interval_ms=POLL_INTERVAL_MS_MAX,
        fetch_max_wait_ms=FETCH_WAIT_MS,
        retry_backoff_ms=RETRY_BACKOFF_MS,
    )


def lone_consumer(settings: Settings) -> AIOKafkaConsumer:
    """Return a consumer of no group, which reads what it is told to or only asks where partitions begin and end."""
    return AIOKafkaConsumer(
        **client_options(settings),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=RESTORE_BYTES_MAX,
        retry_backoff_ms=RETRY_BACKOFF_MS,
    )


def broadcast_consumer(settings: Settings) -> AIOKafkaConsumer:
    """Return a consumer of no group for the broadcasts of one unit: cheap while nothing comes."""
    return AIOKafkaConsumer(
        **client_options(settings),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=BROADCAST_WAIT_MS,
        retry_backoff_ms=RETRY_BACKOFF_MS,
    )


def idempotent_producer(settings: Settings) -> AIOKafkaProducer:
    """Return a producer whose retries write nothing twice."""
    return AIOKafkaProducer(
        **client_options(settings),
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=BATCH_BYTES_MAX,
        max_request_size=DEAD_LETTER_BYTES_MAX,
        retry_backoff_ms=RETRY_BACKOFF_MS,
    )
