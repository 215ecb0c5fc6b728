"""What was measured, as data: `coefficients.json`, written by `python -m loadtest cost --measure`.

A service that is added is a name more in each of these; the model adds up whatever is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from loadtest.target import LoadTestError

COMMITTED = Path(__file__).with_name("coefficients.json")
DIGITS = 4
BROKER = "broker"
"""The name under which the broker's CPU stands among the services'."""


@dataclass(frozen=True, slots=True)
class PerEvent:
    """What one of a kind costs: an upload, a takedown, a chunk that is compared.

    `cpu_us`: by service, in microseconds. `topic_bytes`: what it appends to each topic. `kept_bytes`: what stays of
    that in a compacted topic once only the latest of each key is left. `memory_bytes`: by service, for ever.
    `found_by_bytes`: by service, what a disk has besides what the changelog keeps, to find it by.
    """

    cpu_us: Mapping[str, float] = field(default_factory=dict)
    topic_bytes: Mapping[str, float] = field(default_factory=dict)
    kept_bytes: Mapping[str, float] = field(default_factory=dict)
    memory_bytes: Mapping[str, float] = field(default_factory=dict)
    found_by_bytes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparing:
    """What comes on top of an upload of at most 128 KiB, which is not compared.

    `compared`: for each other one. `chunk`: for each chunk that its sample keeps. Where the index is divided, `part`:
    for each part of it that another unit has; `moved`: for each chunk in those.
    """

    compared: PerEvent
    chunk: PerEvent
    part: PerEvent
    moved: PerEvent

    @property
    def events(self) -> tuple[PerEvent, ...]:
        """All of them, in the order of `load.UNITS`."""
        return self.compared, self.chunk, self.part, self.moved


@dataclass(frozen=True, slots=True)
class Coefficients:
    """All that was measured. `gigabyte_cpu_us`: by service, for 10^9 bytes of content.

    `index_bytes_per_reference`: of the recogniser's state, in memory, for a reference of 5 MiB; every unit has all of
    them, or its part; `index_bytes_in_each_part`: so much of it is in each, however many parts there are;
    `index_disk_…`: the same on disk. None until somebody measures it.
    """

    machine: str
    how: str
    upload: PerEvent
    comparing: Comparing
    registration: PerEvent
    takedown: PerEvent
    reinstatement: PerEvent
    gigabyte_cpu_us: Mapping[str, float]
    index_bytes_per_reference: float | None = None
    index_disk_bytes_per_reference: float | None = None
    index_bytes_in_each_part: float = 0.0
    index_disk_bytes_in_each_part: float = 0.0

    @property
    def events(self) -> tuple[PerEvent, ...]:
        """Everything that happens, in the order of `load.UNITS`."""
        return self.upload, *self.comparing.events, self.registration, self.takedown, self.reinstatement


def read_coefficients(path: Path = COMMITTED) -> Coefficients:
    """Return what a file says; LoadTestError with one sentence if it is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Coefficients)
    except OSError as error:
        raise LoadTestError(f"The coefficients {path} cannot be read: {error.strerror}.") from error
    except msgspec.DecodeError as error:
        raise LoadTestError(f"The coefficients {path} are malformed: {error}.") from error


def save_coefficients(coefficients: Coefficients, path: Path) -> None:
    """Write the file."""
    rounded = _rounded(msgspec.to_builtins(coefficients))
    path.write_bytes(msgspec.json.format(msgspec.json.encode(rounded)) + b"\n")


def _rounded(value: Any) -> Any:
    """Return numbers with the digits that a measurement has."""
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
