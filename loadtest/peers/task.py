"""What a peer is told: a JSON file, named in its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import msgspec

from services.contracts.topics import UPLOADS_READ, UPLOADS_SUBMITTED, VERDICTS_DECIDED, Topic

VARIABLE = "LOADTEST_PEER_TASK"
READY = "peer is ready"
"""What a peer prints once it holds its partitions. Faust puts the time before it."""


class Stage(StrEnum):
    """Which part of the work is measured: from an upload to its verdict, or to what reading it found."""

    PIPELINE = "whole pipeline"
    HASHING = "hashing alone"


ANSWERS = {Stage.PIPELINE: VERDICTS_DECIDED, Stage.HASHING: UPLOADS_READ}
"""Where each upload has one answer."""


@dataclass(frozen=True, slots=True)
class Task:
    """One pass of one peer. `listings`: the works that list a content, by its BLAKE3.

    For a peer on Kafka: a group, and topics of its own that have its name. For one that reads as the hasher does: the
    folder to read below. For one without Kafka: the uploads, each with the place of its file, and where to put answers.
    """

    stage: Stage
    listings: Mapping[str, tuple[str, ...]]
    rightsholder_id: str
    bootstrap: str = ""
    partitions: int = 0
    group: str = ""
    media: str = ""
    uploads: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    answers: str = ""

    def own(self, topic: Topic) -> str:
        """Return the name of this peer's own topic like that one."""
        return f"{self.group}.{topic.name}"

    @property
    def reads(self) -> str:
        """The topic of uploads that it reads."""
        return self.own(UPLOADS_SUBMITTED)

    @property
    def writes(self) -> str:
        """The topic that it answers on."""
        return self.own(ANSWERS[self.stage])


def save_task(task: Task, path: Path) -> None:
    """Write the file."""
    path.write_bytes(msgspec.json.encode(task))


def read_task() -> Task:
    """Read the file that the environment names."""
    return msgspec.json.decode(Path(os.environ[VARIABLE]).read_bytes(), type=Task)
