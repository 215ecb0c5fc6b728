"""Who may do what on a Kafka with an authoriser: derived from the pipeline, pure.

A service's principal is the service's name. It may read what the pipeline says that it reads, write what it writes, and
use the consumer group and the transactional ids that bear its name; nobody else may do any of that. Those outside have
a principal each, and may do only what their part needs. Kafka itself adds that who may read or write a topic may also
see that it is there, and that a producer with one topic to write may be an idempotent one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.contracts.follower import Follower
from services.contracts.processor import Engine, Processor
from services.contracts.topics import (
    DISPUTES_SUBMITTED,
    NOTICES_ISSUED,
    REVIEWS_SUBMITTED,
    RIGHTSHOLDERS_SUBMITTED,
    TAKEDOWNS_ISSUED,
    TOPICS,
    UPLOADS_SUBMITTED,
    VERDICTS_DECIDED,
    WORKS_RECEIPTS,
    WORKS_SUBMITTED,
    Topic,
    changelog,
    dead_letters,
)
from services.pipeline import FOLLOWERS, PIPELINE
from services.runtime.provisioning import PLANNED

_FROM_WORLD = tuple(topic for topic in TOPICS if topic.from_world)
_EVERYTHING = tuple(planned.name for planned in PLANNED)


class Resource(StrEnum):
    """What a permission is about, as Kafka's own tools and Strimzi call it."""

    TOPIC = "topic"
    GROUP = "group"
    TRANSACTIONAL_ID = "transactionalId"


