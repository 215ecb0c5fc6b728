"""Who serves what: partition numbers are dealt out, so that number p of every topic is with one member.

Promises: every number has exactly one member; no member has two more than another; a member keeps what it has as far
as that allows, since what moves has to be restored. Topics with different numbers of partitions are an error.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

VERSION = 0


class NotCopartitionedError(Exception):
    """The topics of one service have different numbers of partitions. The message says which has how many."""


def deal(partitions: int, owned: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """Return the numbers of each member; `owned` is what each member says that it has, the names are the members."""
    least, extra = divmod(partitions, len(owned))
    by_size = sorted(owned, key=lambda member: (-len(owned[member]), member))
    room = {member: least + (rank < extra) for rank, member in enumerate(by_size)}
    free = set(range(partitions))
    dealt: dict[str, list[int]] = {}
    for member in by_size:
        kept = [number for number in sorted(set(owned[member])) if number in free][: room[member]]
        dealt[member] = kept
        free.difference_update(kept)
    waiting = sorted(free, reverse=True)
    for member in by_size:
        while len(dealt[member]) < room[member]:
            dealt[member].append(waiting.pop())
    return {member: sorted(numbers) for member, numbers in dealt.items()}


def one_count(counts: Mapping[str, int]) -> int:
    """Return the number of partitions that all topics have, or raise `NotCopartitionedError`."""
    if len(set(counts.values())) != 1 or not all(counts.values()):
        said = ", ".join(f"{topic} has {count}" for topic, count in sorted(counts.items()))
        raise NotCopartitionedError(f"all topics must have one number of partitions: {said}")
    return next(iter(counts.values()))


class CopartitionedAssignor:
    """The assignor of one consumer, in the form that aiokafka asks for; it remembers what this member has.

    Its name says in how many `parts` an index lies: so the broker lets no member in that is told another number than
    those which are there (INCONSISTENT_GROUP_PROTOCOL), and would find nothing of what lies elsewhere.
    """

    def __init__(self, parts: int = 1) -> None:
        self.name = "staydown-copartitioned" if parts == 1 else f"staydown-copartitioned-{parts}"
        self._owned: list[int] = []

    def metadata(self, topics: Sequence[str]) -> ConsumerProtocolMemberMetadata:
        """Return what this member tells the leader: its topics, and the numbers that it has."""
        return ConsumerProtocolMemberMetadata(VERSION, list(topics), orjson.dumps(self._owned))

    def on_assignment(self, assignment: ConsumerProtocolMemberAssignment) -> None:
        """Remember what this member got."""
        self._owned = sorted({number for _, numbers in assignment.assignment for number in numbers})

    def assign(self, cluster: Any, members: Mapping[str, Any]) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Return, as the leader, what each member gets; `members` maps ids to what `metadata` gave there."""
        topics = {topic for member in members.values() for topic in member.subscription}
        count = one_count({topic: len(cluster.partitions_for_topic(topic) or ()) for topic in topics})
        owned = {name: orjson.loads(member.user_data or b"[]") for name, member in members.items()}
        return {
            name: ConsumerProtocolMemberAssignment(
                VERSION, [(topic, numbers) for topic in sorted(members[name].subscription)], b""
            )
            for name, numbers in deal(count, owned).items()
        }
