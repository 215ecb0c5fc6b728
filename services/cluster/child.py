"""A child process, as a value: what to start, with which environment, and where its words go."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# A log that has grown to this is set aside at the next start; one older is kept.
LOG_BYTES_MAX = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running; `environment` is added to our own; `gives_way`: it has what time others leave."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    gives_way: bool = False


def open_log(path: Path) -> int:
    """Return a descriptor that appends to the log, after setting one aside that has grown too large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_name(f"{path.name}.1"))
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
