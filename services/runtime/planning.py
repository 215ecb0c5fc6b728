"""Which topics processors need and how Kafka is to keep them: derived from the topics' own records, pure.

public topic read      →  `<topic>.<service>.dead`: what could not be read, untouched
exactly-once service   →  `<service>.state`: its changelog, the truth about its state
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.contracts.follower import Follower
from services.contracts.processor import Engine, Processor
from services.contracts.topics import DAY_MS, Cleanup, Topic, changelog, dead_letters

HOUR_MS = DAY_MS // 24
MIB = 1024 * 1024
# Kafka's own default for a batch, written out since the contract names it.
MESSAGE_BYTES_MAX = MIB + 12
# A dead letter is the whole record and headers that say why: the largest record must still fit.
DEAD_LETTER_BYTES_MAX = 2 * MIB
# Somebody has to notice, repair the producer and replay.
DEAD_LETTER_RETENTION_MS = 90 * DAY_MS
# Only closed segments are compacted; an hour and 64 MiB bound what a restore reads twice.
STATE_SEGMENT_BYTES = 64 * MIB
# A removed entry is told of for so long; a local copy of the state that is older is rebuilt.
STATE_REMOVALS_MS = DAY_MS
# Who was away for a week, as for the topics that are deleted after one, still learns what was forgotten.
TOMBSTONE_RETENTION_MS = 7 * DAY_MS

# Every topic while a copy is being brought back: deletable, and stamped as the records were.
RESTORING = {"cleanup.policy": "delete", "retention.ms": "-1", "message.timestamp.type": "CreateTime"}


@dataclass(frozen=True, slots=True)
class Planned:
    """A topic as Kafka is to keep it. All have the same number of partitions."""

    name: str
    configs: Mapping[str, str] = field(hash=False)


def plan(
    processors: Iterable[Processor], topics: Iterable[Topic] = (), followers: Iterable[Follower] = ()
) -> tuple[Planned, ...]:
    """Return the topics that these services read and write, and `topics`, each once, in the order of names."""
    planned = {topic.name: _shared(topic) for topic in topics}
    for processor in processors:
        read = (*processor.reads, *processor.broadcasts)
        planned |= {topic.name: _shared(topic) for topic in (*read, *processor.writes)}
        planned |= _all_dead_letters(processor.name, read)
        if processor.engine is Engine.EXACTLY_ONCE:
            planned[changelog(processor.name)] = _changelog(changelog(processor.name))
    for follower in followers:
        planned |= {topic.name: _shared(topic) for topic in follower.reads}
        planned |= _all_dead_letters(follower.name, follower.reads)
    return tuple(planned[name] for name in sorted(planned))


def _shared(topic: Topic) -> Planned:
    configs = {"max.message.bytes": str(MESSAGE_BYTES_MAX), **_kept(topic)}
    if topic.from_world:
        # Stored as they will be read: so the limit holds for what a bomb unpacks to, and no service needs the
        # producer's codec. Stamped by the broker: a producer's wrong clock would have retention remove the record.
        configs |= {"compression.type": "uncompressed", "message.timestamp.type": "LogAppendTime"}
    return Planned(topic.name, configs)


def _kept(topic: Topic) -> dict[str, str]:
    match topic.cleanup:
        case Cleanup.COMPACT:
            return {"cleanup.policy": "compact", "delete.retention.ms": str(TOMBSTONE_RETENTION_MS)}
        case Cleanup.KEEP:
            return {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
        case Cleanup.DELETE:
            return {"cleanup.policy": "delete", "retention.ms": str(topic.retention_ms), "retention.bytes": "-1"}


def _all_dead_letters(service: str, read: Iterable[Topic]) -> dict[str, Planned]:
    names = (dead_letters(topic.name, service) for topic in read if topic.public)
    return {name: _dead_letters(name) for name in names}


def _dead_letters(name: str) -> Planned:
    retention = {"retention.ms": str(DEAD_LETTER_RETENTION_MS), "retention.bytes": "-1"}
    return Planned(name, {"cleanup.policy": "delete", "max.message.bytes": str(DEAD_LETTER_BYTES_MAX), **retention})


def _changelog(name: str) -> Planned:
    return Planned(
        name,
        {
            "cleanup.policy": "compact",
            "max.message.bytes": str(MESSAGE_BYTES_MAX),
            "segment.bytes": str(STATE_SEGMENT_BYTES),
            "segment.ms": str(HOUR_MS),
            "min.cleanable.dirty.ratio": "0.2",  # a restore reads at most a quarter more than there is
            "delete.retention.ms": str(STATE_REMOVALS_MS),
        },
    )
