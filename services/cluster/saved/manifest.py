"""What was saved: topics with their files' checksums, where they began and ended, and where groups stood.

Promises: the manifest is written last and at once, so a folder that has none was not finished; what it names is there
as it was written, or is told by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from services.cluster.errors import ClusterError
from services.cluster.saved.records import digest

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Part:
    """A partition: offsets of its first record and of the one that would come next, how many records there were.

    `places`: for each offset at which somebody stood, how many records are before it.
    """

    first: int
    end: int
    count: int
    sha256: str
    places: Mapping[int, int]

    @property
    def is_whole(self) -> bool:
        """Whether every offset has a record: nothing was compacted away, and no transaction left a marker."""
        return self.count == self.end - self.first


@dataclass(frozen=True, slots=True)
class Manifest:
    """One copy of everything. `groups`: by group and topic, the offset in each partition, None where it has none."""

    taken_at: str
    version: str
    partitions: int
    topics: Mapping[str, Sequence[Part]]
    groups: Mapping[str, Mapping[str, Sequence[int | None]]]
    format: int = FORMAT


def path_of(folder: Path, topic: str, partition: int) -> Path:
    """Return the file of a partition."""
    return folder / topic / f"{partition}.gz"


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, which makes the copy whole."""
    new = folder / f"{NAME}.new"
    new.write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    new.rename(folder / NAME)


def read(folder: Path) -> Manifest:
    """Return the manifest of a copy whose files are all as they were written; ClusterError names what is wrong."""
    try:
        manifest = msgspec.json.decode((folder / NAME).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise ClusterError(f"There is no finished copy in {folder}: it has no {NAME}.") from None
    except msgspec.DecodeError as error:
        raise ClusterError(f"{folder / NAME} cannot be read: {error}.") from error
    if manifest.format != FORMAT:
        raise ClusterError(f"{folder} is a copy of format {manifest.format}; this version reads {FORMAT}.")
    for topic, parts in manifest.topics.items():
        for number, part in enumerate(parts):
            _check(path_of(folder, topic, number), part)
    return manifest


def _check(path: Path, part: Part) -> None:
    try:
        is_same = digest(path) == part.sha256
    except OSError as error:
        raise ClusterError(f"{path} cannot be read: {error.strerror}.") from error
    if not is_same:
        raise ClusterError(f"{path} is not as it was written: its checksum differs.")
