"""Files of one size, few enough for any disk, and what their bytes are by calls that the services do not make."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import xxhash
from blake3 import blake3

from services.contracts.types import Content

# Twice the third-level cache of a large processor: what is read comes from memory, as in life.
FILES_BYTES = 64 * 1024 * 1024
# More files than that are no other load.
FILES_MAX = 1_000
# Random bytes are drawn, and hashed for the truth, in parts.
PART_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class File:
    """A file on disk and what its bytes are."""

    path: str
    content: Content


@dataclass(frozen=True, slots=True)
class Files:
    """Files of one size in bytes."""

    size: int
    made: tuple[File, ...]


def make(folder: Path, size: int, seed: int) -> Files:
    """Write files of random bytes, 64 MiB of them or one if it is larger; they are in the page cache afterwards."""
    source = random.Random(seed)
    folder.mkdir(parents=True)
    count = min(max(1, FILES_BYTES // size), FILES_MAX)
    return Files(size, tuple(_make(folder / f"{number:04}", size, source) for number in range(count)))


def disk_bytes(size: int) -> int:
    """Return how much the files of a size take."""
    return size * min(max(1, FILES_BYTES // size), FILES_MAX)


def _make(path: Path, size: int, source: random.Random) -> File:
    identity, check = blake3(), xxhash.xxh3_128()
    with path.open("wb") as file:
        for part in _parts(size, source):
            file.write(part)
            identity.update(part)
            check.update(part)
    return File(str(path), Content(check.hexdigest(), identity.hexdigest(), size))


def _parts(size: int, source: random.Random) -> Iterator[bytes]:
    for begin in range(0, size, PART_BYTES):
        yield source.randbytes(min(PART_BYTES, size - begin))
