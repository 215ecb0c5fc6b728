"""What a peer is told: a JSON file, named in its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import msgspec

VARIABLE = "LOADTEST_PEER_TASK"
READY = "peer is ready"
"""What a peer prints once it holds its partitions. Faust puts the time before it."""


class Stage(StrEnum):
    """Which part of the work is measured: from an upload to its verdict, or to what reading it found."""

    PIPELINE = "whole pipeline"
    HASHING = "hashing alone"


@dataclass(frozen=True, slots=True)
class Task:
    """One pass of one peer. `listings`: the works that list a content, by its BLAKE3.

    For a peer on Kafka: a topic to read, one to write, and a group of its own. For one without: the uploads, each
    with the place of its file, and where to put the answers.
    """

    stage: Stage
    listings: Mapping[str, tuple[str, ...]]
    rightsholder_id: str
    bootstrap: str = ""
    group: str = ""
    reads: str = ""
    writes: str = ""
    uploads: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    answers: str = ""


def save_task(task: Task, path: Path) -> None:
    """Write the file."""
    path.write_bytes(msgspec.json.encode(task))


def read_task() -> Task:
    """Read the file that the environment names."""
    return msgspec.json.decode(Path(os.environ[VARIABLE]).read_bytes(), type=Task)
