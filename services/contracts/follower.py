"""A service that follows topics and writes none: as data, beside the processors."""

from dataclasses import dataclass

from services.contracts.topics import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """One service as data. `engine`: what runs it. `reads`: the topics. `keeps`: one line on the state, for people."""

    name: str
    engine: str
    reads: tuple[Topic, ...]
    keeps: str