class Operation(StrEnum):
    """What may be done with it, by the same names."""

    READ = "Read"
    WRITE = "Write"
    CREATE = "Create"
    DELETE = "Delete"
    DESCRIBE = "Describe"
    DESCRIBE_CONFIGS = "DescribeConfigs"
    ALTER_CONFIGS = "AlterConfigs"


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One operation that is allowed on one resource, or, `prefixed`, on all whose names begin so, from any host."""

    resource: Resource
    name: str
    operation: Operation
    prefixed: bool = False


def permissions(rightsholders: Iterable[str] = ()) -> Mapping[str, tuple[Permission, ...]]:
    """Return for each principal what it may do; `rightsholders` are the principals of rightsholders."""
    everybody = {
        **{each.name: _of_processor(each) for each in PIPELINE},
        **{each.name: _of_follower(each) for each in FOLLOWERS},
        "notifier": _of_checking("notifier", _TOLD, ()),
        "provisioner": _of_provisioner(),
        **{name: _of(name, reads, writes) for name, (reads, writes) in _OUTSIDERS.items()},
    }
    groups = {each.name for held in everybody.values() for each in held if each.resource is Resource.GROUP}
    everybody |= {"keeper": _of_keeper(groups), "restorer": _of_restorer(groups)}
    named = {name: of_rightsholder() for name in rightsholders}
    if taken := everybody.keys() & named.keys():
        raise ValueError(f"{min(taken)} is the principal of somebody else than a rightsholder")
    return {**everybody, **named}


def of_rightsholder() -> tuple[Permission, ...]:
    """Return what the principal of a rightsholder may do: submit works, and read nothing.

    For whom it submits is no matter of the broker's: the registry takes a record only with a signature by the key that
    its rightsholder is enrolled with. Disputes are not signed, so what a rightsholder says in one comes through whoever
    signed them in: the console, or the platform's own pages.
    """
    return _on(Resource.TOPIC, [WORKS_SUBMITTED], Operation.WRITE)


_TOLD = (NOTICES_ISSUED, VERDICTS_DECIDED)
_OUTSIDERS: Mapping[str, tuple[Sequence[Topic | str], Sequence[Topic]]] = {
    # name: (topics that it reads, topics that it writes)
    "console": ((), (REVIEWS_SUBMITTED, DISPUTES_SUBMITTED)),
    # It enrols itself, so its principal is worth as much as the legal team's.
    "canary": ((VERDICTS_DECIDED, WORKS_RECEIPTS), (UPLOADS_SUBMITTED, WORKS_SUBMITTED, RIGHTSHOLDERS_SUBMITTED)),
    "upload-pipeline": ((VERDICTS_DECIDED,), (UPLOADS_SUBMITTED,)),
    "legal-team": ((), (RIGHTSHOLDERS_SUBMITTED,)),
    # It speaks for whoever is enrolled without a key, or with the key at hand: registers, gives back what was wrong.
    "works-desk": ((WORKS_SUBMITTED, WORKS_RECEIPTS, TAKEDOWNS_ISSUED, DISPUTES_SUBMITTED), (WORKS_SUBMITTED,)),
    "trust-and-safety": ((VERDICTS_DECIDED, WORKS_RECEIPTS, NOTICES_ISSUED), (REVIEWS_SUBMITTED,)),
    "dispute-desk": ((DISPUTES_SUBMITTED, TAKEDOWNS_ISSUED, NOTICES_ISSUED), (DISPUTES_SUBMITTED,)),
    "auditor": (tuple(topic for topic in TOPICS if topic.public), ()),
    # `staydown dlq` looks at dead letters, and sends them once more to where they came from.
    "dead-letter-desk": (
        (*(planned.name for planned in PLANNED if planned.name.endswith(".dead")), *_FROM_WORLD),
        _FROM_WORLD,
    ),
}


def _of_processor(processor: Processor) -> tuple[Permission, ...]:
    """With state it reads that back, and writes in transactions, each unit under an id of its own."""
    reads, writes = (*processor.reads, *processor.broadcasts), processor.writes
    dead = _dead_letters(processor.name, reads)
    if processor.engine is Engine.AT_LEAST_ONCE:
        return _of_checking(processor.name, reads, (*writes, *dead))
    state = changelog(processor.name)
    own = Permission(Resource.TRANSACTIONAL_ID, f"{processor.name}-", Operation.WRITE, prefixed=True)
    return (*_of_checking(processor.name, (*reads, state), (*writes, *dead, state)), own)


def _of_follower(follower: Follower) -> tuple[Permission, ...]:
    return _of_checking(follower.name, follower.reads, _dead_letters(follower.name, follower.reads))


def _dead_letters(name: str, reads: Iterable[Topic]) -> tuple[str, ...]:
    return tuple(dead_letters(topic.name, name) for topic in reads if topic.public)


def _of_checking(name: str, reads: Sequence[Topic | str], writes: Sequence[Topic | str]) -> tuple[Permission, ...]:
    """Who looks at start whether its topics are as they must be may see how they are set."""
    return (*_of(name, reads, writes), *_on(Resource.TOPIC, (*reads, *writes), Operation.DESCRIBE_CONFIGS))


def _of(name: str, reads: Sequence[Topic | str], writes: Sequence[Topic | str]) -> tuple[Permission, ...]:
    """Who reads may do so in a group of its own name."""
    return (
        *_on(Resource.TOPIC, reads, Operation.READ),
        *_on(Resource.TOPIC, writes, Operation.WRITE),
        *_on(Resource.GROUP, [name] if reads else [], Operation.READ),
    )


def _of_provisioner() -> tuple[Permission, ...]:
    """Who runs `staydown topics create` and `check`: it alone may make topics, and only those of the pipeline."""
    operations = (Operation.CREATE, Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS)
    return tuple(each for operation in operations for each in _on(Resource.TOPIC, _EVERYTHING, operation))


def _of_keeper(groups: Iterable[str]) -> tuple[Permission, ...]:
    """Who runs `staydown backup`: it reads everything, sees where everybody stands, and changes nothing.

    How topics are kept tells it of a restore that was broken off. Groups are named, since a Kafka may have others than
    ours, of which nobody has to stop.
    """
    operations = (Operation.READ, Operation.DESCRIBE_CONFIGS)
    topics = [each for operation in operations for each in _on(Resource.TOPIC, _EVERYTHING, operation)]
    return (*topics, *_on(Resource.GROUP, groups, Operation.DESCRIBE))


def _of_restorer(groups: Iterable[str]) -> tuple[Permission, ...]:
    """Who runs `staydown restore`: it makes the topics, fills them, and sets everybody to where they stood.

    To delete is what it takes to have a partition begin above 0; `delete.topic.enable: false` keeps it from more.
    """
    operations = (Operation.CREATE, Operation.READ, Operation.WRITE, Operation.DELETE, Operation.ALTER_CONFIGS)
    topics = [each for operation in operations for each in _on(Resource.TOPIC, _EVERYTHING, operation)]
    return (*topics, *_on(Resource.GROUP, groups, Operation.READ))


def _on(resource: Resource, names: Iterable[Topic | str], operation: Operation) -> tuple[Permission, ...]:
    return tuple(Permission(resource, name, operation) for name in sorted({str(each) for each in names}))
